import SegCore
import SegLayers
import SegTensor

/// A small relative of the U-Net, made of the library's layers: one step down, one step up, joined by a learned gate.
public final class TwoScaleNet: Backbone {
    public struct Settings: PluginSettings {
        /// Channels at full resolution.
        public var width = 8

        public init() {}

        public func validate() throws {
            try require("width", width, in: 1...256)
        }
    }

    public static let name = "two-scale"
    public static let summary = "One step down, one step up, joined by a learned gate"

    public let outline: PyramidOutline
    private let fine: DoubleConvolution
    private let coarse: DoubleConvolution
    private let up: Upsampling2D
    private let gate: Convolution2D

    public init(_ settings: Settings, inputChannels: Int, initializer: inout WeightInitializer) throws {
        try settings.validate()
        let width = settings.width
        fine = DoubleConvolution(
            inputChannels: inputChannels,
            outputChannels: width,
            normalization: .instance,
            initializer: &initializer
        )
        coarse = DoubleConvolution(
            inputChannels: width,
            outputChannels: 2 * width,
            normalization: .instance,
            initializer: &initializer
        )
        up = Upsampling2D(.bilinear, inputChannels: 2 * width, outputChannels: width, initializer: &initializer)
        gate = Convolution2D(inputChannels: 2 * width, outputChannels: width, kernelSize: 1, initializer: &initializer)
        outline = PyramidOutline(denseChannels: width, bottleneckChannels: 2 * width, sizeMultiple: 2)
    }

    public func features(of images: Tensor, phase: Phase) -> FeaturePyramid {
        let detail = fine(images, phase)
        let bottleneck = coarse(detail.maxPooled2x2(), phase)
        let context = up(bottleneck)
        // Where the gate is 1 the coarse view decides, where it is 0 the fine one.
        let share = gate(Tensor.concatenated([detail, context])).sigmoid()
        return FeaturePyramid(dense: share * context + (1 - share) * detail, bottleneck: bottleneck)
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.part("fine", fine)
        visitor.part("coarse", coarse)
        visitor.part("up", up)
        visitor.part("gate", gate)
    }
}

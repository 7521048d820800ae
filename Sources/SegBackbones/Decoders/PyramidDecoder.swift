public import SegCore
public import SegLayers
public import SegTensor

/// A feature pyramid: all stages brought to as many channels, each added to the coarser one made larger; then all levels
/// made as large as the image and added up.
public final class PyramidDecoder: Decoder {
    public let levelChannels: [Int]
    private let laterals: [Convolution2D]
    private let smoothings: [ConvolutionUnit]
    private let merge: ConvolutionUnit

    public init(_ encoder: EncoderOutline, channels: Int, plan: LayerPlan, initializer: inout WeightInitializer) {
        encoder.requireStages(1, decoder: "PyramidDecoder")
        laterals = encoder.channels.map {
            Convolution2D(inputChannels: $0, outputChannels: channels, kernelSize: 1, initializer: &initializer)
        }
        smoothings = encoder.channels.map { _ in plan.unit(channels, channels, initializer: &initializer) }
        merge = plan.unit(channels, channels, initializer: &initializer)
        // The sum, and what it is made of but for the finest, which has the same resolution.
        levelChannels = Array(repeating: channels, count: encoder.channels.count)
    }

    public func levels(from stages: [Tensor], phase: Phase) -> [Tensor] {
        var maps: [Tensor] = []
        for (lateral, stage) in zip(laterals, stages).reversed() {
            let map = maps.first.map { coarser in
                let factor = stage.shape[2] / coarser.shape[2]
                return lateral(stage, plus: coarser.resizedNearest(factor: factor))
            }
            maps.insert(map ?? lateral(stage), at: 0)
        }
        let levels = zip(smoothings, maps).map { $0($1, phase) }
        let (height, width) = (levels[0].shape[2], levels[0].shape[3])
        let sum = Tensor.residualSum(of: levels.map { $0.resizedBilinear(height: height, width: width) })
        return [merge(sum, phase)] + levels.dropFirst()
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.parts("lateral", laterals)
        visitor.parts("smoothing", smoothings)
        visitor.part("merge", merge)
    }
}

extension DecoderDesign {
    /// A feature pyramid of the given channels.
    public static func pyramid(channels: Int) -> DecoderDesign {
        DecoderDesign { encoder, plan, initializer in
            PyramidDecoder(encoder, channels: channels, plan: plan, initializer: &initializer)
        }
    }
}

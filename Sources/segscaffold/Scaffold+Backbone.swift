extension Scaffold {
    var backbone: Template {
        Template(
            source: backboneSource,
            test: backboneTest,
            registration: "try registry.add(backbone: \(name).self)"
        )
    }

    private var backboneSource: String {
        """
        public import SegCore
        import SegLayers
        public import SegTensor

        /// An encoder and a decoder of one step each, joined at full resolution.
        ///
        /// Change the layers and the outline together: heads are made to the outline's sizes.
        public final class \(name): Backbone {
            public struct Settings: PluginSettings {
                /// Channels at full resolution.
                public var width = 16

                public init() {}

                public func validate() throws {
                    try require("width", width, in: 1...512)
                }
            }

            public static let name = "\(configurationName)"
            public static let summary = "Encoder and decoder of one step each"

            public let outline: PyramidOutline
            private let fine: DoubleConvolution
            private let coarse: DoubleConvolution
            private let up: Upsampling2D
            private let join: DoubleConvolution

            public init(_ settings: Settings, inputChannels: Int, initializer: inout WeightInitializer) throws {
                try settings.validate()
                let width = settings.width
                func stage(_ inputs: Int, _ outputs: Int) -> DoubleConvolution {
                    DoubleConvolution(
                        inputChannels: inputs,
                        outputChannels: outputs,
                        normalization: .instance,
                        initializer: &initializer
                    )
                }
                fine = stage(inputChannels, width)
                coarse = stage(width, 2 * width)
                up = Upsampling2D(.bilinear, inputChannels: 2 * width, outputChannels: width, initializer: &initializer)
                join = stage(2 * width, width)
                outline = PyramidOutline(denseChannels: width, bottleneckChannels: 2 * width, sizeMultiple: 2)
            }

            public func features(of images: Tensor, phase: Phase) -> FeaturePyramid {
                let skip = fine(images, phase)
                let bottleneck = coarse(skip.maxPooled2x2(), phase)
                let dense = join(Tensor.concatenated([skip, up(bottleneck)]), phase)
                return FeaturePyramid(dense: dense, bottleneck: bottleneck)
            }

            public func visit(_ visitor: inout ModuleVisitor) {
                visitor.part("fine", fine)
                visitor.part("coarse", coarse)
                visitor.part("up", up)
                visitor.part("join", join)
            }
        }

        """
    }

    private var backboneTest: String {
        """
        import SegCore
        import SegTestKit
        import Testing
        import \(target)

        @Suite("\(name)")
        struct \(name)Tests {
            @Test("keeps the rules of backbones", arguments: [2, 5])
            func conformance(width: Int) {
                var settings = \(name).Settings()
                settings.width = width
                #expect(checkBackbone(\(name).self, settings: settings, imageSize: 16) == [])
            }

            @Test("refuses settings that make no network")
            func validation() {
                var settings = \(name).Settings()
                settings.width = 0
                #expect(throws: SegmentationError.self) { try settings.validate() }
            }
        }

        """
    }
}

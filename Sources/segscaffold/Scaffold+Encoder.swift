extension Scaffold {
    var encoder: Template {
        Template(
            source: encoderSource,
            test: encoderTest,
            registration: "try registry.add(backbone: \(name)Net.self)"
        )
    }

    private var encoderSource: String {
        """
        public import SegBackbones
        public import SegCore
        import SegLayers
        public import SegTensor

        /// Stages of two convolutions, each at half the resolution of the one before.
        ///
        /// Change the layers, and keep the outline true: decoders are made to its sizes.
        public final class \(name): Encoder {
            public let outline: EncoderOutline
            private let blocks: [DoubleConvolution]

            /// - Parameter widths: channels of each stage, finest first.
            public init(widths: [Int], inputChannels: Int, initializer: inout WeightInitializer) {
                var channels = inputChannels
                var blocks: [DoubleConvolution] = []
                for width in widths {
                    blocks.append(
                        DoubleConvolution(
                            inputChannels: channels,
                            outputChannels: width,
                            normalisation: .instance,
                            initializer: &initializer
                        )
                    )
                    channels = width
                }
                self.blocks = blocks
                outline = EncoderOutline(channels: widths, scales: widths.indices.map { 1 << $0 })
            }

            public func stages(of images: Tensor, phase: Phase) -> [Tensor] {
                var stages: [Tensor] = []
                for block in blocks {
                    stages.append(block(stages.last.map { $0.maxPooled2x2() } ?? images, phase))
                }
                return stages
            }

            public func visit(_ visitor: inout ModuleVisitor) { visitor.parts("encoder", blocks) }
        }

        /// The encoder with the decoder of a U-Net: what configurations name. Any other decoder fits too.
        public final class \(name)Net: ComposedBackbone {
            public struct Settings: PluginSettings {
                /// Stages, the bottleneck included.
                public var depth = 3
                /// Channels of the first stage; each has twice as many as the one before.
                public var width = 16

                public init() {}

                public func validate() throws {
                    try require("depth", depth, in: 2...6)
                    try require("width", width, in: 1...128)
                }
            }

            public static let name = "\(configurationName)-net"
            public static let summary = "U-Net with an encoder of one's own"

            public let network: EncoderDecoder

            public init(_ settings: Settings, inputChannels: Int, initializer: inout WeightInitializer) throws {
                try settings.validate()
                let widths = (0..<settings.depth).map { settings.width << $0 }
                network = EncoderDecoder(
                    encoder: EncoderDesign { channels, _, initializer in
                        \(name)(widths: widths, inputChannels: channels, initializer: &initializer)
                    },
                    decoder: .unet(),
                    inputChannels: inputChannels,
                    initializer: &initializer
                )
            }
        }

        """
    }

    private var encoderTest: String {
        """
        import SegCore
        import SegTestKit
        import Testing
        import \(target)

        @Suite("\(name)")
        struct \(name)Tests {
            @Test("its network keeps the rules of backbones", arguments: [2, 5])
            func conformance(width: Int) {
                var settings = \(name)Net.Settings()
                settings.width = width
                #expect(checkBackbone(\(name)Net.self, settings: settings, imageSize: 16) == [])
            }

            @Test("refuses settings that make no network")
            func validation() {
                var settings = \(name)Net.Settings()
                settings.depth = 1
                #expect(throws: SegmentationError.self) { try settings.validate() }
            }
        }

        """
    }
}

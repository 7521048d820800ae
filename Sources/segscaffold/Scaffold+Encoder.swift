extension Scaffold {
    var encoder: Template {
        Template(
            source: encoderSource,
            test: encoderTest,
            registration: "try registry.add(encoder: \(name).name, summary: \(name).summary, "
                + "settings: \(name).Settings.self) { \(name).design($0) }"
        )
    }

    private var encoderSource: String {
        """
        public import SegBackbones
        public import SegCore
        public import SegLayers
        public import SegTensor

        /// Stages of two convolutions, each at half the resolution of the one before.
        ///
        /// Change the layers, and keep the outline true: decoders are made to its sizes. Any backbone takes it by name:
        /// `backbone: {name: unet, settings: {encoder: \(configurationName)}}`.
        public final class \(name): Encoder {
            public struct Settings: PluginSettings {
                /// Stages, the bottleneck included.
                public var depth = 4
                /// Channels of the first stage; each has twice as many as the one before.
                public var width = 16

                public init() {}

                public func validate() throws {
                    try require("depth", depth, in: 2...7)
                    try require("width", width, in: 1...128)
                }
            }

            public static let name = "\(configurationName)"
            public static let summary = "Stages of two convolutions"

            public let outline: EncoderOutline
            private let blocks: [DoubleConvolution]

            /// - Parameter plan: the style of the backbone that takes it.
            public init(_ settings: Settings, inputChannels: Int, plan: LayerPlan, initializer: inout WeightInitializer) {
                let widths = (0..<settings.depth).map { settings.width << $0 }
                var channels = inputChannels
                var blocks: [DoubleConvolution] = []
                for width in widths {
                    blocks.append(
                        DoubleConvolution(
                            inputChannels: channels,
                            outputChannels: width,
                            normalization: plan.normalization,
                            initializer: &initializer
                        )
                    )
                    channels = width
                }
                self.blocks = blocks
                outline = EncoderOutline(channels: widths, scales: widths.indices.map { 1 << $0 })
            }

            /// The recipe that backbones are given.
            public static func design(_ settings: Settings) -> EncoderDesign {
                EncoderDesign { inputChannels, plan, initializer in
                    \(name)(settings, inputChannels: inputChannels, plan: plan, initializer: &initializer)
                }
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
            @Test("keeps the rules of encoders", arguments: [2, 5])
            func conformance(width: Int) {
                var settings = \(name).Settings()
                settings.depth = 3
                settings.width = width
                let failures = checkEncoder(\(name).name, summary: \(name).summary, settings: settings, imageSize: 16) {
                    \(name).design($0)
                }
                #expect(failures == [])
            }

            @Test("refuses settings that make no network")
            func validation() {
                var settings = \(name).Settings()
                settings.depth = 1
                #expect(throws: SegmentationError.self) { try settings.validate() }
            }
        }

        """
    }
}

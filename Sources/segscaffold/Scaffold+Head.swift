extension Scaffold {
    var head: Template {
        Template(source: headSource, test: headTest, registration: "try registry.add(head: \(name).self)")
    }

    private var headSource: String {
        """
        public import SegCore
        import SegLayers
        public import SegTensor

        /// A task beside the others: the share of the image that the lesion covers, from the coarsest features.
        ///
        /// Change what it predicts in `predict` and what it is held against in `loss`; the output's name is yours.
        public final class \(name): TaskHead {
            public struct Settings: PluginSettings {
                /// Channels between the features and the answer.
                public var width = 16

                public init() {}

                public func validate() throws {
                    try require("width", width, in: 1...4096)
                }
            }

            public static let name = "\(configurationName)"
            public static let summary = "Share of the image that the lesion covers"

            /// The output's name: logits, `[batch, 1]`.
            public static let output: Outputs.Key = "\(configurationName)"

            private let hidden: Linear
            private let answer: Linear

            public init(_ settings: Settings, backbone: PyramidOutline, initializer: inout WeightInitializer) throws {
                try settings.validate()
                hidden = Linear(inputs: backbone.bottleneckChannels, outputs: settings.width, initializer: &initializer)
                answer = Linear(inputs: settings.width, outputs: 1, initializer: &initializer)
            }

            public func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {
                outputs[Self.output] = answer(hidden(features.bottleneck.globalAveragePooled()).relu())
            }

            public func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? {
                guard let share = outputs[Self.output] else { return nil }
                let truth = batch.masks.mean(over: [1, 2, 3]).reshaped(to: [batch.count, 1])
                return (share.sigmoid() - truth).squared().mean()
            }

            public func visit(_ visitor: inout ModuleVisitor) {
                visitor.part("hidden", hidden)
                visitor.part("answer", answer)
            }
        }

        """
    }

    private var headTest: String {
        """
        import SegCore
        import SegTensor
        import SegTestKit
        import Testing
        import \(target)

        @Suite("\(name)")
        struct \(name)Tests {
            @Test("keeps the rules of task heads")
            func conformance() {
                #expect(checkTaskHead(\(name).self) == [])
            }

            @Test("loses nothing where it is right, and more the further it is off")
            func loss() throws {
                var initializer = WeightInitializer(seed: 1)
                let outline = PyramidOutline(denseChannels: 2, bottleneckChannels: 4, sizeMultiple: 2)
                let head = try \(name)(.init(), backbone: outline, initializer: &initializer)
                let batch = Batch.phantom([.benign])
                let share = batch.masks.mean().item
                func loss(_ prediction: Float) throws -> Float {
                    var outputs = Outputs()
                    outputs[\(name).output] = Tensor([prediction], shape: [1, 1])
                    return try #require(head.loss(outputs, batch)).item
                }
                let right = Tensor(share / (1 - share)).log().item
                #expect(try loss(right) < 1e-6)
                #expect(try loss(right + 2) < loss(right + 4))
            }
        }

        """
    }
}

extension Scaffold {
    var term: Template {
        Template(
            source: termSource,
            test: termTest,
            registration: "try registry.add(term: \(name).self)"
        )
    }

    private var termSource: String {
        """
        public import SegCore
        public import SegTensor

        /// No malignancy without a lesion: the predicted malignancy may not exceed the surest pixel of the predicted mask.
        ///
        /// Change `penalty` to what your term asks for.
        public final class \(name): ConsistencyTerm {
            public struct Settings: PluginSettings {
                /// Epochs over which the term grows to its full weight.
                public var warmUpEpochs = 5.0

                public init() {}
            }

            public static let name = "\(configurationName)"
            public static let summary = "No malignancy without a lesion"

            private let settings: Settings

            public init(_ settings: Settings) throws { self.settings = settings }

            public func penalty(_ outputs: Outputs, _ batch: Batch, _ progress: TrainingProgress) -> Tensor? {
                guard let mask = outputs.lesionProbability, let malignancy = outputs.malignancyProbability else { return nil }
                let excess = (malignancy - mask.maximum(over: [1, 2, 3])).relu()
                return excess.squared().mean() * progress.warmUp(over: settings.warmUpEpochs)
            }
        }

        """
    }

    private var termTest: String {
        """
        import SegCore
        import SegTensor
        import SegTestKit
        import Testing
        import \(target)

        @Suite("\(name)")
        struct \(name)Tests {
            @Test("keeps the rules of consistency terms")
            func conformance() {
                #expect(checkConsistencyTerm(\(name).self) == [])
            }

            @Test("punishes malignancy where nothing is segmented, and only there")
            func direction() throws {
                let batch = Batch.phantom([.malignant])
                func penalty(lesion: Float, malignancy: Float) throws -> Float {
                    var outputs = Outputs()
                    outputs[.lesion] = Tensor(repeating: lesion, shape: batch.masks.shape)
                    outputs[.malignancy] = Tensor([malignancy], shape: [1])
                    let end = TrainingProgress(epoch: 60, epochs: 60)
                    return try #require(\(name)(.init()).penalty(outputs, batch, end)).item
                }
                #expect(try penalty(lesion: -5, malignancy: 5) > 0.5)
                #expect(try penalty(lesion: 5, malignancy: 5) < 1e-6)
                #expect(try penalty(lesion: -5, malignancy: -5) < 1e-6)
            }
        }

        """
    }
}

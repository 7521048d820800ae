extension Scaffold {
    var loss: Template {
        Template(source: lossSource, test: lossTest, registration: "try registry.add(loss: \(name).self)")
    }

    private var lossSource: String {
        """
        import SegCore
        public import SegLosses
        public import SegTensor

        /// The squared error of each pixel's probability, lesion pixels with a weight of their own; averaged.
        ///
        /// Change the last lines to your loss: logits and targets are `[batch, 1, height, width]`, coverage is 0 in the padding.
        public struct \(name): MaskLoss {
            public struct Settings: PluginSettings {
                /// Weight of lesion pixels relative to the others'.
                public var lesionWeight: Float = 1

                public init() {}

                public func validate() throws { try require("lesionWeight", lesionWeight, in: 0...1000) }
            }

            public static let name = "\(configurationName)"
            public static let summary = "Squared error of each pixel's probability"

            private let settings: Settings

            public init(_ settings: Settings) throws { self.settings = settings }

            public func callAsFunction(_ logits: Tensor, _ targets: Tensor, coverage: Tensor?) -> Tensor {
                let counted = coverage ?? Tensor(repeating: 1, shape: logits.shape)
                let weights = (1 + (settings.lesionWeight - 1) * targets) * counted
                return ((logits.sigmoid() - targets).squared() * weights).sum() / max(1, counted.sum().item)
            }
        }

        """
    }

    private var lossTest: String {
        """
        import SegLosses
        import SegTensor
        import SegTestKit
        import Testing
        import \(target)

        @Suite("\(name)")
        struct \(name)Tests {
            @Test("keeps the rules of losses of masks")
            func conformance() {
                #expect(checkMaskLoss(\(name).self) == [])
            }

            @Test("has the value that its formula gives")
            func value() throws {
                var settings = \(name).Settings()
                settings.lesionWeight = 3
                let logits = Tensor([0, 0], shape: [1, 1, 1, 2])
                let targets = Tensor([1, 0], shape: [1, 1, 1, 2])
                // Errors of ¼, the lesion's three times.
                #expect(try abs(\(name)(settings)(logits, targets, coverage: nil).item - 0.5) < 1e-6)
            }
        }

        """
    }
}

extension Scaffold {
    var metric: Template {
        Template(source: metricSource, test: metricTest, registration: "try registry.add(metric: \(name).self)")
    }

    private var metricSource: String {
        """
        public import SegCore
        import SegMetrics
        public import SegScoring

        /// The part of the true mask that was not found.
        ///
        /// Change what it computes in `value`, and say with `direction` which end is good and with `emptyMasks` what an image
        /// counts whose true or predicted mask is empty. A study names it under `metrics.extra`.
        public struct \(name): CaseMetric {
            public struct Settings: PluginSettings {
                /// Missed pixels that are forgiven.
                public var allowance = 0

                public init() {}

                public func validate() throws {
                    guard allowance >= 0 else {
                        throw SegmentationError("allowance", "is \\(allowance)", cure: "use 0 or more")
                    }
                }
            }

            public static let name = "\(configurationName)"
            public static let summary = "Part of the true mask that was not found"
            public let title = "Missed area"
            public let direction = MetricDirection.lowerIsBetter
            public let emptyMasks = EmptyMaskHandling.undefinedWithoutReference
            private let settings: Settings

            public init(_ settings: Settings) throws {
                try settings.validate()
                self.settings = settings
            }

            public func value(of item: MetricCase) -> Double? {
                let missed = max(0, item.counts.falseNegatives - settings.allowance)
                return Double(missed) / Double(item.counts.actualPositives)
            }
        }

        """
    }

    private var metricTest: String {
        """
        import Foundation
        import SegCore
        import SegScoring
        import SegTestKit
        import Testing
        import \(target)

        @Suite("\(name)")
        struct \(name)Tests {
            @Test("keeps the rules of metrics")
            func conformance() {
                #expect(checkCaseMetric(\(name).self) == [])
            }

            @Test("is the part of the true mask that was not found")
            func byHand() throws {
                var (truth, prediction) = (Mask(emptyWithWidth: 8, height: 8), Mask(emptyWithWidth: 8, height: 8))
                for x in 0..<4 { truth[x, 2] = true }
                prediction[0, 2] = true
                let item = try MetricCase(
                    prediction: prediction,
                    reference: truth,
                    record: SampleRecord(id: "case", imageFile: URL(fileURLWithPath: "/nowhere.png"), pathology: .benign),
                    emptyMasks: .undefinedWhenReferenceEmpty
                )
                #expect(try \(name)(.init()).value(of: item) == 0.75)
            }
        }

        """
    }
}

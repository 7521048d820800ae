extension Scaffold {
    var section: Template {
        Template(source: sectionSource, test: sectionTest, registration: "try registry.add(section: \(name)())")
    }

    private var sectionSource: String {
        """
        public import SegReport
        import SegResults

        /// A section of the report: the image on which each arm is worst.
        ///
        /// Change what it shows in `content`; `nil` leaves the section out. Equal results must give equal content.
        public struct \(name): ReportSection {
            public let id = "\(configurationName)"
            public let title = "Worst image of each arm"

            public init() {}

            public func content(_ context: ReportContext) -> ReportContent? {
                let rows = context.evaluatedDatasets.flatMap { dataset in
                    context.results.arms.compactMap { arm -> [String]? in
                        let dice = context.casesOverSeeds(arm: arm.name, dataset: dataset.name) { $0.dice }
                        let worst = dice.filter { $0.value.isFinite }.min { ($0.value, $0.key) < ($1.value, $1.key) }
                        guard let worst else { return nil }
                        let digits = (1000 * worst.value).rounded() / 1000
                        return [context.title(of: dataset), arm.title, worst.key, "\\(digits)"]
                    }
                }
                guard !rows.isEmpty else { return nil }
                return ReportContent([
                    .table(
                        .init(
                            caption: "The image with the least Dice, by data set and arm.",
                            head: ["Data set", "Arm", "Image", "Dice"],
                            rows: rows,
                            textColumns: 3
                        )
                    ), .note("Dice is averaged over seeds."),
                ])
            }
        }

        """
    }

    private var sectionTest: String {
        """
        import SegTestKit
        import Testing
        import \(target)

        @Suite("\(name)")
        struct \(name)Tests {
            @Test("keeps the rules of sections")
            func conformance() {
                #expect(checkReportSection(\(name)()) == [])
            }
        }

        """
    }
}

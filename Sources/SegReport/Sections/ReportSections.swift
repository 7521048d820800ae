import SegPages

/// The sections that the library ships.
public enum ReportSections {
    /// The sections of every report, in order.
    public static let standard: [any ReportSection] = opening + closing

    /// The standard sections with others after those on results, before methods and provenance.
    public static func standard(with others: [any ReportSection]) -> [any ReportSection] { opening + others + closing }

    /// What was found.
    private static let opening: [any ReportSection] = [
        StandardSection("summary", "Summary") { $0.summarySection() },
        StandardSection("results", "Results") { $0.resultsSection() },
        ExtraMetricsSection(),
        StandardSection("distributions", "Dice per image") { $0.distributionSection() },
        StandardSection("size", "Dice and lesion size") { $0.sizeSection() },
        StandardSection("categories", "Dice by BI-RADS category") { $0.categorySection() },
        StandardSection("agreement", "Predicted and true area") { $0.agreementSection() },
        StandardSection("malignancy", "Malignancy") { $0.malignancySection() },
        StandardSection("predictions", "Other predictions") { $0.predictionSection() },
        StandardSection("training", "Training") { $0.trainingSection() },
        StandardSection("interference", "Interference") { $0.interferenceSection() },
        StandardSection("features", "Features and prior") { $0.featureSection() },
        StandardSection("gallery", "Worst, median and best cases") { $0.gallerySection() },
        StandardSection("failures", "Failures") { $0.failureSection() },
    ]

    /// How it was found.
    private static let closing: [any ReportSection] = [
        StandardSection("methods", "Methods and limits") { $0.methodSection() },
        StandardSection("provenance", "Provenance") { $0.provenanceSection() },
    ]
}

/// A section whose content is an extension of the page.
private struct StandardSection: ReportSection {
    let id: String
    let title: String
    let make: @Sendable (ReportPage) -> ReportPage.Section?

    init(_ id: String, _ title: String, make: @escaping @Sendable (ReportPage) -> ReportPage.Section?) {
        self.id = id
        self.title = title
        self.make = make
    }

    func content(_ context: ReportContext) -> ReportContent? {
        make(context.page).map { ReportContent(markup: $0.content) }
    }
}

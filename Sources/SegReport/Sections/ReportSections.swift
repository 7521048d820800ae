/// The sections that the library ships.
public enum ReportSections {
    /// The sections of every report, in order.
    public static let standard: [any ReportSection] = opening + closing

    /// The standard sections with others after those on results, before methods and provenance.
    public static func standard(with others: [any ReportSection]) -> [any ReportSection] { opening + others + closing }

    /// What was found.
    private static let opening: [any ReportSection] = [
        SummarySection(), ResultsSection(), DistributionSection(), SizeSection(), CategorySection(), SubgroupSection(),
        AreaSection(), MalignancySection(), PredictionSection(), SelectionSection(), TrainingSection(),
        InterferenceSection(),
        FeatureSection(),
        GallerySection(), FailureSection(),
    ]

    /// How it was found.
    private static let closing: [any ReportSection] = [MethodSection(), ProvenanceSection()]
}

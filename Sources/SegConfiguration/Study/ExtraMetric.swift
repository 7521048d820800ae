import SegCore
public import SegScoring
public import SegSettings

/// A metric that a study has in addition to those of every study.
public struct ExtraMetric: Hashable, Sendable, Codable {
    /// Its name in the registry and in `cases.csv`.
    public var name: String
    /// Every setting.
    public var settings: ConfigurationValue

    public init(name: String, settings: ConfigurationValue) {
        self.name = name
        self.settings = settings
    }
}

extension MetricSettings {
    /// The metrics that cases are judged by: those of every study, then ``extra`` in the study's order, for one label after
    /// the other.
    ///
    /// - Throws: ``SegCore/SegmentationError`` for one that the registry lacks.
    public func makeMetrics(
        _ registry: PluginRegistry,
        labels: [String] = [MetricCase.defaultLabel]
    ) throws -> [NamedMetric] {
        let extra = try makeExtra(registry)
        return labels.enumerated().flatMap { index, label in
            let standard = StandardMetrics.all(
                hausdorff: hausdorff,
                surfaceDice: surfaceDice,
                tolerance: surfaceTolerance,
                label: label
            )
            // What reads no mask is the same for every label.
            let own = extra.filter { index == 0 || $0.metric.inputs.contains(.mask) }
            return standard + own.map { NamedMetric($0.metric, named: $0.name, label: label) }
        }
    }

    /// The metrics in addition to those of every study, made from their settings, in the study's order.
    package func makeExtra(_ registry: PluginRegistry) throws -> [(name: String, metric: any CaseMetric)] {
        try (extra ?? []).enumerated().map { index, part in
            let subject = Self.subject(index)
            let make = try registry.metric(part.name, subject: subject).make
            return (part.name, try make(part.settings, "\(subject).\(part.name)"))
        }
    }

    /// Whether two studies have the same metrics: 2 and 2.0 are one setting.
    static func isSame(_ first: [ExtraMetric]?, as second: [ExtraMetric]?) -> Bool {
        let (first, second) = (first ?? [], second ?? [])
        return first.map(\.name) == second.map(\.name)
            && zip(first, second).allSatisfy { $0.settings.firstDifference(from: $1.settings) == nil }
    }

    /// Metrics by their names alone, with their default settings; `nil` where there are none.
    package static func extra(named names: [String], registry: PluginRegistry) throws -> [ExtraMetric]? {
        try extra(names.map { .text($0) }, registry: registry) { _ in "--metric" }
    }

    /// Reads `metrics.extra`: a list of names, or of `{name: settings}`. `nil` where there are none.
    static func extra(
        _ items: [ConfigurationValue]?,
        registry: PluginRegistry,
        at place: (Int) -> String = subject
    ) throws -> [ExtraMetric]? {
        var result: [ExtraMetric] = []
        for (index, item) in (items ?? []).enumerated() {
            let subject = place(index)
            let (name, settings) = try part(item, subject: subject)
            let entry = try registry.metric(name, subject: subject)
            guard !result.contains(where: { $0.name == name }) else {
                throw SegmentationError(subject, "`\(name)` appears twice", cure: "name every metric once")
            }
            guard !StandardMetrics.all().contains(where: { $0.name == name }) else {
                throw SegmentationError(subject, "`\(name)` is a metric of every study", cure: "remove this line")
            }
            result.append(ExtraMetric(name: name, settings: try entry.resolve(settings, "\(subject).\(name)")))
        }
        return result.isEmpty ? nil : result
    }

    /// Where an entry stands in a study file.
    package static func subject(_ index: Int) -> String { "metrics.extra[\(index)]" }

    private static func part(_ item: ConfigurationValue, subject: String) throws -> (String, ConfigurationValue) {
        if let name = item.name { return (name, .null) }
        guard let members = item.members, members.count == 1, let member = members.first else {
            throw SegmentationError(
                subject,
                "is not the name of a metric",
                cure: "write a name, such as `boundary-iou`, or a name with its settings: `boundary-iou: {…}`"
            )
        }
        return (member.key, member.value)
    }

    /// As a study file has it; a metric without settings is its name alone.
    static func resolved(_ extra: [ExtraMetric]) -> ConfigurationValue {
        .list(
            extra.map { part in
                part.settings.members?.isEmpty == false ? .table([part.name: part.settings]) : .text(part.name)
            }
        )
    }
}

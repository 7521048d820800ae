/// Values by the description of a metric.
extension EvaluationSummary {
    /// The distribution of a metric; `nil` where no case has a value.
    public func values(of metric: MetricDescription) -> MetricSummary? { metrics[metric.name] }
}

extension CaseResult {
    /// The value of a metric; `nil` where there is none.
    public func value(of metric: MetricDescription) -> Double? { metrics[metric.name] }
}

extension StudyResults {
    /// The comparison of an arm with the reference arm by a metric of cases.
    public func comparison(arm: String, dataset: String, of metric: MetricDescription) -> ArmComparison? {
        comparison(arm: arm, dataset: dataset, metric: metric.compared)
    }

    /// Whether a data set served to choose epochs and thresholds, so that nothing is tested on it.
    public func isValidation(_ dataset: String) -> Bool { self.dataset(named: dataset)?.role == .source }

    /// The p that stars and verdicts of a comparison go by; `nil` on what served to choose, where there are none.
    package func verdict(_ comparison: ArmComparison?) -> Double? {
        guard let comparison, !isValidation(comparison.dataset) else { return nil }
        return comparison.leadingPValue
    }

    /// The data sets as they are shown: those that the models are tested on, then what served to choose.
    package var datasetsTestsFirst: [DatasetDescription] {
        datasets.filter { $0.role != .source } + datasets.filter { $0.role == .source }
    }
}

extension DatasetDescription {
    /// The name with its role, for headings: `northern, validation`.
    package var title: String { role == .source ? "\(name), validation" : name }

    /// The name with its role, for prose.
    package var proseTitle: String { role == .source ? "the validation part of \(name)" : name }
}

import SegCore
import SegMetrics
import SegTensor

/// A metric of a study under the name of its registration, for one label.
public struct NamedMetric: Sendable {
    /// The name in configurations and results: `dice`; of a label but the default one with its name: `dice.other`.
    public let name: String
    /// The column of `cases.csv`.
    public let column: String
    /// The label whose masks are judged.
    public let label: String
    /// Whether every study has it.
    public let isStandard: Bool
    public let metric: any CaseMetric

    /// - Parameter name: the name of the registration; the type's own if `nil`.
    public init(
        _ metric: any CaseMetric,
        named name: String? = nil,
        label: String = MetricCase.defaultLabel,
        isStandard: Bool = false
    ) {
        let own = type(of: metric).name
        let suffix = label == MetricCase.defaultLabel ? "" : ".\(label)"
        self.name = (name ?? own) + suffix
        column = (name == nil || name == own ? type(of: metric).column : name ?? own) + suffix
        self.label = label
        self.isStandard = isStandard && suffix.isEmpty
        self.metric = metric
    }

    /// The name that readers see.
    public var title: String { label == MetricCase.defaultLabel ? metric.title : "\(metric.title) (\(label))" }

    /// The value of a case: NaN where the policy for empty masks leaves it undefined, `nil` where there is none.
    ///
    /// - Throws: ``SegCore/SegmentationError`` naming the metric and the case if the metric throws, or if its value is
    ///   not finite.
    public func value(of item: MetricCase) throws -> Double? {
        guard metric.inputs.allSatisfy(item.has) else { return nil }
        do {
            if metric.inputs.contains(.mask), let answer = try answer(item) { return answer.value }
            let value = try PluginContext.with("metric `\(name)`") { try metric.value(of: item) }
            guard let value else { return nil }
            guard value.isFinite else {
                throw SegmentationError(
                    "metric `\(name)`",
                    "its value of \(item.record.id) is \(value)",
                    cure: "a metric answers a finite number, or nil where the value does not exist"
                )
            }
            guard !metric.isCount || (value >= 0 && value == value.rounded()) else {
                throw SegmentationError(
                    "metric `\(name)`",
                    "it says that it counts, and its value of \(item.record.id) is \(value)",
                    cure: "answer a whole number that is not negative, or leave `isCount` out"
                )
            }
            return value
        } catch let error as SegmentationError where error.subject == "metric `\(name)`" {
            throw error
        } catch let error as SegmentationError {
            throw failure(item, "\(error.subject): \(error.problem)", cure: error.cure)
        } catch let error as MetricsError {
            throw failure(item, error.problem, cure: error.cure)
        } catch {
            throw failure(item, "\(error)".replacing("\n", with: " "), cure: "correct the metric, or leave it out")
        }
    }

    private func failure(_ item: MetricCase, _ problem: String, cure: String) -> SegmentationError {
        SegmentationError("metric `\(name)`", "it failed on \(item.record.id): \(problem)", cure: cure)
    }

    /// What the policy says of empty masks; `nil` where the metric is to be asked.
    private func answer(_ item: MetricCase) throws -> MetricValue? {
        guard let emptyCase = item.emptyCase else { return nil }
        switch metric.emptyMasks {
        case .scoredByStudy:
            let score = item.emptyMasks.policy.value(of: emptyCase)
            return metric.direction == .higherIsBetter
                ? score : MetricValue(value: 1 - score.value, emptyCase: emptyCase)
        case .distanceByStudy(let unit):
            return try item.surfaces(in: unit)?.answer(item.emptyMasks.surfacePolicy)
        case .undefined: return MetricValue(value: .nan, emptyCase: emptyCase)
        case .undefinedWithoutReference:
            return emptyCase == .predictionEmpty ? nil : MetricValue(value: .nan, emptyCase: emptyCase)
        case .answered: return nil
        }
    }
}

import SegCore

/// How well a head's numbers or classes agree with the truth over a data set, one per arm, data set and name.
///
/// Over several seeds and folds, every trained model's prediction of a case counts.
public struct PredictionSummary: Codable, Hashable, Sendable {
    /// The arm's name.
    public var arm: String
    /// The data set's name.
    public var dataset: String
    /// The name, also its column in `cases.csv`.
    public var name: String
    /// The name that readers see.
    public var title: String
    /// Predictions, over all cases and trainings.
    public var count: Int
    /// Those whose true value is known.
    public var known: Int
    /// The share of known ones whose class is right; `nil` for numbers, and where none is known.
    public var accuracy: Double?
    /// The share that naming the most frequent true class would get right; likewise.
    public var chance: Double?
    /// The mean of |prediction − truth|; `nil` for classes, and where none is known.
    public var meanAbsoluteError: Double?

    public init(
        arm: String,
        dataset: String,
        name: String,
        title: String,
        count: Int,
        known: Int,
        accuracy: Double? = nil,
        chance: Double? = nil,
        meanAbsoluteError: Double? = nil
    ) {
        self.arm = arm
        self.dataset = dataset
        self.name = name
        self.title = title
        self.count = count
        self.known = known
        self.accuracy = accuracy
        self.chance = chance
        self.meanAbsoluteError = meanAbsoluteError
    }
}

extension PredictionSummary {
    /// Summaries of all rows, in the order of arms, data sets and first appearance; `nil` if no head says anything.
    package static func all(_ rows: [CaseResult], arms: [String], datasets: [String]) -> [PredictionSummary]? {
        var result: [PredictionSummary] = []
        for arm in arms {
            for dataset in datasets {
                let own = rows.filter { $0.arm == arm && $0.dataset == dataset }.flatMap { $0.predictions ?? [] }
                var names: [String] = []
                for value in own where !names.contains(value.name) { names.append(value.name) }
                result += names.compactMap { name in
                    PredictionSummary(own.filter { $0.name == name }, arm: arm, dataset: dataset)
                }
            }
        }
        return result.isEmpty ? nil : result
    }

    /// `nil` without values.
    private init?(_ values: [PredictedValue], arm: String, dataset: String) {
        guard let first = values.first else { return nil }
        let classes = values.compactMap { value in value.label.flatMap { label in value.trueLabel.map { (label, $0) } }
        }
        let numbers = values.compactMap { value in
            value.number.flatMap { number in value.trueNumber.map { abs(number - $0) } }
        }
        let known = max(classes.count, numbers.count)
        let largest = Dictionary(grouping: classes, by: \.1).values.map(\.count).max() ?? 0
        self.init(
            arm: arm,
            dataset: dataset,
            name: first.name,
            title: first.title,
            count: values.count { $0.label != nil || $0.number != nil },
            known: known,
            accuracy: classes.isEmpty ? nil : Double(classes.count { $0.0 == $0.1 }) / Double(classes.count),
            chance: classes.isEmpty ? nil : Double(largest) / Double(classes.count),
            meanAbsoluteError: numbers.isEmpty ? nil : numbers.reduce(0, +) / Double(numbers.count)
        )
    }
}

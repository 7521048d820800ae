import SegPages
package import SegResults

/// What a study found, in sentences that its numbers bear.
package struct Findings {
    let context: ReportContext

    package init(context: ReportContext) { self.context = context }

    private var results: StudyResults { context.results }

    private var metric: MetricDescription { .primary }

    /// One sentence per arm compared with the reference, and one on malignancy per data set.
    var sentences: [String] {
        let datasets = context.evaluatedDatasets
        let judged = judged(datasets)
        let malignancy = judged.compactMap(malignancySentence) + judged.compactMap { alarmSentence($0, isShort: true) }
        guard let reference = results.referenceArm, results.arms.count > 1 else {
            return results.arms.compactMap(levelSentence) + malignancy
        }
        let compared = results.arms.filter { $0.name != reference }.compactMap { arm in
            comparisonSentence(arm, reference: context.title(of: reference), datasets: datasets)
        }
        return (results.arm(named: reference).flatMap(levelSentence).map { [$0] } ?? []) + compared + malignancy
    }

    /// The data sets that say something of the arms: what served to choose has a word only where there is nothing else.
    private func judged(_ datasets: [DatasetDescription]) -> [DatasetDescription] {
        let tests = datasets.filter { !results.isValidation($0.name) }
        return tests.isEmpty ? datasets : tests
    }

    /// Of more arms than this, a sentence names those with the least and the greatest figure and the reference; tables have all.
    private static let mostArmsInSentence = 4

    /// Each arm's figure with its title, in the order of the arms.
    private func listed(_ figures: [(arm: ArmDescription, value: Double, text: String)], isShort: Bool) -> String {
        func plain(_ figure: (arm: ArmDescription, value: Double, text: String)) -> String {
            "\(figure.text) with \(figure.arm.title)"
        }
        guard isShort, figures.count > Self.mostArmsInSentence, let least = figures.min(by: { $0.value < $1.value }),
            let greatest = figures.max(by: { $0.value < $1.value })
        else { return NumberFormat.list(figures.map(plain)) }
        guard least.value < greatest.value else {
            let plainest = figures.first { $0.arm.name == results.referenceArm } ?? least
            return "\(plainest.text) with every arm"
        }
        let chosen = figures.compactMap { figure -> String? in
            let roles: [String] = [
                figure.arm.name == least.arm.name ? "least" : nil,
                figure.arm.name == greatest.arm.name ? "greatest" : nil,
                figure.arm.name == results.referenceArm ? "reference" : nil,
            ].compactMap(\.self)
            return roles.isEmpty ? nil : "\(plain(figure)) (\(roles.joined(separator: ", ")))"
        }
        return NumberFormat.list(chosen)
    }

    /// The mean that an arm reached.
    private func levelSentence(_ arm: ArmDescription) -> String? {
        let levels = context.evaluatedDatasets.compactMap { dataset in
            context.summary(arm, dataset)?.values(of: metric).flatMap { values -> String? in
                values.mean.isFinite ? "\(NumberFormat.fixed(values.mean)) on \(dataset.proseTitle)" : nil
            }
        }
        guard !levels.isEmpty else { return nil }
        let role = arm.name == results.referenceArm ? ", the reference," : ""
        return "\(arm.title)\(role) reached a mean \(metric.title) of \(NumberFormat.list(levels))."
    }

    /// How an arm's comparison with the reference turned out on each data set.
    private enum Outcome: CaseIterable {
        case better
        case worse
        case mixed
        case equal
        case untested
        case validation

        func clause(_ metric: String, _ places: String) -> String {
            switch self {
            case .better: "reached a higher \(metric) on \(places)"
            case .worse: "reached a lower \(metric) on \(places)"
            case .mixed: "differed in its ranks but not alike in its mean on \(places)"
            case .equal: "showed no significant difference on \(places)"
            case .untested: "could not be tested on \(places)"
            case .validation: "differed on \(places), which served for choices and is not a test"
            }
        }
    }

    private func comparisonSentence(_ arm: ArmDescription, reference: String, datasets: [DatasetDescription]) -> String?
    {
        var places: [Outcome: [String]] = [:]
        for dataset in judged(datasets) {
            guard let comparison = results.comparison(arm: arm.name, dataset: dataset.name, of: metric) else {
                continue
            }
            let outcome = outcome(comparison)
            places[outcome, default: []].append(place(dataset, comparison, outcome))
        }
        let clauses = Outcome.allCases.compactMap { outcome in
            places[outcome].map { outcome.clause(metric.title, NumberFormat.list($0)) }
        }
        guard !clauses.isEmpty else { return nil }
        return "\(arm.title), compared with \(reference), " + clauses.joined(separator: "; it ") + "."
    }

    private func outcome(_ comparison: ArmComparison) -> Outcome {
        let p = comparison.leadingPValue
        if results.isValidation(comparison.dataset) { return .validation }
        if p.isNaN { return .untested }
        if p >= results.methods.significanceLevel { return .equal }
        // A test on ranks can be significant against the sign of the mean; then neither word is true. The one across seeds is
        // of means.
        let isOfRanks = comparison.acrossSeeds == nil && comparison.adjustedMeanPValue == nil
        let ranks = isOfRanks ? comparison.effectSize : nil
        let sign: Double = metric.isLowerBetter ? -1 : 1
        let signs = [sign * comparison.meanDifference, ranks ?? sign * comparison.meanDifference]
        return signs.allSatisfy { $0 > 0 } ? .better : signs.allSatisfy { $0 < 0 } ? .worse : .mixed
    }

    private func place(_ dataset: DatasetDescription, _ comparison: ArmComparison, _ outcome: Outcome) -> String {
        guard outcome != .untested else { return dataset.proseTitle }
        let difference = "mean difference \(NumberFormat.signed(comparison.meanDifference, metric.decimals))"
        guard outcome != .validation else { return "\(dataset.proseTitle) (\(difference))" }
        let models = comparison.acrossSeeds.map { _ in
            " across seeds; of the trained models \(NumberFormat.pEquation(comparison.modelsPValue))"
        }
        let p = NumberFormat.pEquation(comparison.leadingPValue)
        return "\(dataset.proseTitle) (\(difference), \(p)\(models ?? ""))"
    }

    /// How often something was seen where there is nothing.
    ///
    /// - Parameter isShort: of many arms, those alone that a reader looks for.
    package func alarmSentence(_ dataset: DatasetDescription, isShort: Bool = false) -> String? {
        let alarms = results.arms.compactMap { arm in
            context.summary(arm, dataset)?.falseAlarms.map { (arm: arm, alarms: $0) }
        }
        guard let images = alarms.first?.alarms.images else { return nil }
        let values = alarms.map { item -> (arm: ArmDescription, value: Double, text: String) in
            let interval = item.alarms.interval.map {
                "; 95 % CI \(NumberFormat.fixed(100 * $0.low, 1)) to \(NumberFormat.fixed(100 * $0.high, 1))"
            }
            let text =
                "\(NumberFormat.fixed(100 * item.alarms.rate, 1)) % (\(NumberFormat.count(item.alarms.alarms)) of "
                + "\(NumberFormat.count(item.alarms.tests))\(interval ?? ""))"
            return (item.arm, item.alarms.rate, text)
        }
        return "False alarms on the \(NumberFormat.plural(images, "normal image")) of \(dataset.proseTitle): "
            + "\(listed(values, isShort: isShort))."
    }

    private func malignancySentence(_ dataset: DatasetDescription) -> String? {
        let values = results.arms.compactMap { arm -> (arm: ArmDescription, value: Double, text: String)? in
            guard let area = context.summary(arm, dataset)?.malignancy?.auroc else { return nil }
            let comparison = results.comparison(arm: arm.name, dataset: dataset.name, metric: .auroc)
            let p = results.isValidation(dataset.name) ? .nan : comparison?.leadingPValue ?? .nan
            return (arm, area, NumberFormat.fixed(area) + (p.isNaN ? "" : " (\(NumberFormat.pEquation(p)))"))
        }
        guard !values.isEmpty else { return nil }
        return "The AUROC for malignancy on \(dataset.proseTitle) was \(listed(values, isShort: true))."
    }
}

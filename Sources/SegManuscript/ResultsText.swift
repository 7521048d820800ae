import SegCore
import SegPages
import SegReport
import SegResults
import SegScoring

/// What a study found as sentences of a paper, each number from its results.
struct ResultsText {
    let results: StudyResults

    /// Paragraphs under headings: a heading for each data set that is tested on, then what is not a test.
    var paragraphs: [(heading: String, texts: [String])] {
        let bySet: [(heading: String, texts: [String])] = results.datasetsTestsFirst.compactMap { dataset in
            let metrics = results.allMetrics.filter { $0.isShown(in: .comparisons) }
            let texts =
                metrics.compactMap { paragraph($0, dataset) }
                + [lesions(dataset), alarms(dataset), malignancy(dataset)].compactMap(\.self)
            guard !texts.isEmpty else { return nil }
            return (dataset.title, [opening(dataset)] + texts)
        }
        let together = (results.pooled ?? []).map(sentence)
        // What is not a test stays last.
        let tested = bySet.count(where: { !$0.heading.hasSuffix(", validation") })
        return Array(bySet.prefix(tested))
            + (together.isEmpty ? [] : [("External sets together", [together.joined(separator: " ")])])
            + Array(bySet.dropFirst(tested))
    }

    /// A figure over all external sets.
    private func sentence(_ pooled: PooledEstimate) -> String {
        let arm = results.arm(named: pooled.arm)?.title ?? pooled.arm
        let title = pooled.metric == .auroc ? "AUROC" : "mean \(MetricDescription.primary.title)"
        let reference = pooled.reference.map { results.arm(named: $0)?.title ?? $0 }
        let details = [
            Self.interval(pooled.interval, isSigned: reference != nil),
            pooled.pValue.map { NumberFormat.pEquation($0) },
            "I² = \(NumberFormat.fixed(100 * pooled.heterogeneity, 0)) %, τ = \(NumberFormat.fixed(pooled.betweenDeviation))",
        ]
        let sets = "over \(NumberFormat.list(pooled.datasets)) by a random-effects model"
        guard let reference else {
            return
                "The \(title) of \(arm) \(sets) was \(NumberFormat.fixed(pooled.estimate)) (\(Self.joined(details)))."
        }
        return
            "The difference of \(arm) from \(reference) in \(title) \(sets) was \(NumberFormat.signed(pooled.estimate)) "
            + "(\(Self.joined(details)))."
    }

    private func alarms(_ dataset: DatasetDescription) -> String? {
        Findings(context: ReportContext(results: results)).alarmSentence(dataset)
    }

    private func opening(_ dataset: DatasetDescription) -> String {
        let images = MethodsText.images(dataset.evaluated)
        return dataset.role == .source
            ? "On \(dataset.proseTitle), \(images), on which epochs and thresholds were chosen (not a test):"
            : "On \(dataset.proseTitle), \(images):"
    }

    private func summaries(_ dataset: DatasetDescription) -> [(arm: ArmDescription, summary: EvaluationSummary)] {
        results.arms.compactMap { arm in
            results.summary(arm: arm.name, dataset: dataset.name).map { (arm, $0) }
        }
    }

    private func paragraph(_ metric: MetricDescription, _ dataset: DatasetDescription) -> String? {
        let unit = metric.unit.map { " \($0)" } ?? ""
        let levels = summaries(dataset).compactMap { arm, summary -> String? in
            guard let values = summary.values(of: metric), values.mean.isFinite else { return nil }
            let moments = NumberFormat.meanAndDeviation(values.mean, values.standardDeviation, metric.decimals)
            let details = [
                Self.interval(values.interval, metric.decimals), "n = \(NumberFormat.count(values.count))",
                values.standardDeviationOverSeeds.map {
                    "standard deviation over seeds \(NumberFormat.fixed($0, metric.decimals))"
                },
            ]
            return "\(moments)\(unit) with \(arm.title) (\(Self.joined(details)))"
        }
        guard !levels.isEmpty else { return nil }
        let comparisons = results.arms.compactMap { arm -> String? in
            results.comparison(arm: arm.name, dataset: dataset.name, of: metric).map {
                sentence($0, of: "mean \(metric.title)", unit: unit, digits: metric.decimals)
            }
        }
        return (["Mean \(metric.title) ± standard deviation was \(NumberFormat.list(levels))."] + comparisons)
            .joined(separator: " ")
    }

    /// How an arm differs from the reference arm, with the interval of the difference and what tests say.
    private func sentence(_ comparison: ArmComparison, of subject: String, unit: String, digits: Int) -> String {
        let arm = results.arm(named: comparison.arm)?.title ?? comparison.arm
        let reference = results.arm(named: comparison.reference)?.title ?? comparison.reference
        let interval = comparison.acrossSeeds.map(\.interval) ?? comparison.interval
        let isTest = !results.isValidation(comparison.dataset)
        let details = [Self.interval(interval, digits, isSigned: true)] + (isTest ? tests(comparison) : [])
        let difference = "\(NumberFormat.signed(comparison.meanDifference, digits))\(unit)"
        return "The difference of \(arm) from \(reference) in \(subject) was \(difference) (\(Self.joined(details)))."
    }

    /// Every p with the name of its test, the leading one first.
    private func tests(_ comparison: ArmComparison) -> [String?] {
        func equation(_ p: Double, _ test: String) -> String? {
            p.isNaN ? "not testable" : "\(NumberFormat.pEquation(p)), \(test)"
        }
        let isArea = comparison.metric == .auroc
        let models =
            isArea
            ? "DeLong's test" : comparison.adjustedMeanPValue == nil ? "test of ranks" : "test of the mean difference"
        let across = comparison.acrossSeeds.map { equation($0.adjustedPValue, "across seeds") }
        return [
            across ?? nil,
            equation(
                comparison.modelsPValue,
                comparison.acrossSeeds == nil ? models : "\(models) of the trained models"
            ),
            comparison.adjustedMeanPValue.flatMap { _ in equation(comparison.adjustedPValue, "test of ranks") },
            comparison.effectSize.map { "r = \(NumberFormat.signed($0, 2))" },
        ]
    }

    /// Lesions found and invented.
    private func lesions(_ dataset: DatasetDescription) -> String? {
        let found = summaries(dataset).compactMap { arm, summary -> String? in
            guard let detection = summary.detection, detection.lesions > 0 else { return nil }
            return
                "\(NumberFormat.count(detection.found)) of \(NumberFormat.count(detection.lesions)) with \(arm.title) "
                + "(\(NumberFormat.fixed(detection.inventedPerImage, 2)) invented per image)"
        }
        guard !found.isEmpty else { return nil }
        let trainings = results.seeds.count > 1 || results.folds != nil ? ", counted over all trainings" : ""
        return "Lesions found\(trainings): \(NumberFormat.list(found))."
    }

    private func malignancy(_ dataset: DatasetDescription) -> String? {
        let own = summaries(dataset).compactMap { arm, summary in summary.malignancy.map { (arm, $0) } }
        let areas = own.compactMap { arm, malignancy -> String? in
            guard let area = malignancy.auroc, area.isFinite else { return nil }
            let details = [
                Self.interval(malignancy.aurocInterval), "n = \(NumberFormat.count(malignancy.cases))",
                malignancy.aurocStandardDeviationOverSeeds.map {
                    "standard deviation over seeds \(NumberFormat.fixed($0))"
                },
            ]
            return "\(NumberFormat.fixed(area)) with \(arm.title) (\(Self.joined(details)))"
        }
        guard !areas.isEmpty else { return nil }
        var sentences = ["The AUROC of malignancy was \(NumberFormat.list(areas))."]
        sentences += results.arms.compactMap { arm in
            results.comparison(arm: arm.name, dataset: dataset.name, metric: .auroc).map {
                sentence($0, of: "AUROC", unit: "", digits: 3)
            }
        }
        sentences += own.compactMap(operatingPoint)
        return sentences.joined(separator: " ")
    }

    private func operatingPoint(_ arm: ArmDescription, _ malignancy: MalignancySummary) -> String? {
        let own = malignancy.intervals
        let prevalence =
            malignancy.predictiveValues.map {
                " (prevalence \(NumberFormat.fixed(100 * $0.prevalence, 0)) %)"
            } ?? ""
        let values = malignancy.predictiveValues
        let atThreshold: [Figure] = [
            ("sensitivity", malignancy.sensitivity, own?.sensitivity),
            ("specificity", malignancy.specificity, own?.specificity),
            ("positive predictive value\(prevalence)", values?.positive, own?.positivePredictiveValue),
            ("negative predictive value\(prevalence)", values?.negative, own?.negativePredictiveValue),
        ]
        let others: [Figure] = [
            ("AUPRC", malignancy.auprc, own?.auprc), ("ECE", malignancy.calibrationError, own?.calibrationError),
            ("Brier score", malignancy.brierScore, own?.brierScore),
        ]
        let sentences = [
            Self.list(atThreshold).map { "At the threshold chosen on validation, \(arm.title) had \($0)." },
            Self.list(others).map { "Whatever the threshold, it had \($0)." },
        ].compactMap(\.self)
        return sentences.isEmpty ? nil : sentences.joined(separator: " ")
    }

    private typealias Figure = (title: String, value: Double?, interval: ConfidenceInterval?)

    /// Figures with their intervals; `nil` where none exists.
    private static func list(_ figures: [Figure]) -> String? {
        let texts = figures.compactMap { figure -> String? in
            guard let value = figure.value, value.isFinite else { return nil }
            let range = interval(figure.interval).map { " (\($0))" } ?? ""
            return "\(figure.title) \(NumberFormat.fixed(value))\(range)"
        }
        return texts.isEmpty ? nil : NumberFormat.list(texts)
    }

    static func interval(_ interval: ConfidenceInterval?, _ digits: Int = 3, isSigned: Bool = false) -> String? {
        guard let interval, interval.low.isFinite, interval.high.isFinite else { return nil }
        let format = isSigned ? NumberFormat.signed : NumberFormat.fixed
        return "95 % CI \(format(interval.low, digits)) to \(format(interval.high, digits))"
    }

    private static func joined(_ details: [String?]) -> String { details.compactMap(\.self).joined(separator: "; ") }
}

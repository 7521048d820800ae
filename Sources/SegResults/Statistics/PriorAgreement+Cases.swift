import SegCore
import SegMetrics

extension PriorAgreement {
    /// The agreement of every arm, prior, data set and seed, and with several seeds their mean; `nil` where there is none.
    package static func all(
        _ tests: [(training: TrainingRecord, cases: [CaseResult], emptyCases: [String: [String]])],
        arms: [String],
        seeds: [UInt64]
    ) throws -> [PriorAgreement]? {
        var result: [PriorAgreement] = []
        for arm in arms {
            let runs = seeds.map { seed in
                tests.filter { $0.training.arm == arm && $0.training.seed == seed }.flatMap(\.cases)
            }
            var datasets: [String] = []
            for row in runs.first ?? [] where !datasets.contains(row.dataset) { datasets.append(row.dataset) }
            let learned = tests.first { $0.training.arm == arm }?.training
            let priors = [learned?.prior] + (learned?.furtherPriors ?? [])
            for dataset in datasets {
                for prior in priors {
                    let single = try runs.compactMap { run in
                        let passes = TestPass.all(in: run.filter { $0.dataset == dataset })
                        return PriorAgreement(
                            meanOf: try passes.compactMap { try PriorAgreement($0.rows, of: prior) },
                            seed: passes.first?.seed
                        )
                    }
                    result += single
                    if seeds.count > 1, let mean = PriorAgreement(meanOf: single, seed: nil) { result.append(mean) }
                }
            }
        }
        return result.isEmpty ? nil : result
    }

    /// The agreement over the rows of one arm, seed and data set; `nil` if none has both numbers.
    ///
    /// - Parameter prior: the one of several; the arm's only one if `nil`.
    package init?(_ rows: [CaseResult], of prior: LearnedPrior? = nil) throws {
        let column = prior?.column ?? LearnedPrior.firstColumn
        func value(_ row: CaseResult) -> Double? {
            column == LearnedPrior.firstColumn ? row.prior : row.features[column]
        }
        let lesions = rows.filter { row in
            row.pathology?.hasLesion == true && row.malignancyProbability?.isFinite == true
                && value(row)?.isFinite == true
        }
        guard let first = lesions.first else { return nil }
        let predicted = lesions.compactMap(\.malignancyProbability)
        let priors = lesions.compactMap(value)
        let labels = lesions.map { $0.pathology == .malignant }
        func area(_ scores: [Double]) throws -> Double? {
            let area = try areaUnderROC(scores: scores, labels: labels)
            return area.isNaN ? nil : area
        }
        self.init(
            arm: first.arm,
            seed: first.seed,
            dataset: first.dataset,
            term: prior?.term,
            lesions: lesions.count,
            meanAbsoluteDifference: zip(predicted, priors).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(lesions.count),
            pearson: try pearsonCorrelation(predicted, priors),
            spearman: try spearmanCorrelation(predicted, priors),
            concordance: try concordanceCorrelation(predicted, priors),
            priorAUROC: try area(priors),
            malignancyAUROC: try area(predicted)
        )
    }

    /// The mean over the tests of one seed, or over seeds; `nil` without any.
    private init?(meanOf agreements: [PriorAgreement], seed: UInt64?) {
        guard let first = agreements.first else { return nil }
        func mean(_ value: (PriorAgreement) -> Double) -> Double {
            agreements.reduce(0) { $0 + value($1) } / Double(agreements.count)
        }
        func area(_ value: (PriorAgreement) -> Double?) -> Double? {
            let areas = agreements.compactMap(value)
            return areas.isEmpty ? nil : areas.reduce(0, +) / Double(areas.count)
        }
        self.init(
            arm: first.arm,
            seed: seed,
            dataset: first.dataset,
            term: first.term,
            lesions: first.lesions,
            meanAbsoluteDifference: mean(\.meanAbsoluteDifference),
            pearson: mean(\.pearson),
            spearman: mean(\.spearman),
            concordance: mean(\.concordance),
            priorAUROC: area(\.priorAUROC),
            malignancyAUROC: area(\.malignancyAUROC)
        )
    }
}

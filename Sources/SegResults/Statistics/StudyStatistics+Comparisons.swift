import SegMetrics
import SegScoring

extension StudyStatistics {
    /// Every arm against the reference on every data set, p adjusted for each metric over the data sets of the family, of each
    /// arm or of all together: p on another, such as the part that epochs were chosen on, stays as it is and does not weigh
    /// on theirs.
    package func comparisons(
        arms: [String],
        reference: String,
        datasets: [String],
        family: Set<String>
    ) throws -> [ArmComparison] {
        var result: [ArmComparison] = []
        for arm in arms where arm != reference {
            for metric in comparedMetrics {
                result += try datasets.compactMap { try comparison(arm, reference, $0, metric) }
            }
        }
        let tested = result.indices.filter { family.contains(result[$0].dataset) }
        let families = Dictionary(grouping: tested) { index in
            [result[index].metric.rawValue, adjustsArmsTogether ? "" : result[index].arm]
        }
        for members in families.values { Self.adjust(&result, members) }
        return result
    }

    /// Holm's correction of every p of some comparisons.
    private static func adjust(_ comparisons: inout [ArmComparison], _ members: [Int]) {
        for (index, p) in zip(members, holmAdjusted(members.map { comparisons[$0].pValue })) {
            comparisons[index].adjustedPValue = p
        }
        let means = members.filter { comparisons[$0].meanPValue != nil }
        for (index, p) in zip(means, holmAdjusted(means.map { comparisons[$0].meanPValue ?? .nan })) {
            comparisons[index].adjustedMeanPValue = p
        }
        let across = members.filter { comparisons[$0].acrossSeeds != nil }
        for (index, p) in zip(across, holmAdjusted(across.map { comparisons[$0].acrossSeeds?.pValue ?? .nan })) {
            comparisons[index].acrossSeeds?.adjustedPValue = p
        }
    }

    /// What arms are compared by, in order; `nil` stands for the AUROC, which follows the metrics that every arm has.
    private var comparedMetrics: [MetricDescription?] {
        let compared = metrics.filter { $0.isShown(in: .comparisons) }
        let required = compared.filter { $0.isShown(in: .required) }
        return required + [nil] + compared.filter { !$0.isShown(in: .required) }
    }

    private func comparison(
        _ arm: String,
        _ reference: String,
        _ dataset: String,
        _ metric: MetricDescription?
    ) throws -> ArmComparison? {
        let ours = cases(arm, dataset)
        let theirs = cases(reference, dataset)
        guard !ours.isEmpty, ours.map(\.caseID) == theirs.map(\.caseID) else { return nil }
        return try metric.map { try paired(ours, theirs, reference, $0) } ?? areas(arm, reference, dataset)
    }

    /// By a metric of cases, case by case.
    private func paired(
        _ ours: [CaseResult],
        _ theirs: [CaseResult],
        _ reference: String,
        _ metric: MetricDescription
    ) throws -> ArmComparison? {
        func value(_ row: CaseResult) -> Double { row.metrics[metric.name] ?? .nan }
        let pairs = zip(ours, theirs).filter { !value($0).isNaN && !value($1).isNaN }
        guard let first = ours.first, !pairs.isEmpty else { return nil }
        let (mine, other) = (pairs.map { value($0.0) }, pairs.map { value($0.1) })
        let groups = pairs.map(\.0.group)
        let options = WilcoxonSignedRank.Options(roundingDecimals: Self.roundingDecimals)
        let test = try wilcoxonSignedRank(mine, other, options: options)
        let interval = try pairedBootstrapInterval(
            mine,
            other,
            groups: groups,
            method: .biasCorrectedAccelerated,
            resampleCount: resamples,
            seed: Self.resamplingSeed
        )
        // Positive where the arm is better, also where less is better.
        let effect = metric.isLowerBetter ? 0 - test.rankBiserialCorrelation : test.rankBiserialCorrelation
        // Images of one patient are not independent: a test that takes them for so finds differences where there are none.
        let pValue =
            Set(groups).count < groups.count ? try pValueByPatient(mine, other, groups: groups) : test.pValue
        return ArmComparison(
            arm: first.arm,
            reference: reference,
            dataset: first.dataset,
            metric: metric.compared,
            pairs: pairs.count,
            meanDifference: interval.estimate,
            // One patient says nothing of how patients differ.
            interval: interval.groupCount > 1 ? ConfidenceInterval(interval.lower, interval.upper) : nil,
            pValue: pValue,
            adjustedPValue: pValue,
            meanPValue: try meanPValue(mine, other, groups: groups),
            effectSize: effect.isNaN ? nil : effect,
            acrossSeeds: try acrossSeeds(first, reference, pairs.map(\.0), value)
        )
    }

    private func pValueByPatient(_ mine: [Double], _ other: [Double], groups: [String]) throws -> Double {
        let test = try pairedPermutationTest(
            mine,
            other,
            groups: groups,
            options: .init(
                statistic: .signedRankSum,
                resampleCount: resamples,
                seed: Self.resamplingSeed,
                roundingDecimals: Self.roundingDecimals
            )
        )
        // Equal arms do not differ, of however many cases that is known.
        return test.zeroCount == test.pairCount ? 1 : test.pValue
    }

    /// p of the mean difference; `nil` where no pair differs.
    private func meanPValue(_ mine: [Double], _ other: [Double], groups: [String]) throws -> Double? {
        let test = try pairedPermutationTest(
            mine,
            other,
            groups: groups,
            options: .init(
                maximumExactCount: Self.mostExactPatients,
                resampleCount: resamples,
                seed: Self.resamplingSeed,
                roundingDecimals: Self.roundingDecimals
            )
        )
        return test.zeroCount == test.pairCount || test.pValue.isNaN ? nil : test.pValue
    }

    /// The comparison of the methods rather than of the trained models; `nil` with a single seed.
    private func acrossSeeds(
        _ row: CaseResult,
        _ reference: String,
        _ cases: [CaseResult],
        _ value: (CaseResult) -> Double
    ) throws -> SeedComparison? {
        guard let mine = try replicates(row.arm, row.dataset, cases.map(\.caseID), value),
            let other = try replicates(reference, row.dataset, cases.map(\.caseID), value)
        else { return nil }
        let test = try seedAndCaseTest(mine, other, groups: cases.map(\.group))
        return SeedComparison(
            seeds: min(mine.seedCount, other.seedCount),
            interval: ConfidenceInterval(test.lower, test.upper),
            pValue: test.pValue,
            adjustedPValue: test.pValue,
            standardError: Self.standardError(test.lower, test.upper, degreesOfFreedom: test.degreesOfFreedom)
        )
    }

    /// That of a symmetric 95 % interval by Student's distribution; `nil` where there is none.
    private static func standardError(_ lower: Double, _ upper: Double, degreesOfFreedom: Double) -> Double? {
        let error = (upper - lower) / (2 * studentTwoSidedQuantile(0.05, degreesOfFreedom: degreesOfFreedom))
        return error.isFinite ? error : nil
    }

    /// What each seed reached on some cases; `nil` with a single seed, or if a seed lacks a case.
    private func replicates(
        _ arm: String,
        _ dataset: String,
        _ caseIDs: [String],
        _ value: (CaseResult) -> Double
    ) throws -> SeedReplicates? {
        guard seeds.count > 1 else { return nil }
        let runs = seeds.map { seed in
            let byCase = Dictionary(cases(arm, dataset, seed: seed).map { ($0.caseID, value($0)) }) { first, _ in first
            }
            return caseIDs.compactMap { byCase[$0] }
        }
        return runs.allSatisfy { $0.count == caseIDs.count } ? try SeedReplicates(runs) : nil
    }

    /// The mean of the trainings' areas under both arms, and whether they differ: those of the models by DeLong's test on
    /// mean placements, those of the methods by Obuchowski and Rockette's, where a seed's reader is the mean of its folds.
    private func areas(_ arm: String, _ reference: String, _ dataset: String) throws -> ArmComparison? {
        guard let mine = try placements(arm, dataset, seed: nil),
            let other = try placements(reference, dataset, seed: nil), Set(mine.labels).count == 2
        else { return nil }
        let test = try deLongTest(mine, other)
        var acrossSeeds: SeedComparison?
        let readers = (try readers(arm, dataset), try readers(reference, dataset))
        if seeds.count > 1, readers.0.count == seeds.count, readers.1.count == seeds.count {
            let methods = try obuchowskiRocketteTest(readers.0, readers.1)
            acrossSeeds = SeedComparison(
                seeds: seeds.count,
                interval: ConfidenceInterval(methods.lower, methods.upper),
                pValue: methods.pValue,
                adjustedPValue: methods.pValue,
                standardError: Self.standardError(
                    methods.lower,
                    methods.upper,
                    degreesOfFreedom: methods.degreesOfFreedom
                )
            )
        }
        return ArmComparison(
            arm: arm,
            reference: reference,
            dataset: dataset,
            metric: .auroc,
            pairs: mine.labels.count,
            meanDifference: test.difference,
            interval: ConfidenceInterval(test.lower, test.upper),
            pValue: test.pValue,
            adjustedPValue: test.pValue,
            acrossSeeds: acrossSeeds
        )
    }
}

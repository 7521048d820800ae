import SegMetrics

extension StudyStatistics {
    /// Every arm against the reference on every data set, p adjusted over the data sets for each arm and metric.
    func comparisons(arms: [String], reference: String, datasets: [String]) throws -> [ArmComparison] {
        var result: [ArmComparison] = []
        for arm in arms where arm != reference {
            for metric in ComparedMetric.allCases {
                var family = try datasets.compactMap { try comparison(arm, reference, $0, metric) }
                let adjusted = holmAdjusted(family.map(\.pValue))
                let acrossSeeds = family.indices.filter { family[$0].acrossSeeds != nil }
                let adjustedAcross = holmAdjusted(acrossSeeds.map { family[$0].acrossSeeds?.pValue ?? .nan })
                for index in family.indices { family[index].adjustedPValue = adjusted[index] }
                for (index, p) in zip(acrossSeeds, adjustedAcross) { family[index].acrossSeeds?.adjustedPValue = p }
                result += family
            }
        }
        return result
    }

    private func comparison(
        _ arm: String,
        _ reference: String,
        _ dataset: String,
        _ metric: ComparedMetric
    ) throws -> ArmComparison? {
        let ours = cases(arm, dataset)
        let theirs = cases(reference, dataset)
        guard !ours.isEmpty, ours.map(\.caseID) == theirs.map(\.caseID) else { return nil }
        switch metric {
        case .dice: return try overlap(ours, theirs, reference, metric, \.dice)
        case .iou: return try overlap(ours, theirs, reference, metric, \.iou)
        case .auroc: return try areas(ours, theirs, reference)
        case .hausdorff95: return try overlap(ours, theirs, reference, metric) { $0.hausdorff95 ?? .nan }
        }
    }

    private func overlap(
        _ ours: [CaseResult],
        _ theirs: [CaseResult],
        _ reference: String,
        _ metric: ComparedMetric,
        _ value: (CaseResult) -> Double
    ) throws -> ArmComparison? {
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
        let pValue =
            Set(groups).count < groups.count ? try pValueByPatient(mine, other, groups: groups) : test.pValue
        return ArmComparison(
            arm: first.arm,
            reference: reference,
            dataset: first.dataset,
            metric: metric,
            pairs: pairs.count,
            meanDifference: interval.estimate,
            interval: ConfidenceInterval(interval.lower, interval.upper),
            pValue: pValue,
            adjustedPValue: pValue,
            effectSize: effect.isNaN ? nil : effect,
            acrossSeeds: try acrossSeeds(first, reference, pairs.map(\.0), value)
        )
    }

    /// Images of one patient are not independent: a test that takes them for so finds differences where there are none.
    private func pValueByPatient(_ mine: [Double], _ other: [Double], groups: [String]) throws -> Double {
        // Differences that are round-off are none.
        let scale = 1e12
        let differences = zip(mine, other).map { (($0 - $1) * scale).rounded() / scale }
        // As Wilcoxon's test has it: without a difference there is nothing to test.
        guard differences.contains(where: { $0 != 0 }) else { return .nan }
        return try pairedPermutationTest(
            differences,
            [Double](repeating: 0, count: differences.count),
            groups: groups,
            options: .init(statistic: .signedRankSum, resampleCount: resamples, seed: Self.resamplingSeed)
        ).pValue
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
            adjustedPValue: test.pValue
        )
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

    private func areas(_ ours: [CaseResult], _ theirs: [CaseResult], _ reference: String) throws -> ArmComparison? {
        guard let first = ours.first, let mine = labelled(ours), let other = labelled(theirs),
            Set(mine.labels).count == 2
        else { return nil }
        let test = try deLongTest(first: mine.scores, second: other.scores, labels: mine.labels)
        let difference = test.firstArea - test.secondArea
        let variance = test.firstVariance + test.secondVariance - 2 * test.covariance
        // 0.975 quantile of the normal distribution.
        let margin = 1.959_963_984_540_054 * max(0, variance).squareRoot()
        return ArmComparison(
            arm: first.arm,
            reference: reference,
            dataset: first.dataset,
            metric: .auroc,
            pairs: mine.labels.count,
            meanDifference: difference,
            interval: ConfidenceInterval(difference - margin, difference + margin),
            pValue: test.pValue,
            adjustedPValue: test.pValue
        )
    }
}

import SegMetrics

extension StudyStatistics {
    /// How well an arm tells malignant from benign on a data set; over all seeds, every figure is the mean over trainings:
    /// the mean of several models' probabilities would be another, better model that nobody trained.
    func malignancy(_ arm: String, _ dataset: String, seed: UInt64?) throws -> MalignancySummary? {
        let tests = self.passes(arm, dataset, seed: seed)
        let passes = tests.compactMap(\.lesions)
        // Some trainings after scaling beside all of them before would compare different models.
        let all = tests.compactMap(\.scaledLesions)
        let scaled = all.count == passes.count ? all : []
        guard let first = passes.first, let placements = try placements(arm, dataset, seed: seed) else { return nil }
        let area = try deLongInterval(placements)
        let points = try operatingPoints(arm, dataset, seed: seed)
        let malignant = first.labels.count { $0 }
        let prevalence = prevalence ?? Double(malignant) / Double(first.labels.count)
        func mean(_ values: [Double]) -> Double? {
            let defined = values.filter(\.isFinite)
            return defined.isEmpty ? nil : defined.reduce(0, +) / Double(defined.count)
        }
        var summary = MalignancySummary(
            cases: first.labels.count,
            malignant: malignant,
            auroc: area.area.isNaN ? nil : area.area,
            aurocInterval: ConfidenceInterval(area.lower, area.upper),
            aurocStandardDeviationOverSeeds: seed == nil
                ? Self.deviation(try readers(arm, dataset).map(\.area)) : nil,
            auprc: mean(try passes.map { try averagePrecision(scores: $0.scores, labels: $0.labels) }),
            threshold: mean(points.map(\.threshold)),
            sensitivity: mean(points.map(\.sensitivity)),
            specificity: mean(points.map(\.specificity)),
            sensitivityAt90Specificity: mean(try passes.compactMap { try $0.sensitivity(atSpecificity: 0.9) }),
            calibrationError: mean(try passes.map { try $0.calibrationError() }),
            brierScore: mean(try passes.map { try $0.brierScore() }),
            scaledCalibrationError: mean(try scaled.map { try $0.calibrationError() }),
            scaledBrierScore: mean(try scaled.map { try $0.brierScore() }),
            intervals: try malignancyIntervals(arm, dataset, seed: seed, prevalence: prevalence)
        )
        if let sensitivity = summary.sensitivity, let specificity = summary.specificity {
            summary.predictiveValues = PredictiveValues(
                sensitivity: sensitivity,
                specificity: specificity,
                prevalence: prevalence
            )
        }
        return summary
    }

    /// Where each lesion of a data set stands among those of the other class, on average over an arm's trainings, or over
    /// those of one seed; `nil` where the arm does not classify.
    func placements(_ arm: String, _ dataset: String, seed: UInt64?) throws -> ROCPlacements? {
        let lesions = passes(arm, dataset, seed: seed).compactMap(\.lesions)
        guard !lesions.isEmpty else { return nil }
        return try ROCPlacements(
            meanOf: lesions.map { try ROCPlacements(scores: $0.scores, labels: $0.labels, groups: $0.groups) }
        )
    }

    /// The placements of each seed; none where the arm does not classify.
    func readers(_ arm: String, _ dataset: String) throws -> [ROCPlacements] {
        try seeds.compactMap { try placements(arm, dataset, seed: $0) }
    }

    private func passes(_ arm: String, _ dataset: String, seed: UInt64?) -> [TestPass] {
        TestPass.all(in: tested(arm, dataset, seed: seed))
    }

    /// What each training does at the threshold that was chosen for it.
    private func operatingPoints(_ arm: String, _ dataset: String, seed: UInt64?) throws -> [(
        threshold: Double, sensitivity: Double, specificity: Double
    )] {
        var points: [(threshold: Double, sensitivity: Double, specificity: Double)] = []
        for seed in seed.map({ [$0] }) ?? seeds {
            for (fold, threshold) in (thresholds[arm]?[seed] ?? [:]).sorted(by: { $0.key < $1.key }) {
                let own = (rows[arm]?[dataset]?[seed] ?? []).filter { ($0.fold ?? 1) == fold }
                guard let lesions = TestPass(seed: seed, fold: fold, rows: own).lesions else { continue }
                let counts = try ConfusionCounts(scores: lesions.scores, labels: lesions.labels, threshold: threshold)
                let positives = Double(counts.actualPositives)
                let negatives = Double(counts.total - counts.actualPositives)
                points.append(
                    (threshold, Double(counts.truePositives) / positives, Double(counts.trueNegatives) / negatives)
                )
            }
        }
        return points
    }
}

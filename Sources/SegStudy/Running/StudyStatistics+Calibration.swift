import SegMetrics

extension StudyStatistics {
    /// The bins of calibration curves and errors.
    static let calibrationBinning = CalibrationBinning.equalWidthClosedLeft(10)

    /// How far an arm's probabilities of malignancy can be taken at their word on a data set.
    ///
    /// Without a seed, the mean over seeds: the mean of several models' probabilities would be another, better
    /// calibrated model that nobody trained.
    ///
    /// - Parameter isScaled: whether after temperature scaling; then there is none unless every training has a temperature.
    func calibration(
        _ arm: String,
        _ dataset: String,
        seed: UInt64?,
        isScaled: Bool = false
    ) throws -> (error: Double?, brier: Double?) {
        let runs = labelledRuns(arm, dataset, seed: seed, isScaled: isScaled)
        return (
            mean(
                try runs.map {
                    try expectedCalibrationError(
                        probabilities: $0.scores,
                        labels: $0.labels,
                        binning: Self.calibrationBinning
                    )
                }
            ),
            mean(try runs.map { try brierScore(probabilities: $0.scores, labels: $0.labels) })
        )
    }

    /// The greatest sensitivity to malignancy at a specificity, by the ROC curves of the seeds: their mean.
    ///
    /// `nil` where benign or malignant lesions are missing.
    func sensitivity(
        _ arm: String,
        _ dataset: String,
        seed: UInt64?,
        atSpecificity specificity: Double
    ) throws -> Double? {
        mean(
            try labelledRuns(arm, dataset, seed: seed).compactMap {
                try ROCCurve(scores: $0.scores, labels: $0.labels)
                    .mostSensitivePoint(specificityAtLeast: specificity)?.sensitivity
            }
        )
    }

    /// Probabilities of malignancy and truth by seed.
    private func labelledRuns(
        _ arm: String,
        _ dataset: String,
        seed: UInt64?,
        isScaled: Bool = false
    ) -> [(scores: [Double], labels: [Bool])] {
        let runs = (seed.map { [$0] } ?? seeds).map { seed in
            var cases = cases(arm, dataset, seed: seed)
            if isScaled {
                for index in cases.indices {
                    cases[index].malignancyProbability = cases[index].scaledMalignancyProbability
                }
            }
            return labelled(cases)
        }
        // Some seeds after scaling beside all of them before would compare different models.
        return isScaled && runs.contains { $0 == nil } ? [] : runs.compactMap(\.self)
    }

    private func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}

import SegMetrics

extension StudyStatistics {
    /// The bins of calibration curves and errors.
    static let calibrationBinning = CalibrationBinning.equalWidthClosedLeft(10)

    /// How far an arm's probabilities of malignancy can be taken at their word on a data set.
    ///
    /// Without a seed, the mean over seeds: the mean of several models' probabilities would be another, better
    /// calibrated model that nobody trained.
    func calibration(_ arm: String, _ dataset: String, seed: UInt64?) throws -> (error: Double?, brier: Double?) {
        let runs = (seed.map { [$0] } ?? seeds).compactMap { labelled(cases(arm, dataset, seed: $0)) }
        func mean(_ values: [Double]) -> Double? {
            values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        }
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
}

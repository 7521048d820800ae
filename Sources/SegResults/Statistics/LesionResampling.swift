import SegMetrics

/// Figures of malignancy over resampled patients, means over the trainings that judged them.
///
/// A resample is a weight for each lesion, so that scores are sorted once.
struct LesionResampling {
    struct Figures {
        var averagePrecision = 0.0
        var calibrationError = 0.0
        var brierScore = 0.0
        var positivePredictiveValue = Double.nan
        var negativePredictiveValue = Double.nan
    }

    /// What one training said of the lesions.
    private struct Pass {
        var scores: [Double]
        /// Lesions from the highest score to the lowest.
        var order: [Int]
        var bins: [Int]
    }

    private let labels: [Bool]
    private let patients: [[Int]]
    private let passes: [Pass]
    /// How often each lesion was called malignant; `nil` without thresholds.
    private let shares: [Double]?
    private let prevalence: Double

    init(_ passes: [TestPass.Lesions], shares: [Double]?, prevalence: Double) {
        labels = passes[0].labels
        let groups = passes[0].groups
        patients = Dictionary(grouping: groups.indices, by: { groups[$0] }).values.sorted { $0[0] < $1[0] }
        self.passes = passes.map { lesions in
            Pass(
                scores: lesions.scores,
                order: lesions.scores.indices.sorted { lesions.scores[$0] > lesions.scores[$1] },
                bins: StudyStatistics.calibrationBinning.indices(of: lesions.scores)
            )
        }
        self.shares = shares
        self.prevalence = prevalence
    }

    /// NaN where a resample lacks a class.
    func figures(count: Int, seed: UInt64) -> [Figures] {
        var generator = SplitMix64(seed: seed)
        var weights = [Double](repeating: 0, count: labels.count)
        return (0..<count).map { _ in
            for index in weights.indices { weights[index] = 0 }
            for _ in patients.indices {
                for lesion in patients[generator.next(below: patients.count)] { weights[lesion] += 1 }
            }
            return figures(weights)
        }
    }

    /// The figures of lesions that count as often as their weights say.
    func figures(_ weights: [Double]) -> Figures {
        var result = Figures()
        let count = Double(passes.count)
        for pass in passes {
            result.averagePrecision += averagePrecision(pass, weights) / count
            let (error, squares) = errors(pass, weights)
            result.calibrationError += error / count
            result.brierScore += squares / count
        }
        guard let shares else { return result }
        var (hits, positives, rejections, negatives) = (0.0, 0.0, 0.0, 0.0)
        for (index, weight) in weights.enumerated() {
            if labels[index] {
                hits += weight * shares[index]
                positives += weight
            } else {
                rejections += weight * (1 - shares[index])
                negatives += weight
            }
        }
        let values = PredictiveValues(
            sensitivity: hits / positives,
            specificity: rejections / negatives,
            prevalence: prevalence
        )
        result.positivePredictiveValue = values.positive ?? .nan
        result.negativePredictiveValue = values.negative ?? .nan
        return result
    }

    /// As ``SegMetrics/averagePrecision(scores:labels:)``, equal scores sharing a threshold.
    private func averagePrecision(_ pass: Pass, _ weights: [Double]) -> Double {
        let positives = zip(weights, labels).reduce(0) { $1.1 ? $0 + $1.0 : $0 }
        guard positives > 0 else { return .nan }
        var (area, hits, called, start) = (0.0, 0.0, 0.0, 0)
        while start < pass.order.count {
            let score = pass.scores[pass.order[start]]
            var own = 0.0
            while start < pass.order.count, pass.scores[pass.order[start]] == score {
                let lesion = pass.order[start]
                called += weights[lesion]
                if labels[lesion] { own += weights[lesion] }
                start += 1
            }
            hits += own
            if called > 0 { area += own / positives * (hits / called) }
        }
        return area
    }

    /// Expected calibration error and Brier score.
    private func errors(_ pass: Pass, _ weights: [Double]) -> (calibration: Double, squares: Double) {
        var sums = [Double](repeating: 0, count: StudyStatistics.calibrationBinning.count + 1)
        var (squares, total) = (0.0, 0.0)
        for (lesion, weight) in weights.enumerated() where weight > 0 {
            let distance = pass.scores[lesion] - (labels[lesion] ? 1 : 0)
            sums[pass.bins[lesion]] += weight * distance
            squares += weight * distance * distance
            total += weight
        }
        return (sums.reduce(0) { $0 + abs($1) } / total, squares / total)
    }
}

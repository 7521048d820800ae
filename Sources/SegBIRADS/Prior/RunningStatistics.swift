import SegCore

/// Mean and variance of each feature over the predicted masks of the steps so far, the older ones fading.
///
/// - Formula: with weights wᵢ of n images and r = 0.01 · Σw/n, `μ ← μ + r (m − μ)` and `v ← v + r (s − v)`, where m is the
///   weighted mean of the batch and s that of (f − μ)², μ as it was before. About a hundred steps are remembered.
/// - Edge cases: a batch in which no image counts changes nothing, nor does a value that is not a number.
final class RunningStatistics: Module {
    static let rate = 0.01

    let means: ModuleBuffer
    private let variances: ModuleBuffer

    init(count: Int) {
        means = ModuleBuffer(Array(repeating: 0, count: count))
        variances = ModuleBuffer(Array(repeating: 1, count: count))
    }

    func visit(_ visitor: inout ModuleVisitor) {
        visitor.buffer("mean", means)
        visitor.buffer("variance", variances)
    }

    /// The standard deviation, with an ε inside.
    func deviation(_ index: Int) -> Float { (variances.values[index] + 1e-6).squareRoot() }

    /// Begins a feature's statistics with those of the true masks.
    func start(_ index: Int, mean: Float, deviation: Float) {
        means.values[index] = mean
        variances.values[index] = deviation * deviation
    }

    func follow(_ values: [[Float]], weights: [Float]) {
        for (index, list) in values.enumerated() {
            let old = Double(means.values[index])
            var (mass, first, second) = (0.0, 0.0, 0.0)
            for (value, weight) in zip(list, weights) where value.isFinite {
                let (value, weight) = (Double(value), Double(weight))
                mass += weight
                first += weight * value
                second += weight * (value - old) * (value - old)
            }
            guard mass > 0 else { continue }
            let rate = Self.rate * mass / Double(weights.count)
            means.values[index] = Float(old + rate * (first / mass - old))
            let variance = Double(variances.values[index])
            variances.values[index] = Float(variance + rate * (second / mass - variance))
        }
    }
}

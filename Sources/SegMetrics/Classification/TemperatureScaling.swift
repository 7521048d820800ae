private import Foundation

/// One number that makes a trained model's probabilities honest: its logits divided by a temperature.
///
/// The order of the cases, and with it every ROC curve and every threshold at logit 0, stays as it is. Fit it on the
/// source's validation split.
///
/// - Source: C. Guo et al., On calibration of modern neural networks, ICML (2017), section 4.2.
public struct TemperatureScaling: Hashable, Sendable {
    /// Temperatures that a fit may give. Beyond them, probabilities are as good as 0 and 1, or one half.
    public static let range = 0.01...100.0

    /// What logits are divided by: above 1 the model was too sure, below 1 not sure enough.
    public var temperature: Double
    /// Whether the likelihood still rises at an end of ``range``: the logits separate the labels without an error, which
    /// wants a temperature of 0, or say nothing about them or the contrary, which wants ∞.
    public var isAtBound: Bool

    /// A temperature that is known.
    public init(temperature: Double) {
        precondition(temperature > 0, "a temperature is positive")
        self.init(temperature: temperature, isAtBound: false)
    }

    private init(temperature: Double, isAtBound: Bool) {
        self.temperature = temperature
        self.isAtBound = isAtBound
    }

    /// Fits the temperature that minimizes the negative log-likelihood of the labels.
    ///
    /// - Formula: min over T of Σ log(1 + exp(z/T)) − y·z/T, which is convex in 1/T: its derivative's zero, by Newton's
    ///   method inside a bracket that is halved where Newton would leave it.
    /// - Edge cases: see ``isAtBound``. The temperature is 1 if every logit is 0, which any temperature leaves so.
    /// - Throws: ``MetricsError`` if there is not one label per logit, there are none, or a logit is not finite.
    public init(fitting logits: [Double], labels: [Bool]) throws {
        try requireEqualCounts(("logits", logits.count), ("labels", labels.count))
        guard !logits.isEmpty else {
            throw MetricsError("a temperature cannot be fitted without cases", cure: "fit it on the validation split")
        }
        if let index = logits.firstIndex(where: { !$0.isFinite }) {
            throw MetricsError(
                "logit \(index) is \(logits[index])",
                cure: "pass logits, not probabilities turned back into them at 0 or 1"
            )
        }
        guard logits.contains(where: { $0 != 0 }) else {
            self.init(temperature: 1)
            return
        }
        /// First and second derivative of the mean loss by the inverse temperature.
        func derivatives(_ inverse: Double) -> (first: Double, second: Double) {
            var first = 0.0
            var second = 0.0
            for (logit, label) in zip(logits, labels) {
                let probability = logistic(inverse * logit)
                first += logit * (probability - (label ? 1 : 0))
                second += logit * logit * probability * (1 - probability)
            }
            return (first, second)
        }
        var low = 1 / Self.range.upperBound
        var high = 1 / Self.range.lowerBound
        let isTooHot = derivatives(low).first >= 0
        if isTooHot || derivatives(high).first <= 0 {
            self.init(temperature: isTooHot ? Self.range.upperBound : Self.range.lowerBound, isAtBound: true)
            return
        }
        var inverse = 1.0
        for _ in 0..<200 {
            let (first, second) = derivatives(inverse)
            if first == 0 { break }
            if first > 0 { high = inverse } else { low = inverse }
            let newton = inverse - first / second
            // Temperatures span four decades, so that the bracket is halved on their scale.
            let next = newton > low && newton < high ? newton : (low * high).squareRoot()
            let isSettled = abs(next - inverse) <= 1e-14 * inverse
            inverse = next
            if isSettled { break }
        }
        self.init(temperature: 1 / inverse)
    }

    /// The probability of each logit after scaling.
    public func probabilities(_ logits: [Double]) -> [Double] { logits.map { logistic($0 / temperature) } }
}

private func logistic(_ logit: Double) -> Double { 1 / (1 + exp(-logit)) }

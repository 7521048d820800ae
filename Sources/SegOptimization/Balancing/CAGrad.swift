public import SegCore

/// The direction near the mean gradient along which the task that gains least gains most, on the shared parameters.
///
/// - Formula: with `g₀` the mean of the tasks' gradients, `g_w = Σ w g` for weights w on the simplex and `φ = c² ‖g₀‖²`, w
///   minimizes `g_w · g₀ + √φ ‖g_w‖`; the result is `T (g₀ + √φ / ‖g_w‖ · g_w)` for T tasks, so that c = 0 gives the sum.
/// - Source: Liu et al. 2021 (Conflict-Averse Gradient Descent), equation 4 and algorithm 1; the minimum is found by exact
///   searches between pairs of weights.
public final class CAGrad: TaskBalancing {
    public struct Settings: PluginSettings, ExplainedSettings {
        /// How far the direction may leave the mean, as a share of the mean's norm; 0 is the plain sum.
        public var c = 0.4

        public static let meanings: [String: SettingMeaning] = [
            "c": "How far the direction may leave the mean, as a share of the mean's norm; 0 is the plain sum"
        ]
        public init() {}
        public func validate() throws { try require("c", c, in: 0...0.999) }
    }

    public static let name = "cagrad"
    public static let summary = "The direction near the mean that helps the worst-off task most (Liu 2021)"

    private let settings: Settings

    public init(_ settings: Settings = Settings(), tasks: [String]) { self.settings = settings }

    public var readsGradients: Bool { true }

    public func factors(_ step: BalancingStep) -> [TaskFactor] {
        let count = step.tasks.count
        let products = step.products
        let share = 1 / Double(count)
        let meanSquare = products.reduce(0) { $0 + $1.reduce(0, +) } * share * share
        guard count > 1, meanSquare > 0 else { return step.tasks.map { _ in TaskFactor(1) } }
        let reach = settings.c * meanSquare.squareRoot()
        // Of `g₀` with each gradient.
        let withMean = products.map { $0.reduce(0, +) * share }
        let weights = Self.minimum(products, withMean, reach)
        let norm = max(0, Self.square(weights, products)).squareRoot()
        let scale = norm > 0 ? reach / norm : 0
        return weights.map { TaskFactor(shared: 1 + Double(count) * scale * $0, own: 1) }
    }

    private static func square(_ weights: [Double], _ products: [[Double]]) -> Double {
        weights.indices.reduce(0) { sum, row in
            sum + weights[row] * zip(weights, products[row]).reduce(0) { $0 + $1.0 * $1.1 }
        }
    }

    /// The weights that minimize `w · b + reach · √(w A w)`, a convex function.
    private static func minimum(_ products: [[Double]], _ withMean: [Double], _ reach: Double) -> [Double] {
        func value(_ weights: [Double]) -> Double {
            zip(weights, withMean).reduce(0) { $0 + $1.0 * $1.1 }
                + reach * max(0, square(weights, products)).squareRoot()
        }
        let count = products.count
        var weights = Array(repeating: 1 / Double(count), count: count)
        // Two tasks are one search; more take turns until a round changes nothing.
        for _ in 0..<(count == 2 ? 1 : 200) {
            let before = weights
            for first in 0..<count {
                for second in (first + 1)..<count {
                    let sum = weights[first] + weights[second]
                    func divided(_ share: Double) -> [Double] {
                        var result = weights
                        result[first] = sum * share
                        result[second] = sum - sum * share
                        return result
                    }
                    weights = divided(lowest { value(divided($0)) })
                }
            }
            if zip(before, weights).allSatisfy({ abs($0 - $1) < 1e-12 }) { break }
        }
        return weights
    }

    /// Where in 0...1 a convex function is lowest, by golden sections.
    private static func lowest(_ function: (Double) -> Double) -> Double {
        let golden = (5.0.squareRoot() - 1) / 2
        var (low, high) = (0.0, 1.0)
        var (left, right) = (1 - golden, golden)
        var (atLeft, atRight) = (function(left), function(right))
        for _ in 0..<60 {
            if atLeft <= atRight {
                (high, right, atRight) = (right, left, atLeft)
                left = high - golden * (high - low)
                atLeft = function(left)
            } else {
                (low, left, atLeft) = (left, right, atRight)
                right = low + golden * (high - low)
                atRight = function(right)
            }
        }
        let middle = (low + high) / 2
        // The ends belong to the range, and no section ever lies on them.
        return [0, middle, 1].map { ($0, function($0)) }.min { $0.1 < $1.1 }?.0 ?? middle
    }
}

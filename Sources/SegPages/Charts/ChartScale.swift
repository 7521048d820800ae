import Foundation

/// Maps values to positions on a chart, with ticks at round values.
package struct ChartScale: Sendable {
    /// How values are spaced.
    package enum Kind: Sendable { case linear, logarithmic }

    /// A round value on an axis, with its label.
    package struct Tick: Sendable {
        package var value: Double
        package var label: String
    }

    package let kind: Kind
    package let low: Double
    package let high: Double
    /// Position of `low`, px.
    package let start: Double
    /// Position of `high`, px.
    package let end: Double
    package let ticks: [Tick]

    /// A linear scale. With `isNice` the domain grows to the next ticks.
    ///
    /// - Edge cases: a domain that is empty or not finite becomes one around its value, or 0 to 1.
    package init(linear low: Double, _ high: Double, from start: Double, to end: Double, ticks: Int = 5, isNice: Bool) {
        var (low, high) = low.isFinite && high.isFinite ? (min(low, high), max(low, high)) : (0, 1)
        if high - low <= 1e-12 * max(abs(low), abs(high), 1e-12) {
            let half = low == 0 ? 0.5 : abs(low) * 0.1
            (low, high) = (low - half, high + half)
        }
        let step = Self.roundStep((high - low) / Double(max(ticks, 1)))
        if isNice { (low, high) = ((low / step).rounded(.down) * step, (high / step).rounded(.up) * step) }
        let first = Int((low / step - 1e-9).rounded(.up))
        let last = Int((high / step + 1e-9).rounded(.down))
        let digits = max(0, -Int(log10(step).rounded(.down)))
        let needsExponent = max(abs(low), abs(high)) < 0.01 || max(abs(low), abs(high)) >= 100_000
        self.kind = .linear
        (self.low, self.high, self.start, self.end) = (low, high, start, end)
        self.ticks = (first...max(first, last)).map { index in
            let value = Double(index) * step
            return Tick(
                value: value,
                label: needsExponent ? Self.exponent(value) : NumberFormat.fixed(value, digits)
            )
        }
    }

    /// A logarithmic scale over positive values, with ticks at 1, 2, 5 or at powers of ten.
    ///
    /// - Edge cases: a domain that is not positive becomes 1 to 10.
    package init(logarithmic low: Double, _ high: Double, from start: Double, to end: Double) {
        let isValid = low > 0 && low.isFinite && high.isFinite && high >= low
        let (low, high) = isValid ? (low == high ? (low / 2, high * 2) : (low, high)) : (1, 10)
        self.kind = .logarithmic
        (self.low, self.high, self.start, self.end) = (low, high, start, end)
        let decades = log10(high / low)
        let factors: [Double] = decades > 2.5 ? [1] : decades > 1.2 ? [1, 3] : [1, 2, 5]
        var ticks: [Tick] = []
        for power in Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up)) {
            for factor in factors {
                let value = factor * pow(10, Double(power))
                guard value >= low * 0.999 && value <= high * 1.001 else { continue }
                ticks.append(Tick(value: value, label: NumberFormat.fixed(value, max(0, -power))))
            }
        }
        self.ticks = ticks
    }

    /// The position of a value, px.
    package func position(_ value: Double) -> Double {
        let fraction =
            kind == .linear ? (value - low) / (high - low) : log(max(value, low * 1e-9) / low) / log(high / low)
        return start + fraction * (end - start)
    }

    /// The next step of 1, 2 or 5 times a power of ten.
    private static func roundStep(_ step: Double) -> Double {
        let power = pow(10, log10(step).rounded(.down))
        let fraction = step / power
        return power * (fraction <= 1.0001 ? 1 : fraction <= 2.0001 ? 2 : fraction <= 5.0001 ? 5 : 10)
    }

    private static func exponent(_ value: Double) -> String {
        guard value != 0 else { return "0" }
        let power = Int((log10(abs(value)) + 1e-9).rounded(.down))
        let mantissa = value / pow(10, Double(power))
        let digits = abs(mantissa - mantissa.rounded()) < 1e-6 ? 0 : 1
        return "\(NumberFormat.fixed(mantissa, digits))e\(power < 0 ? "−" : "")\(abs(power))"
    }
}

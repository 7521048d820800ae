import Foundation

/// Numbers as readers see them: fixed digits, whatever the locale.
package enum NumberFormat {
    /// What marks a number that does not exist or is undefined.
    package static let missing = "–"

    /// A fixed number of decimals, with a true minus sign.
    package static func fixed(_ value: Double?, _ digits: Int = 3) -> String {
        guard let value, !value.isNaN else { return missing }
        if value.isInfinite { return value < 0 ? "−∞" : "∞" }
        let text = String(format: "%.\(digits)f", value)
        guard text.hasPrefix("-") else { return text }
        let magnitude = text.dropFirst()
        return magnitude.contains { $0 != "0" && $0 != "." } ? "−" + magnitude : String(magnitude)
    }

    /// As ``fixed(_:_:)``, with a plus sign before positive numbers.
    package static func signed(_ value: Double?, _ digits: Int = 3) -> String {
        let text = fixed(value, digits)
        guard let value, value > 0, text.contains(where: { $0 != "0" && $0 != "." }) else { return text }
        return "+" + text
    }

    /// A p value: three decimals, never zero.
    package static func pValue(_ value: Double?) -> String {
        guard let value, !value.isNaN else { return missing }
        return value < 0.001 ? "<0.001" : fixed(value, 3)
    }

    /// A p value as an equation: `p = 0.034`, `p < 0.001`.
    package static func pEquation(_ value: Double?) -> String {
        let text = pValue(value)
        return text.hasPrefix("<") ? "p < \(text.dropFirst())" : "p = \(text)"
    }

    /// Stars for a p value: `*` below 0.05, `**` below 0.01, `***` below 0.001.
    package static func stars(_ value: Double?) -> String {
        guard let value, !value.isNaN else { return "" }
        return value < 0.001 ? "***" : value < 0.01 ? "**" : value < 0.05 ? "*" : ""
    }

    /// An interval in brackets.
    package static func interval(
        _ interval: (low: Double, high: Double)?,
        _ digits: Int = 3,
        signed isSigned: Bool = false
    ) -> String {
        guard let interval, !(interval.low.isNaN && interval.high.isNaN) else { return missing }
        let format = isSigned ? signed : fixed
        return "[\(format(interval.low, digits)), \(format(interval.high, digits))]"
    }

    /// A mean with its standard deviation.
    package static func meanAndDeviation(_ mean: Double, _ deviation: Double, _ digits: Int = 3) -> String {
        deviation.isNaN ? fixed(mean, digits) : "\(fixed(mean, digits)) ± \(fixed(deviation, digits))"
    }

    /// A whole number with thin spaces between thousands.
    package static func count(_ value: Int) -> String {
        let digits = String(value.magnitude)
        guard digits.count > 4 else { return value < 0 ? "−" + digits : digits }
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index) % 3 == 0 { result += "\u{202F}" }
            result.append(digit)
        }
        return value < 0 ? "−" + result : result
    }

    /// A duration: `8.4 s`, `3 min 20 s`, `1 h 05 min`.
    package static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return missing }
        if seconds < 59.95 { return fixed(seconds, 1) + " s" }
        let whole = Int(seconds.rounded())
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        let minutes = (whole + 30) / 60
        return "\(minutes / 60) h \(minutes % 60 < 10 ? "0" : "")\(minutes % 60) min"
    }

    /// A count with its noun: `1 arm`, `3 arms`.
    package static func plural(_ value: Int, _ noun: String, _ nouns: String? = nil) -> String {
        "\(count(value)) \(value == 1 ? noun : nouns ?? noun + "s")"
    }

    /// Small counts in words, as prose has them.
    package static func words(_ value: Int) -> String {
        let names = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
        return names.indices.contains(value) ? names[value] : count(value)
    }

    /// `a`, `a and b`, `a, b and c`.
    package static func list(_ items: [String]) -> String {
        guard let last = items.last else { return "" }
        return items.count == 1 ? last : items.dropLast().joined(separator: ", ") + " and " + last
    }
}

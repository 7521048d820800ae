/// An input that a metric cannot judge, said in one line with its cure.
///
/// Only inputs that are wrong in themselves throw: lengths that differ, a score that is not a number. A result that
/// mathematics leaves undefined on valid input (an AUROC without positives, say) is NaN, as each function states.
public struct MetricsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with the input.
    public var problem: String
    /// What the caller can do about it.
    public var cure: String

    public init(_ problem: String, cure: String) {
        self.problem = problem
        self.cure = cure
    }

    public var description: String { "\(problem); \(cure)" }
}

func requireEqualCounts(_ first: (name: String, count: Int), _ second: (name: String, count: Int)) throws {
    guard first.count == second.count else {
        throw MetricsError(
            "\(first.count) \(first.name) face \(second.count) \(second.name)",
            cure: "give one of each per case, in the same order"
        )
    }
}

func requireMask(_ mask: [UInt8], named name: String, width: Int, height: Int) throws {
    guard width > 0, height > 0 else {
        throw MetricsError(
            "an image of \(width)×\(height) px has no pixels",
            cure: "pass the size of the masks in pixels"
        )
    }
    guard mask.count == width * height else {
        throw MetricsError(
            "the \(name) has \(mask.count) pixels, and an image of \(width)×\(height) px has \(width * height)",
            cure: "pass masks of the same image, resized to the same size"
        )
    }
}

func requireNumbers(_ values: [Double], named name: String) throws {
    if let index = values.firstIndex(where: \.isNaN) {
        throw MetricsError(
            "\(name) \(index) is not a number",
            cure: "look for the prediction that failed or diverged; a missing case must not be scored"
        )
    }
}

func requireProbabilities(_ values: [Double]) throws {
    try requireNumbers(values, named: "probability")
    if let index = values.firstIndex(where: { !(0...1).contains($0) }) {
        throw MetricsError(
            "probability \(index) is \(values[index])",
            cure: "pass probabilities in 0...1, not logits"
        )
    }
}

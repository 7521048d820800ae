import Foundation
import SegTensor
import Testing

/// Relative to the largest magnitude of the expected tensor.
///
/// Forward, a float carries 6e-8 and a sum of some hundred products loses a few times that: 1e-5 leaves room for the
/// longest sums here and still sees a wrong coefficient. A gradient passes through two or three such sums, and through
/// the differences of nearly equal terms in a normalization's backward: 1e-4.
struct Tolerance {
    var forward = 1e-5
    var gradient = 1e-4
}

extension Fixture {
    /// Runs the operation on recorded operands under every instruction set, and compares result and gradients.
    ///
    /// `operation` returns the result and, by name, whatever else the fixture knows of.
    func check(
        _ tolerance: Tolerance = Tolerance(),
        _ comment: String = "",
        sourceLocation: SourceLocation = #_sourceLocation,
        _ operation: ([String: Tensor]) -> (Tensor, [String: Tensor])
    ) {
        for set in InstructionSet.available {
            let label = "\(name) \(comment) \(set.rawValue)"
            InstructionSet.with(set) {
                let parameters = inputs.mapValues { Parameter($0.tensor) }
                let (result, others) = operation(parameters.mapValues(\.tensor))
                compare("y", result, tolerance.forward, label, sourceLocation)
                for (key, value) in others { compare(key, value, tolerance.forward, label, sourceLocation) }
                result.backward(from: pseudo(7, result.shape))
                for key in expected.keys.sorted() where key.hasPrefix("d_") {
                    guard let gradient = parameters[String(key.dropFirst(2))]?.gradient else {
                        Issue.record("\(label): no gradient \(key)", sourceLocation: sourceLocation)
                        continue
                    }
                    compare(key, gradient, tolerance.gradient, label, sourceLocation)
                }
            }
        }
    }

    func check(
        _ tolerance: Tolerance = Tolerance(),
        _ comment: String = "",
        sourceLocation: SourceLocation = #_sourceLocation,
        _ operation: ([String: Tensor]) -> Tensor
    ) {
        check(tolerance, comment, sourceLocation: sourceLocation) { (operation($0), [:]) }
    }

    private func compare(
        _ key: String,
        _ tensor: Tensor,
        _ tolerance: Double,
        _ label: String,
        _ sourceLocation: SourceLocation
    ) {
        guard let wanted = expected[key] else {
            Issue.record("\(label): nothing is expected of \(key)", sourceLocation: sourceLocation)
            return
        }
        guard tensor.shape.axes == wanted.shape else {
            Issue.record(
                "\(label): \(key) has shape \(tensor.shape), not \(wanted.shape)",
                sourceLocation: sourceLocation
            )
            return
        }
        let values = tensor.values()
        let isComplete = wanted.sample.count == values.count
        var worst = 0.0
        for (index, value) in wanted.sample.enumerated() {
            let found = Double(values[isComplete ? index : (index * 7919 + 3) % values.count])
            let scale = isElementwise(key) ? max(abs(value), 1e-37) : max(wanted.largest, 1e-30)
            // Not `max`, which would drop a NaN.
            let error = abs(found - value) / scale
            if !(error <= worst) { worst = error }
        }
        #expect(worst <= tolerance, "\(label): \(key) is off by \(worst)", sourceLocation: sourceLocation)
        guard !isElementwise(key) else { return }
        var projection = 0.0
        for (index, value) in values.enumerated() { projection += Double(value) * Double(scattered(999, index)) }
        // Independent errors grow with the root of their number.
        let scale = max(wanted.largest, 1e-30) * Double(values.count).squareRoot()
        let error = abs(projection - wanted.projection) / max(scale, 1e-30)
        #expect(
            values.isEmpty || error <= tolerance,
            "\(label): \(key)'s projection is off by \(error)",
            sourceLocation: sourceLocation
        )
    }

    /// Whether each value is compared relative to itself. Gradients of saturating functions are not: `y (1 − y)` has
    /// no digits left where y is nearly 1.
    private func isElementwise(_ key: String) -> Bool {
        attribute("elementwise") == 1 || (attribute("elementwise") == 2 && key == "y")
    }
}

/// The largest difference, relative to the largest magnitude of `expected`; infinite for other shapes or NaN.
func relativeError(_ found: Tensor, _ expected: Tensor) -> Double {
    guard found.shape == expected.shape else { return .infinity }
    return relativeError(found.values(), expected.values())
}

func relativeError(_ found: [Float], _ expected: [Float]) -> Double {
    guard found.count == expected.count else { return .infinity }
    let largest = expected.reduce(1e-30) { max($0, abs($1)) }
    var worst = 0.0
    for (a, b) in zip(found, expected) where a != b {
        let error = Double(abs(a - b)) / Double(largest)
        if error.isNaN { return .infinity }
        worst = max(worst, error)
    }
    return worst
}

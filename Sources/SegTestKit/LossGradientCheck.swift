import Foundation
import SegCore
import SegTensor

/// Moves every parameter a little, so that none stands on a kink: where an initial bias is 0 and all inputs are dead, a
/// ReLU's input is exactly 0, and no difference can agree with the one-sided slope there.
func disturb(_ module: any Module) {
    for (path, parameter) in module.parameters {
        var stream = RandomStream(seed: 8, "disturbance", StreamKey(path))
        parameter.value = Tensor(parameter.value.values().map { $0 + 0.05 * stream.normal() }, shape: parameter.shape)
    }
}

/// Compares the gradients that a loss records with differences of its values.
///
/// Every check tries several steps and takes the best: a step that crosses the kink of a ReLU says nothing, nor does
/// one so small that the loss's rounding drowns it.
struct LossGradientCheck {
    /// The loss as a function of the parameters' values now; `nil` where it does not apply.
    let loss: () -> Tensor?
    /// Accepted deviation, relative to the gradient.
    var tolerance = 0.03

    /// Compares along one direction in the space of each parameter: every element moves by the same amount, uphill.
    func alongDirections(_ parameters: [(path: String, parameter: Parameter)]) -> [ConformanceFailure] {
        record(parameters)
        return parameters.compactMap { path, parameter in
            guard let gradient = parameter.gradient?.values() else { return nil }
            var stream = RandomStream(seed: 3, "directions")
            let direction = gradient.map { slope -> Float in
                let sign: Float = stream.chance(0.5) ? 1 : -1
                return slope == 0 ? sign : (slope > 0 ? 1 : -1)
            }
            let expected = zip(gradient, direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            let values = parameter.value.values()
            let rootMeanSquare = (values.reduce(0) { $0 + $1 * $1 } / Float(max(1, values.count))).squareRoot()
            let steps = [3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5].map { $0 * max(rootMeanSquare, 0.05) }
            return compare(path, parameter, direction, expected: expected, scale: abs(expected), steps: steps)
        }
    }

    /// Compares element by element: those with the steepest slopes, and some others.
    func atElements(
        _ parameters: [(path: String, parameter: Parameter)],
        count: Int = 12
    ) -> [ConformanceFailure] {
        record(parameters)
        return parameters.flatMap { path, parameter -> [ConformanceFailure] in
            // An output that the loss does not use has slope 0 everywhere, and the differences must say so too.
            let gradient = parameter.gradient?.values() ?? Array(repeating: 0, count: parameter.shape.count)
            let steepest = gradient.indices.sorted { abs(gradient[$0]) > abs(gradient[$1]) }
            var stream = RandomStream(seed: 4, "elements")
            let others = (0..<count / 2).map { _ in stream.index(below: gradient.count) }
            let scale = steepest.first.map { Double(abs(gradient[$0])) } ?? 0
            return Set(steepest.prefix(count / 2) + others).sorted().compactMap { index in
                var direction = Array(repeating: Float(0), count: gradient.count)
                direction[index] = 1
                return compare(
                    "\(path)[\(index)]",
                    parameter,
                    direction,
                    expected: Double(gradient[index]),
                    scale: scale,
                    steps: [0.3, 0.1, 0.03, 0.01, 3e-3, 1e-3]
                )
            }
        }
    }

    /// Leaves the gradients of the loss on the parameters.
    private func record(_ parameters: [(path: String, parameter: Parameter)]) {
        for (_, parameter) in parameters { parameter.clearGradient() }
        loss()?.backward()
    }

    private func compare(
        _ subject: String,
        _ parameter: Parameter,
        _ direction: [Float],
        expected: Double,
        scale: Double,
        steps: [Float]
    ) -> ConformanceFailure? {
        let original = parameter.value
        defer { parameter.value = original }
        let values = original.values()
        func moved(by step: Float) -> Double? {
            parameter.value = Tensor(zip(values, direction).map { $0 + step * $1 }, shape: original.shape)
            return withoutGradients { loss().map { Double($0.item) } }
        }
        var closest: Double?
        for (index, step) in steps.enumerated() {
            guard let up = moved(by: step), let down = moved(by: -step) else { continue }
            let measured = (up - down) / (2 * Double(step))
            let rounding = 4e-7 * max(abs(up), abs(down)) / Double(step)
            // A step at which rounding could pass for a slope proves nothing.
            if index > 0, rounding > 0.1 * scale { break }
            if abs(measured - expected) <= tolerance * scale + rounding { return nil }
            if closest.map({ abs(measured - expected) < abs($0 - expected) }) ?? true { closest = measured }
        }
        guard let closest else { return nil }
        let text = String(format: "%.4g is recorded, differences say %.4g", expected, closest)
        return ConformanceFailure("gradient-agrees", "the slope of the loss along \(subject): \(text)")
    }
}

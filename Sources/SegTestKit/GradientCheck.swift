public import SegTensor

/// How far one operand's gradient is from finite differences.
public struct GradientError: Sendable, CustomStringConvertible {
    /// The operand's place in the list.
    public let operand: Int
    /// The index, row-major, of the value that is furthest off.
    public let index: Int
    /// What `backward()` left there.
    public let recorded: Double
    /// What finite differences say.
    public let estimated: Double
    /// The difference relative to the largest magnitude of the estimates of that operand.
    public let relative: Double

    public var description: String {
        "operand \(operand)[\(index)]: gradient \(recorded), finite differences \(estimated), relative \(relative)"
    }
}

/// Compares the gradients that an operator records with finite differences.
///
/// The result of `function` is made a scalar by a product with fixed scattered values, summed in double. Differences
/// are of fourth order, `(8 (f(h) − f(−h)) − (f(2h) − f(−2h))) / 12h`, so that a step large enough for floats to
/// notice is still exact for smooth functions. A few 1e-3 of relative error is what floats leave of a right gradient.
///
/// - Parameters:
///   - function: the operator; called with recorded operands and, many times, without recording.
///   - operands: where to differentiate. Keep away from kinks (a ReLU at 0) by more than twice the step.
///   - step: h, in the operands' units.
///   - valuesPerOperand: at most this many values of each operand are varied, spread evenly.
/// - Returns: the worst value of each operand. An operand without any recorded gradient counts as zeros.
public func gradientErrors(
    of function: ([Tensor]) -> Tensor,
    at operands: [Tensor],
    step: Float = 1.0 / 64,
    valuesPerOperand: Int = 48
) -> [GradientError] {
    let parameters = operands.map { Parameter($0) }
    let result = function(parameters.map(\.tensor))
    let upstream = (0..<result.shape.count).map { scatteredValue($0) }
    result.backward(from: Tensor(upstream, shape: result.shape))

    var points = operands.map { $0.values() }
    func scalar() -> Double {
        withoutGradients {
            let tensors = zip(points, operands).map { Tensor($0, shape: $1.shape) }
            return zip(function(tensors).values(), upstream).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        }
    }
    return operands.indices.map { operand in
        let recorded = parameters[operand].gradient?.values() ?? Array(repeating: 0, count: points[operand].count)
        let count = points[operand].count
        let tested = min(count, valuesPerOperand)
        var estimates: [(index: Int, value: Double)] = []
        for index in (0..<tested).map({ $0 * count / tested }) {
            let center = points[operand][index]
            func value(_ offset: Float) -> (point: Double, value: Double) {
                points[operand][index] = center + offset
                // What the float came to is what counts.
                return (Double(points[operand][index]), scalar())
            }
            let near = (value(step), value(-step))
            let far = (value(2 * step), value(-2 * step))
            points[operand][index] = center
            let slope = (near.0.value - near.1.value) / (near.0.point - near.1.point)
            let wide = (far.0.value - far.1.value) / (far.0.point - far.1.point)
            estimates.append((index, (4 * slope - wide) / 3))
        }
        let largest = estimates.reduce(1e-6) { max($0, abs($1.value)) }
        var worst = GradientError(operand: operand, index: 0, recorded: 0, estimated: 0, relative: 0)
        for (index, estimate) in estimates {
            let relative = abs(Double(recorded[index]) - estimate) / largest
            // Not `>`, which would miss a NaN.
            guard !(relative <= worst.relative) else { continue }
            worst = GradientError(
                operand: operand,
                index: index,
                recorded: Double(recorded[index]),
                estimated: estimate,
                relative: relative
            )
        }
        return worst
    }
}

/// A value in 0.5...1.5 with a scattered sign: no part of a result goes unnoticed.
private func scatteredValue(_ index: Int) -> Float {
    var hash = UInt32(truncatingIfNeeded: index &+ 1) &* 2_654_435_761
    hash ^= hash >> 15
    hash = hash &* 2_246_822_519
    hash ^= hash >> 13
    let magnitude = 0.5 + Float(hash >> 8 & 0xFFFF) / 65536
    return hash & 1 == 0 ? magnitude : -magnitude
}

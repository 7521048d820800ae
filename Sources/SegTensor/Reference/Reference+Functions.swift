import Foundation

extension Reference {
    /// A function of one value and its derivative, in double.
    package struct Function: Sendable {
        package let value: @Sendable (Double) -> Double
        package let derivative: @Sendable (Double) -> Double
    }

    /// Every function of one value, by the name of its operator.
    package static let functions: [String: Function] = [
        "relu": Function(value: { max(0, $0) }, derivative: { $0 > 0 ? 1 : 0 }),
        "relu6": Function(value: { min(6, max(0, $0)) }, derivative: { $0 > 0 && $0 < 6 ? 1 : 0 }),
        "sigmoid": Function(value: sigmoid, derivative: { sigmoid($0) * sigmoid(-$0) }),
        "softplus": Function(value: { max($0, 0) + log1p(exp(-abs($0))) }, derivative: sigmoid),
        "tanh": Function(value: { tanh($0) }, derivative: { 1 - tanh($0) * tanh($0) }),
        "exp": Function(value: { exp($0) }, derivative: { exp($0) }),
        "log": Function(value: { log($0) }, derivative: { 1 / $0 }),
        "squareRoot": Function(value: { $0.squareRoot() }, derivative: { 0.5 / $0.squareRoot() }),
        "reciprocal": Function(value: { 1 / $0 }, derivative: { -1 / ($0 * $0) }),
        "squared": Function(value: { $0 * $0 }, derivative: { 2 * $0 }),
        "absolute": Function(value: { abs($0) }, derivative: { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }),
        "negated": Function(value: { -$0 }, derivative: { _ in -1 }),
        "silu": Function(
            value: { $0 * sigmoid($0) },
            derivative: { sigmoid($0) + $0 * sigmoid($0) * sigmoid(-$0) }
        ),
        "gelu": Function(
            value: { $0 * normal($0) },
            derivative: { normal($0) + $0 * exp(-$0 * $0 / 2) / (2 * Double.pi).squareRoot() }
        ),
        "leakyRelu": Function(value: { $0 < 0 ? $0 / 8 : $0 }, derivative: { $0 > 0 ? 1 : 0.125 }),
    ]

    private static let sigmoid: @Sendable (Double) -> Double = { 1 / (1 + exp(-$0)) }
    private static let normal: @Sendable (Double) -> Double = { erfc(-$0 / 2.0.squareRoot()) / 2 }

    /// The function of each value and the gradient of the operand.
    package static func apply(_ function: Function, to x: Tensor, _ upstream: Tensor) -> (
        output: Tensor, input: Tensor
    ) {
        let xs = x.values()
        return (
            tensor(xs.map { function.value(Double($0)) }, x.shape),
            tensor(zip(xs, upstream.values()).map { function.derivative(Double($0)) * Double($1) }, x.shape)
        )
    }
}

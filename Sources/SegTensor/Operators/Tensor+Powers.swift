import Foundation

extension Tensor {
    /// `xᵖ` for a constant exponent.
    ///
    /// - Gradient: `p · xᵖ⁻¹`.
    /// - Edge cases: NaN for a negative x and a broken exponent; 1 everywhere, with gradient 0, for exponent 0.
    public func raised(to exponent: Float) -> Tensor {
        switch exponent {
        case 1: return self
        case 2: return squared()
        case 0.5: return squareRoot()
        case -1: return reciprocal()
        default: break
        }
        let input = detached
        return mapped { powf($0, exponent) }.recorded(from: [self], as: .power(exponent)) { gradient in
            [gradient * input.mapped { exponent == 0 ? 0 : exponent * powf($0, exponent - 1) }]
        }
    }

    /// `√(x² + y² + ε)` of two tensors that fit each other.
    ///
    /// - Parameter epsilon: keeps the gradient finite where both are 0.
    public static func hypotenuse(_ x: Tensor, _ y: Tensor, epsilon: Float = 0) -> Tensor {
        (x.squared() + y.squared() + epsilon).squareRoot()
    }

    /// The angle of the point (x, y) in radians, −π...π.
    ///
    /// - Shape: that of both operands, which must be the same.
    /// - Gradient: `x / (x² + y²)` for y and `−y / (x² + y²)` for x; infinite at the origin.
    public static func arcTangent(y: Tensor, x: Tensor) -> Tensor {
        requireOperands(
            y.shape == x.shape,
            "coordinates of shapes \(y.shape) and \(x.shape) do not fit",
            cure: "both must have one shape"
        )
        let (b, a) = (y.detached, x.detached)
        let ys = b.denseStorage
        let xs = a.denseStorage
        let angles = Storage(count: y.shape.count)
        parallel(y.shape.count, grain: 1 << 12) { range in
            for index in range { angles.pointer[index] = atan2f(ys.pointer[index], xs.pointer[index]) }
        }
        return Tensor(shape: y.shape, storage: angles).recorded(from: [y, x]) { gradient in
            let part = gradient / (a.squared() + b.squared())
            return [part * a, -(part * b)]
        }
    }

    /// A function of each value; not recorded.
    func mapped(_ function: (Float) -> Float) -> Tensor {
        let x = denseStorage
        let y = Storage(count: shape.count)
        parallel(shape.count, grain: 1 << 12) { range in
            for index in range { y.pointer[index] = function(x.pointer[index]) }
        }
        return Tensor(shape: shape, storage: y)
    }
}

import Foundation

/// Uniform cubic B-splines: smooth curves and fields from a few control values.
///
/// A spline stays within the range of its control values, as its weights are positive and sum to 1.
/// - Source: Rueckert et al., "Nonrigid registration using free-form deformations", 1999, equation 1.
package enum CubicBSpline {
    /// The weights of the four control values around a position at `t` in `0..<1` of its interval.
    package static func weights(_ t: Float) -> SIMD4<Float> {
        let s = 1 - t
        let square = t * t
        let cube = square * t
        return SIMD4(s * s * s, 3 * cube - 6 * square + 4, -3 * cube + 3 * square + 3 * t + 1, cube) / 6
    }

    /// Control values that a curve over `length` needs, one every `spacing`.
    package static func controls(length: Float, spacing: Float) -> Int {
        Int((length / spacing).rounded(.down)) + 4
    }

    /// A curve at positions `0, 1, …, count − 1`. Traps if there are too few control values.
    package static func curve(_ controls: [Float], spacing: Float, count: Int) -> [Float] {
        (0..<count).map { index in
            let position = Float(index) / spacing
            let first = Int(position)
            let weights = weights(position - Float(first))
            return (weights * SIMD4(controls[first], controls[first + 1], controls[first + 2], controls[first + 3]))
                .sum()
        }
    }

    /// A field at whole positions. Shape: `controls` are `rows * columns`, the field `height * width`, row-major.
    package static func field(
        _ controls: [Float],
        columns: Int,
        spacing: Float,
        width: Int,
        height: Int
    ) -> [Float] {
        let rows = controls.count / columns
        precondition(rows * columns == controls.count, "the control values must fill their rows")
        // Along rows of control values first, of which there are few; then whole rows of pixels are blended at once.
        var wide = [Float](repeating: 0, count: rows * width)
        for column in 0..<width {
            let position = Float(column) / spacing
            let first = Int(position)
            let weights = weights(position - Float(first))
            for row in 0..<rows {
                var sum: Float = 0
                for tap in 0..<4 { sum += weights[tap] * controls[row * columns + first + tap] }
                wide[row * width + column] = sum
            }
        }
        return [Float](unsafeUninitializedCapacity: width * height) { field, count in
            wide.withUnsafeBufferPointer { wide in
                for row in 0..<height {
                    let position = Float(row) / spacing
                    let first = Int(position)
                    let weights = weights(position - Float(first))
                    precondition(first + 4 <= rows, "too few control values")
                    let (line0, target) = (wide.baseAddress! + first * width, field.baseAddress! + row * width)
                    let (line1, line2, line3) = (line0 + width, line0 + 2 * width, line0 + 3 * width)
                    for x in 0..<width {
                        target[x] =
                            weights.x * line0[x] + weights.y * line1[x] + weights.z * line2[x] + weights.w * line3[x]
                    }
                }
            }
            count = width * height
        }
    }
}

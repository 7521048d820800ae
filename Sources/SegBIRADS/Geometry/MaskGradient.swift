public import SegTensor

/// The gradient of soft masks by a smoothed Sobel operator, with its true scale.
///
/// - Shape: `[batch, 1, height, width]` to `[batch, 2, height + 4, width + 4]`: along x, then along y. The frame of two
///   pixels holds the edges of lesions that the image's border cuts: outside of the image the mask counts as 0, so
///   every contour is closed. Position `(row, column)` of the result is the mask's `(row − 2, column − 2)`.
/// - Formula: across the derivative binomial smoothing `[1 4 6 4 1]/16`, along it `[−1 −2 0 2 1]/8`; that is Sobel's
///   operator, divided by 8 so that a ramp of slope 1 has gradient 1, after a binomial `[1 2 1]/4` in each direction
///   which takes the staircase out of hard masks.
/// - Gradient: the adjoint of the same stencil.
public func maskGradient(of masks: Tensor) -> Tensor {
    let (batch, height, width) = (masks.shape[0], masks.shape[2], masks.shape[3])
    let stencil = GradientStencil(height: height, width: width)
    let result = Tensor(shape: [batch, 2, height + 4, width + 4]) { result in
        masks.withValues { masks in
            WorkerPool.current.run(batch) { image, _ in
                stencil.apply(masks.part(image, of: batch), into: result.part(image, of: batch))
            }
        }
    }
    return result.recorded(from: [masks]) { gradient in
        [
            Tensor(shape: [batch, 1, height, width]) { result in
                gradient.withValues { gradient in
                    WorkerPool.current.run(batch) { image, _ in
                        stencil.applyAdjoint(gradient.part(image, of: batch), into: result.part(image, of: batch))
                    }
                }
            }
        ]
    }
}

/// A five-tap filter, applied along one axis.
private struct FiveTaps {
    let a, b, c, d, e: Float

    static let smoothing = FiveTaps(a: 1 / 16, b: 4 / 16, c: 6 / 16, d: 4 / 16, e: 1 / 16)
    static let difference = FiveTaps(a: -1 / 8, b: -2 / 8, c: 0, d: 2 / 8, e: 1 / 8)

    var reversed: FiveTaps { FiveTaps(a: e, b: d, c: c, d: b, e: a) }

    /// The filter over five values that lie `step` apart.
    @inline(__always)
    func callAsFunction(_ first: UnsafePointer<Float>, _ step: Int) -> Float {
        a * first[0] + b * first[step] + c * first[2 * step] + d * first[3 * step] + e * first[4 * step]
    }
}

private struct GradientStencil: Sendable {
    let height: Int
    let width: Int

    /// The mask with four zeros around it is filtered along x, then along y.
    func apply(_ mask: UnsafeBufferPointer<Float>, into result: UnsafeMutableBufferPointer<Float>) {
        let outputWidth = width + 4
        let outputPlane = (height + 4) * outputWidth
        let rows = height + 8
        withUnsafeTemporaryAllocation(of: Float.self, capacity: width + 8 + 2 * rows * outputWidth) { scratch in
            scratch.initialize(repeating: 0)
            guard let line = scratch.baseAddress, let mask = mask.baseAddress else { return }
            let smoothed = line + (width + 8)
            let differenced = smoothed + rows * outputWidth
            for row in 0..<height {
                (line + 4).update(from: mask + row * width, count: width)
                let base = (row + 4) * outputWidth
                for x in 0..<outputWidth {
                    smoothed[base + x] = FiveTaps.smoothing(line + x, 1)
                    differenced[base + x] = FiveTaps.difference(line + x, 1)
                }
            }
            for index in 0..<outputPlane {
                result[index] = FiveTaps.smoothing(differenced + index, outputWidth)
                result[outputPlane + index] = FiveTaps.difference(smoothed + index, outputWidth)
            }
        }
    }

    /// The transposed filters: along y, then along x, all reversed.
    func applyAdjoint(_ gradient: UnsafeBufferPointer<Float>, into result: UnsafeMutableBufferPointer<Float>) {
        let outputWidth = width + 4
        let smoothing = FiveTaps.smoothing.reversed
        let difference = FiveTaps.difference.reversed
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * outputWidth) { scratch in
            guard let alongX = scratch.baseAddress, let gradientX = gradient.baseAddress else { return }
            let alongY = alongX + outputWidth
            let gradientY = gradientX + (height + 4) * outputWidth
            for row in 0..<height {
                for x in 0..<outputWidth {
                    alongX[x] = smoothing(gradientX + (row * outputWidth + x), outputWidth)
                    alongY[x] = difference(gradientY + (row * outputWidth + x), outputWidth)
                }
                for x in 0..<width {
                    result[row * width + x] = difference(alongX + x, 1) + smoothing(alongY + x, 1)
                }
            }
        }
    }
}

extension UnsafeBufferPointer {
    /// One of `count` parts of equal length.
    func part(_ index: Int, of count: Int) -> UnsafeBufferPointer {
        let length = self.count / count
        return UnsafeBufferPointer(rebasing: self[index * length..<(index + 1) * length])
    }
}

extension UnsafeMutableBufferPointer {
    /// One of `count` parts of equal length.
    func part(_ index: Int, of count: Int) -> UnsafeMutableBufferPointer {
        let length = self.count / count
        return UnsafeMutableBufferPointer(rebasing: self[index * length..<(index + 1) * length])
    }
}

import Foundation
import SegTensor

extension Tensor {
    /// A Gaussian blur of one-channel images, 0 beyond the border, cut off at two deviations.
    ///
    /// - Shape: `[batch, 1, height, width]`, kept.
    /// - Units: `sigma` in px.
    /// - Gradient: the same blur: the kernel is symmetric, and so is what it does at the border.
    func smoothed(sigma: Float) -> Tensor {
        precondition(shape.rank == 4 && shape[1] == 1, "one-channel images are smoothed, not \(shape)")
        let blur = GaussianBlur(sigma: sigma, height: shape[2], width: shape[3])
        return blur.applied(to: self).recorded(from: [self]) { [blur.applied(to: $0)] }
    }
}

private struct GaussianBlur: Sendable {
    private let taps: [Float]
    private let height: Int
    private let width: Int

    init(sigma: Float, height: Int, width: Int) {
        let radius = max(1, Int((2 * sigma).rounded(.up)))
        let values = (-radius...radius).map { exp(-Float($0 * $0) / (2 * sigma * sigma)) }
        let sum = values.reduce(0, +)
        taps = values.map { $0 / sum }
        self.height = height
        self.width = width
    }

    func applied(to images: Tensor) -> Tensor {
        let batch = images.shape[0]
        return Tensor(shape: images.shape) { result in
            images.withValues { images in
                WorkerPool.current.run(batch) { image, _ in
                    apply(images.part(image, of: batch), into: result.part(image, of: batch))
                }
            }
        }
    }

    /// Along x, then along y. Each value is the sum over the taps in their order, for any number of threads.
    private func apply(_ source: UnsafeBufferPointer<Float>, into result: UnsafeMutableBufferPointer<Float>) {
        let radius = taps.count / 2
        guard let source = source.baseAddress, let result = result.baseAddress else { return }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: height * width + width + 2 * radius) { scratch in
            scratch.initialize(repeating: 0)
            guard let rows = scratch.baseAddress else { return }
            // One row with the zeros beyond both of its ends.
            let line = rows + height * width
            for row in 0..<height {
                (line + radius).update(from: source + row * width, count: width)
                sum(line, 0..<taps.count, step: 1, into: rows + row * width)
            }
            for row in 0..<height {
                let inside = max(0, radius - row)..<min(taps.count, height + radius - row)
                sum(rows + (row + inside.lowerBound - radius) * width, inside, step: width, into: result + row * width)
            }
        }
    }

    /// A row of weighted sums: the first of the taps in `inside` meets `source`, each further one what lies `step` behind.
    private func sum(
        _ source: UnsafePointer<Float>,
        _ inside: Range<Int>,
        step: Int,
        into result: UnsafeMutablePointer<Float>
    ) {
        taps.withUnsafeBufferPointer { taps in
            var column = 0
            while column + 16 <= width {
                var sum = SIMD16<Float>.zero
                var from = UnsafeRawPointer(source + column)
                for tap in inside {
                    sum += taps[tap] * from.loadUnaligned(as: SIMD16<Float>.self)
                    from += step * MemoryLayout<Float>.stride
                }
                UnsafeMutableRawPointer(result + column).storeBytes(of: sum, as: SIMD16<Float>.self)
                column += 16
            }
            while column < width {
                var sum: Float = 0
                for (index, tap) in inside.enumerated() { sum += taps[tap] * source[column + index * step] }
                result[column] = sum
                column += 1
            }
        }
    }
}

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

    /// Along x, then along y, tap by tap: sums run in the same order for any number of threads.
    private func apply(_ source: UnsafeBufferPointer<Float>, into result: UnsafeMutableBufferPointer<Float>) {
        let radius = taps.count / 2
        withUnsafeTemporaryAllocation(of: Float.self, capacity: height * width) { rows in
            rows.initialize(repeating: 0)
            result.update(repeating: 0)
            for (index, tap) in taps.enumerated() {
                let shift = index - radius
                let columns = max(0, -shift)..<max(max(0, -shift), min(width, width - shift))
                for row in 0..<height {
                    let base = row * width
                    for column in columns { rows[base + column] += tap * source[base + column + shift] }
                }
            }
            for (index, tap) in taps.enumerated() {
                let shift = index - radius
                let span = max(0, -shift)..<max(max(0, -shift), min(height, height - shift))
                for row in span {
                    let (target, from) = (row * width, (row + shift) * width)
                    for column in 0..<width { result[target + column] += tap * rows[from + column] }
                }
            }
        }
    }
}

/// Reads a pair at fractional positions, all planes at once, bilinear.
///
/// - Edge cases: a pixel that comes from outside of the image, or mostly from padding, is padding: 0. At the border of
///   the padding only covered pixels are averaged, so that no dark rim appears. The mask is thresholded at one half
///   again.
struct PairResampler {
    private let width: Int
    private let height: Int
    private let stride: Int
    /// Image, mask and coverage of a pixel, the first two times the third; a border of one pixel of nothing.
    private let pixels: [SIMD4<Float>]
    /// Each further label times the coverage, with a border as well.
    private let labels: [[Float]]

    init(_ pair: ImagePair) {
        let (width, height, stride) = (pair.width, pair.height, pair.width + 2)
        (self.width, self.height, self.stride) = (width, height, stride)
        pixels = [SIMD4<Float>](unsafeUninitializedCapacity: stride * (height + 2)) { pixels, count in
            pixels.initialize(repeating: .zero)
            pair.image.withUnsafeBufferPointer { image in
                pair.mask.withUnsafeBufferPointer { mask in
                    pair.coverage.withUnsafeBufferPointer { coverage in
                        for row in 0..<height {
                            for column in 0..<width {
                                let index = row * width + column
                                let covered = coverage[index]
                                pixels[(row + 1) * stride + column + 1] =
                                    SIMD4(image[index] * covered, mask[index] * covered, covered, 0)
                            }
                        }
                    }
                }
            }
            count = stride * (height + 2)
        }
        labels = pair.labels.map { label in
            var bordered = [Float](repeating: 0, count: stride * (height + 2))
            for row in 0..<height {
                for column in 0..<width {
                    let index = row * width + column
                    bordered[(row + 1) * stride + column + 1] = label[index] * pair.coverage[index]
                }
            }
            return bordered
        }
    }

    /// Fills `pair` from the positions, in px, that `positions` writes for each row, one a column.
    func resample(
        into pair: inout ImagePair,
        _ positions: (_ row: Int, _ x: UnsafeMutablePointer<Float>, _ y: UnsafeMutablePointer<Float>) -> Void
    ) {
        let (width, height) = (width, height)
        let hasLabels = !labels.isEmpty
        var moved = labels.map { _ in [Float](repeating: 0, count: width * height) }
        pair.image.withUnsafeMutableBufferPointer { image in
            pair.mask.withUnsafeMutableBufferPointer { mask in
                pair.coverage.withUnsafeMutableBufferPointer { coverage in
                    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * width) { scratch in
                        let (x, y) = (scratch.baseAddress!, scratch.baseAddress! + width)
                        pixels.withUnsafeBufferPointer { pixels in
                            for row in 0..<height {
                                positions(row, x, y)
                                for column in 0..<width {
                                    let value = read(pixels.baseAddress!, x[column], y[column])
                                    let index = row * width + column
                                    let isCovered = value.z >= 0.5
                                    image[index] = isCovered ? value.x / value.z : 0
                                    mask[index] = isCovered && value.y >= 0.5 * value.z ? 1 : 0
                                    coverage[index] = isCovered ? 1 : 0
                                    guard hasLabels && isCovered else { continue }
                                    for (place, label) in labels.enumerated() {
                                        let share = read(label, x[column], y[column])
                                        moved[place][index] = share >= 0.5 * value.z ? 1 : 0
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        pair.labels = moved
    }

    /// As below, of one plane.
    private func read(_ plane: [Float], _ x: Float, _ y: Float) -> Float {
        let (left, wholeX) = FastMath.floor(x)
        let (top, wholeY) = FastMath.floor(y)
        let right = x - wholeX
        let lower = y - wholeY
        let first = (top &+ 1) &* stride &+ left &+ 1
        return (1 - right) * (1 - lower) * plane[first] + right * (1 - lower) * plane[first + 1]
            + (1 - right) * lower * plane[first + stride] + right * lower * plane[first + stride + 1]
    }

    @inline(__always)
    private func read(_ pixels: UnsafePointer<SIMD4<Float>>, _ x: Float, _ y: Float) -> SIMD4<Float> {
        // The comparison also keeps what follows within the border; a NaN fails it.
        guard x >= -1 && y >= -1 && x < Float(width) && y < Float(height) else { return .zero }
        let (left, wholeX) = FastMath.floor(x)
        let (top, wholeY) = FastMath.floor(y)
        let right = x - wholeX
        let lower = y - wholeY
        let first = pixels + ((top &+ 1) &* stride &+ left &+ 1)
        let second = first + stride
        return (1 - right) * (1 - lower) * first[0] + right * (1 - lower) * first[1]
            + (1 - right) * lower * second[0] + right * lower * second[1]
    }
}

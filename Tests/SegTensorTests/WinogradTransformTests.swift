import CSegKernels
import SegTensor
import Testing

/// The kernels' transforms are those that the interpolation points give, as `Scripts/winograd-matrices` derives them.
@Suite("Winograd's transforms against the matrices of their interpolation points")
struct WinogradTransformTests {
    /// With points p and infinity: row i of A' holds pⁱ; row p of G holds 1, p, p² over Π (p − q); row p of B' holds the
    /// coefficients of Π (x − q) over the other points q.
    private enum Matrices {
        static let points: [Double] = [0.0, 1, -1, 0.5, -2]
        static let inverse: [[Double]] = (0..<4).map { power in points.map { raised($0, power) } + [power == 3 ? 1 : 0]
        }
        static let kernel: [[Double]] =
            points.map { point in
                let scale = points.filter { $0 != point }.reduce(1) { $0 * (point - $1) }
                return (0..<3).map { raised(point, $0) / scale }
            } + [[0, 0, 1]]
        static let data: [[Double]] =
            points.map { point in product(points.filter { $0 != point }) + [0] } + [product(points)]

        private static func raised(_ point: Double, _ power: Int) -> Double {
            (0..<power).reduce(1) { result, _ in result * point }
        }

        /// Coefficients of the polynomial with these roots, lowest first.
        private static func product(_ roots: [Double]) -> [Double] {
            roots.reduce([1]) { polynomial, root in
                let shifted = [0] + polynomial
                let scaled = polynomial.map { -root * $0 } + [0]
                return zip(shifted, scaled).map(+)
            }
        }
    }

    private static let tables: [(name: String, isa: seg_isa)] = zip(
        ["baseline", "avx2", "avx512"],
        [seg_isa_baseline, seg_isa_avx2, seg_isa_avx512]
    ).filter { isa in InstructionSet.available.contains { $0.rawValue == isa.0 } }

    private func forEachTable(_ body: (_ kernels: seg_kernels, _ name: String) throws -> Void) throws {
        for (name, isa) in Self.tables { try body(try #require(seg_kernels_for(isa)).pointee, name) }
    }

    /// `m x m'`.
    private func transformed(_ x: [[Double]], by m: [[Double]]) -> [[Double]] {
        func product(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
            a.map { row in b[0].indices.map { column in zip(row, b).reduce(0) { $0 + $1.0 * $1.1[column] } } }
        }
        func turned(_ a: [[Double]]) -> [[Double]] { a[0].indices.map { column in a.map { $0[column] } } }
        return product(product(m, x), turned(m))
    }

    private func transposed(_ m: [[Double]]) -> [[Double]] { m[0].indices.map { column in m.map { $0[column] } } }

    private func expectNear(_ value: Float, _ expected: Double, _ scale: Double, _ comment: Comment) {
        #expect(abs(Double(value) - expected) < 2e-6 * scale, comment)
    }

    private let tiles = 3

    @Test("B' d B of overlapping tiles, and A y A' of tiles side by side")
    func inputs() throws {
        let width = 4 * tiles + 2
        let strip = pseudo(1, [6 * width * 16]).values()
        func patch(_ tile: Int, _ lane: Int, _ side: Int) -> [[Double]] {
            (0..<side).map { row in
                (0..<side).map { Double(strip[(row * width + 4 * tile + $0) * 16 + lane]) }
            }
        }
        let stride = tiles * 16 + 16
        try forEachTable { kernels, name in
            var planes = Array(repeating: Float.nan, count: 36 * stride)
            for (side, matrix) in [(6, Matrices.data), (4, transposed(Matrices.inverse))] {
                let transform: (UnsafePointer<Float>?, Int, Int32, UnsafeMutablePointer<Float>?, Int, Int) -> Void =
                    side == 6 ? kernels.winograd_input : kernels.winograd_gradient
                transform(strip, width * 16, Int32(tiles), &planes, stride, 16)
                for tile in 0..<tiles {
                    for lane in 0..<16 {
                        let expected = transformed(patch(tile, lane, side), by: matrix)
                        for plane in 0..<36 {
                            let value = planes[plane * stride + tile * 16 + lane]
                            expectNear(value, expected[plane / 6][plane % 6], 50, "\(name), \(side)×\(side)")
                        }
                    }
                }
            }
        }
    }

    @Test("A' m A plus a bias, cut off at the map's edges", arguments: [4, 3, 1], [12, 11, 9])
    func outputs(rows: Int, width: Int) throws {
        let stride = tiles * 16 + 16
        let planes = pseudo(2, [36 * stride]).values()
        let bias = pseudo(3, [16]).values()
        try forEachTable { kernels, name in
            // One row and one pixel more than may be written.
            var map = Array(repeating: Float(-7), count: 5 * 13 * 16)
            kernels.winograd_output(
                planes,
                stride,
                16,
                Int32(tiles),
                bias,
                &map,
                13 * 16,
                Int32(rows),
                Int32(width)
            )
            for lane in 0..<16 {
                for tile in 0..<tiles {
                    let m = (0..<6).map { row in
                        (0..<6).map { Double(planes[(row * 6 + $0) * stride + tile * 16 + lane]) }
                    }
                    let expected = transformed(m, by: Matrices.inverse)
                    for row in 0..<rows {
                        for column in 0..<4 where 4 * tile + column < width {
                            let value = map[(row * 13 + 4 * tile + column) * 16 + lane]
                            expectNear(value, expected[row][column] + Double(bias[lane]), 200, "\(name)")
                        }
                    }
                }
                for row in 0..<5 {
                    for column in 0..<13 where row >= rows || column >= width {
                        #expect(map[(row * 13 + column) * 16 + lane] == -7, "\(name) writes beyond the map")
                    }
                }
            }
        }
    }

    @Test("G g G' of kernels and of the adjoint's, and back", arguments: [false, true])
    func kernels(adjoint: Bool) throws {
        let (rows, channels) = (13, 11)
        let weights = pseudo(4, [rows, channels * 9]).values()
        let (channelStride, plane) = (16, 16 * 16 + 16)
        func kernel(_ row: Int, _ channel: Int) -> [[Double]] {
            (0..<3).map { i in (0..<3).map { Double(weights[(row * channels + channel) * 9 + i * 3 + $0]) } }
        }
        try forEachTable { kernels, name in
            var u = Array(repeating: Float.nan, count: 36 * plane)
            kernels.winograd_kernels(
                weights,
                channels * 9,
                Int32(rows),
                Int32(channels),
                adjoint ? 1 : 0,
                &u,
                plane,
                channelStride
            )
            var back = Array(repeating: Float.nan, count: rows * channels * 9)
            for row in 0..<16 {
                for channel in 0..<16 {
                    var g = Array(repeating: Array(repeating: 0.0, count: 3), count: 3)
                    if row < rows && channel < channels { g = kernel(row, channel) }
                    if adjoint { g = g.reversed().map { $0.reversed() } }
                    let expected = transformed(g, by: Matrices.kernel)
                    let (line, lane) = adjoint ? (row, channel) : (channel, row)
                    for index in 0..<36 {
                        let value = u[index * plane + line * channelStride + lane]
                        expectNear(value, expected[index / 6][index % 6], 4, "\(name), row \(row), channel \(channel)")
                    }
                }
            }
            guard !adjoint else { return }
            // The adjoint of the transform: of two shares, kernels turned back.
            let halves = u.map { $0 / 2 }
            kernels.winograd_kernel_gradients(
                halves + halves,
                plane,
                channelStride,
                2,
                36 * plane,
                1,
                &back,
                channels * 9,
                Int32(rows),
                Int32(channels)
            )
            for row in 0..<rows {
                for channel in 0..<channels {
                    let planes = (0..<6).map { i in
                        (0..<6).map { Double(u[(i * 6 + $0) * plane + channel * channelStride + row]) }
                    }
                    let expected = transformed(planes, by: transposed(Matrices.kernel))
                    for tap in 0..<9 {
                        let value = back[(row * channels + channel) * 9 + 8 - tap]
                        expectNear(value, expected[tap / 3][tap % 3], 10, "\(name), gradient")
                    }
                }
            }
        }
    }
}

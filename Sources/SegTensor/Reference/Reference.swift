/// The operators once more, as plain loops over row-major values with sums in double: slow, and easy to see to be
/// right. The vector kernels are tested against them at sizes that no stored fixture could have.
package enum Reference {
    /// The place of `[n, c, i, j]` in a tensor of images.
    struct Places: Sendable {
        let batch: Int
        let channels: Int
        let height: Int
        let width: Int

        init(_ shape: Shape) { (batch, channels, height, width) = (shape[0], shape[1], shape[2], shape[3]) }

        func callAsFunction(_ n: Int, _ c: Int, _ i: Int, _ j: Int) -> Int {
            ((n * channels + c) * height + i) * width + j
        }

        func holds(_ i: Int, _ j: Int) -> Bool { i >= 0 && i < height && j >= 0 && j < width }

        func visit(_ body: (_ n: Int, _ c: Int, _ i: Int, _ j: Int) -> Void) {
            for n in 0..<batch {
                for c in 0..<channels {
                    for i in 0..<height {
                        for j in 0..<width { body(n, c, i, j) }
                    }
                }
            }
        }
    }

    static func tensor(_ values: [Double], _ shape: Shape) -> Tensor { Tensor(values.map { Float($0) }, shape: shape) }
}

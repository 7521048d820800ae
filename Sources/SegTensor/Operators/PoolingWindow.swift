/// Windows of pooling over row-major planes.
struct PoolingWindow: Sendable {
    let side: Int
    let stride: Int
    let padding: Int
    let input: BlockedShape
    let output: BlockedShape

    init(_ shape: Shape, side: Int, stride: Int, padding: Int, operation: StaticString) {
        requireOperands(
            side >= 1 && stride >= 1 && padding >= 0,
            "a window of \(side) px, stride \(stride) and padding \(padding) cannot be",
            cure: "use a window and a stride of at least 1 and a padding of at least 0",
            operation: operation
        )
        requireOperands(
            2 * padding <= side,
            "a padding of \(padding) makes windows of \(side) px that contain nothing else",
            cure: "pad by at most half the window",
            operation: operation
        )
        self.side = side
        self.stride = stride
        self.padding = padding
        input = BlockedShape(shape, operation: operation)
        func length(_ axis: Int) -> Int {
            requireOperands(
                shape[axis] + 2 * padding >= side,
                "images of shape \(shape) are smaller than the window of \(side) px",
                cure: "use a smaller window, or larger images",
                operation: operation
            )
            return (shape[axis] + 2 * padding - side) / stride + 1
        }
        output = BlockedShape([input.batch, input.channels, length(2), length(3)])
    }

    func rows(_ row: Int) -> Range<Int> { clipped(row, input.height) }
    func columns(_ column: Int) -> Range<Int> { clipped(column, input.width) }

    private func clipped(_ index: Int, _ length: Int) -> Range<Int> {
        let first = index * stride - padding
        return max(0, first)..<min(length, first + side)
    }

    /// Runs `body(input offset, output offset)` for each plane, on the workers.
    func forEachPlane(_ body: (Int, Int) -> Void) {
        let planes = input.batch * input.channels
        let planesPerTask = max(1, (1 << 13) / max(1, max(input.pixels, output.pixels)))
        WorkerPool.current.run((planes + planesPerTask - 1) / planesPerTask) { task, _ in
            for plane in task * planesPerTask..<min(planes, (task + 1) * planesPerTask) {
                body(plane * input.pixels, plane * output.pixels)
            }
        }
    }
}

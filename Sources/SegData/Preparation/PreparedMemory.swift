import SegTensor

/// How many bytes of prepared samples stay in memory: what does not fit is read when it is needed.
///
/// One bound may serve several data sets and canvases, which take from it as they are read.
package final class PreparedMemory: Sendable {
    /// The bound.
    package let bytes: Int
    private let left: Locked<Int>

    package init(bytes: Int) {
        self.bytes = bytes
        left = Locked(bytes)
    }

    /// Whether there is room, which then is taken.
    func take(_ count: Int) -> Bool {
        left.withLock { left in
            guard count <= left else { return false }
            left -= count
            return true
        }
    }
}

extension PreparedSample {
    /// What it takes in memory beside its record, in bytes: within some hundred of what is allocated.
    package var byteCount: Int {
        let masks = [canvasLesion, lesion] + labels.flatMap { [$0.canvas, $0.native] }
        // Headers of arrays, and the sample itself.
        return ([pixels] + colors).reduce(512) { $0 + $1.byteCount } + masks.reduce(0) { $0 + $1.byteCount }
    }
}

internal import CSegKernels

extension Tensor {
    /// The row-major values; computed if the tensor is kept otherwise. Not recorded: no gradient depends on layout.
    package var denseStorage: Storage {
        switch body {
        case .dense(let storage): storage
        case .ragged(let body): Profiler.span("to planes", detail: "\(shape)") { body.planes(shape) }
        case .blocked, .joined, .resized: Profiler.span("to planes", detail: "\(shape)") { planes }
        }
    }

    private var planes: Storage {
        let source = BlockSource(self)
        let geometry = source.geometry
        let storage = Storage(count: shape.count)
        let kernels = Kernels.current
        WorkerPool.current.run(geometry.batch * geometry.blocks) { task, _ in
            let (image, index) = task.quotientAndRemainder(dividingBy: geometry.blocks)
            var block = source.block(image, index)
            let first = (image * geometry.channels + index * 16) * geometry.pixels
            let channels = min(16, geometry.channels - index * 16)
            kernels.block_to_planes(
                &block,
                Int32(channels),
                geometry.pixels,
                storage.pointer + first,
                geometry.pixels
            )
        }
        return storage
    }

    /// The tensor with dense values, its history kept.
    package var densified: Tensor { Tensor(shape: shape, body: .dense(denseStorage), node: node) }

    /// The tensor in blocks with nothing pending, its history kept.
    package var inBlocks: Tensor { Tensor(shape: shape, body: .blocked(BlockedBody(rawBlocks)), node: node) }

    /// A dense copy that shares no memory, without history.
    package var copied: Tensor {
        let source = denseStorage
        let storage = Storage(count: shape.count)
        storage.pointer.update(from: source.pointer, count: shape.count)
        return Tensor(shape: shape, storage: storage)
    }

    /// Whether the values are in blocks, or joined from blocks.
    var isBlocked: Bool {
        if case .dense = body { return false }
        return true
    }

    /// The tensor's blocks; computed if it is dense, joined or resized.
    var blockedBody: BlockedBody {
        switch body {
        case .blocked(let body): return body
        case .joined, .resized: return BlockedBody(Self.readThrough(self))
        case .ragged(let body): return BlockedBody(body.blocks(shape))
        case .dense(let storage):
            return Profiler.span("to blocks", detail: "\(shape)") { BlockedBody(Self.blocks(of: storage, shape)) }
        }
    }

    static func blocks(of storage: Storage, _ shape: Shape) -> Storage {
        let geometry = BlockedShape(shape)
        let result = Storage(count: geometry.count)
        let kernels = Kernels.current
        WorkerPool.current.run(geometry.batch * geometry.blocks) { task, _ in
            let (image, index) = task.quotientAndRemainder(dividingBy: geometry.blocks)
            let first = (image * geometry.channels + index * 16) * geometry.pixels
            kernels.planes_to_block(
                storage.pointer + first,
                geometry.pixels,
                Int32(min(16, geometry.channels - index * 16)),
                geometry.pixels,
                result.pointer + task * geometry.blockCount
            )
        }
        return result
    }

    /// Blocks with nothing pending on them, of the same values.
    var rawBlocks: Storage {
        if case .blocked(let body) = body, case .raw = body.reading, body.precision == .float32 { return body.storage }
        switch body {
        case .dense, .ragged: return blockedBody.storage
        case .blocked, .joined, .resized: return Self.readThrough(self)
        }
    }

    private static func readThrough(_ tensor: Tensor) -> Storage {
        Profiler.span("pending arithmetic", detail: "\(tensor.shape)") { BlockSource(tensor).stored() }
    }

    /// A new blocked tensor with nothing pending.
    static func blocked(_ geometry: BlockedShape, _ storage: Storage, sums: ChannelSums? = nil) -> Tensor {
        Tensor(shape: geometry.shape, body: .blocked(BlockedBody(storage, sums: sums)))
    }

    /// The sum of two gradients of one shape.
    ///
    /// What is joined of the same parts stays so.
    package static func accumulated(_ left: Tensor, _ right: Tensor) -> Tensor {
        let (own, others) = (left.joinedParts, right.joinedParts)
        if own.count > 1, own.map(\.shape) == others.map(\.shape) { return joining(zip(own, others).map(accumulated)) }
        return Profiler.span("adding gradients", detail: "\(left.shape)") { sum(left, right) }
    }

    /// Adds this gradient to what is known already.
    func add(to known: inout Tensor?) { known = known.map { Self.accumulated($0, self) } ?? detached }

    private static func sum(_ left: Tensor, _ right: Tensor) -> Tensor {
        let kernels = Kernels.current
        let isBlocked = left.isBlocked || right.isBlocked
        let a = isBlocked ? left.rawBlocks : left.denseStorage
        let b = isBlocked ? right.rawBlocks : right.denseStorage
        let count = isBlocked ? BlockedShape(left.shape).count : left.shape.count
        let result = Storage(count: count)
        parallel(count) { range in
            kernels.binary(
                seg_binary_add,
                a.pointer + range.lowerBound,
                b.pointer + range.lowerBound,
                seg_scalar_none,
                result.pointer + range.lowerBound,
                range.count
            )
        }
        return isBlocked
            ? .blocked(BlockedShape(left.shape), result) : Tensor(shape: left.shape, storage: result)
    }
}

/// Cuts `count` values into pieces of fixed size and runs `body` on each, on the workers.
func parallel(_ count: Int, grain: Int = 1 << 15, _ body: (Range<Int>) -> Void) {
    WorkerPool.current.run((count + grain - 1) / grain) { task, _ in
        body(task * grain..<min(count, (task + 1) * grain))
    }
}

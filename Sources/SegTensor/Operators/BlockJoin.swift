internal import CSegKernels

/// Tensors of images joined along their channels where they lie, but for neighbors of few channels, which share a block of 16.
struct BlockJoin: Sendable {
    /// Channels of each part of each of the tensors.
    private let sources: [[Int]]
    /// Of all these parts, one after the other, those that are one part of the result.
    private let groups: [Range<Int>]

    /// `nil` if most lanes would be empty, with which a convolution computes too: then full blocks are worth a copy.
    init?(_ tensors: [Tensor]) {
        let parts = tensors.map(\.joinedParts)
        let channels = parts.joined().map { $0.shape[1] }
        groups = Self.groups(channels)
        let blocks = groups.reduce(0) { $0 + (channels[$1].reduce(0, +) + 15) / 16 }
        guard blocks <= 2 * ((channels.reduce(0, +) + 15) / 16) + 2 else { return nil }
        sources = parts.map { $0.map { $0.shape[1] } }
    }

    /// The tensors, one after the other.
    func joined(_ tensors: [Tensor]) -> Tensor {
        let flat = tensors.flatMap(\.blockedParts)
        return .joining(groups.map { $0.count == 1 ? flat[$0.lowerBound] : Self.merged(Array(flat[$0])) })
    }

    /// Neighbors that together have no more than 16 channels.
    private static func groups(_ channels: [Int]) -> [Range<Int>] {
        var groups: [Range<Int>] = []
        var sum = 0
        for (index, count) in channels.enumerated() {
            if let last = groups.last, sum + count <= 16 {
                groups[groups.count - 1] = last.lowerBound..<index + 1
                sum += count
            } else {
                groups.append(index..<index + 1)
                sum = count
            }
        }
        return groups
    }

    /// The gradients of the tensors from the result's; `nil` if that is not joined as the result is.
    func gradients(_ gradient: Tensor) -> [Tensor]? {
        let channels = sources.flatMap(\.self)
        let parts = groups.count > 1 ? gradient.joinedParts : [gradient]
        guard parts.map({ $0.shape[1] }) == groups.map({ channels[$0].reduce(0, +) }) else { return nil }
        var flat = zip(groups, parts).flatMap { group, part in
            group.count == 1 ? [part] : Self.split(part, Array(channels[group]))
        }[...]
        return sources.map { source in
            defer { flat = flat.dropFirst(source.count) }
            return .joining(Array(flat.prefix(source.count)))
        }
    }

    /// Pixels that are worked on at a time, whose values stay in the first-level cache, and those of a task.
    private static let grain = 256
    private static let taskPixels = 4096

    /// One block of all channels, nothing pending.
    private static func merged(_ parts: [Tensor]) -> Tensor {
        let first = BlockedShape(parts[0].shape)
        let channels = parts.map { $0.shape[1] }
        let geometry = BlockedShape([first.batch, channels.reduce(0, +), first.height, first.width])
        let sources = parts.map { BlockSource($0) }
        let storage = Storage(count: geometry.count)
        let kernels = Kernels.current
        let pool = WorkerPool.current
        let room = grain * 16 + 16
        let scratch = Storage(scratch: pool.threadCount * room)
        Profiler.span("sharing blocks", detail: "\(geometry.shape)") {
            pieces(geometry) { image, piece, worker in
                // The 16 floats before the values are zeros.
                let values = scratch.pointer + worker * room + 16
                (values - 16).update(repeating: 0, count: 16)
                var blocks = sources.map { $0.block(image, 0) }
                for index in blocks.indices { blocks[index].advance(pixels: piece.lowerBound) }
                for start in stride(from: piece.lowerBound, to: piece.upperBound, by: grain) {
                    let pixels = min(grain, piece.upperBound - start)
                    let target = storage.pointer + image * geometry.blockCount + start * 16
                    var lane = 0
                    for index in blocks.indices {
                        kernels.read_block(&blocks[index], pixels, index == 0 ? target : values)
                        if index > 0 { kernels.merge_lanes(values, Int32(lane), pixels, target) }
                        blocks[index].advance(pixels: pixels)
                        lane += channels[index]
                    }
                }
            }
        }
        return .blocked(geometry, storage)
    }

    /// Calls `body` with pieces of the pixels of each image.
    private static func pieces(_ geometry: BlockedShape, _ body: (_ image: Int, Range<Int>, _ worker: Int) -> Void) {
        let count = (geometry.pixels + taskPixels - 1) / taskPixels
        WorkerPool.current.run(geometry.batch * count) { task, worker in
            let (image, piece) = task.quotientAndRemainder(dividingBy: count)
            body(image, piece * taskPixels..<min(geometry.pixels, (piece + 1) * taskPixels), worker)
        }
    }

    /// The channels of one block as tensors of so many each.
    private static func split(_ tensor: Tensor, _ channels: [Int]) -> [Tensor] {
        let geometry = BlockedShape(tensor.shape)
        let source = tensor.rawBlocks
        let kernels = Kernels.current
        return Profiler.span("sharing blocks", detail: "\(geometry.shape)") {
            var lane = 0
            return channels.map { count in
                defer { lane += count }
                let part = BlockedShape([geometry.batch, count, geometry.height, geometry.width])
                let storage = Storage(count: part.count)
                let first = Int32(lane)
                pieces(geometry) { image, piece, _ in
                    let place = image * geometry.blockCount + piece.lowerBound * 16
                    kernels.split_lanes(
                        source.pointer + place,
                        first,
                        Int32(count),
                        piece.count,
                        storage.pointer + place
                    )
                }
                return .blocked(part, storage)
            }
        }
    }
}

internal import CSegKernels

/// What happens to an operator's rows while they are still in the cache: an ending is applied, the sums that a normalization needs
/// are taken, forward or backward, and the rows are rounded if they are kept so.
///
/// `@unchecked Sendable`: each task writes the rows and sums of its own strip, and each worker its own scratch.
struct OutputEpilogue: @unchecked Sendable {
    private let target: OutputTarget
    private let kernels: seg_kernels
    private let takesForwardSums: Bool
    private let strips: Int
    /// The whole result.
    let output: BlockedShape
    /// For each block of the whole result: which part it is in, and where there.
    private let table: [(part: Int, block: Int)]
    /// Partial sums of each strip and block.
    private let partials: Storage?
    /// Where each worker's rows are until they are rounded, or added to others; `nil` if none are.
    private let unfinished: Storage?
    private let stripCount: Int

    /// Blocks that a task may write at a time.
    private static let members = 2

    /// - Parameters:
    ///   - strips: pieces that each image's rows are cut into; sums are taken piece by piece.
    ///   - stripRows: rows of the largest.
    init(
        _ target: OutputTarget,
        kernels: seg_kernels,
        takesForwardSums: Bool,
        strips: Int,
        stripRows: Int,
        output: BlockedShape
    ) {
        self.target = target
        self.kernels = kernels
        self.takesForwardSums = takesForwardSums
        self.strips = strips
        self.output = output
        table = target.parts.enumerated().flatMap { part, value in
            (0..<value.geometry.blocks).map { (part: part, block: $0) }
        }
        let wantsSums = takesForwardSums || target.parts.contains { $0.normalization != nil }
        partials = wantsSums ? Storage(zeros: output.batch * strips * output.blocks * 32) : nil
        // A row more, for what is added to a phase's.
        stripCount = (stripRows + 1) * output.width * 16
        unfinished =
            target.parts.contains { Self.keepsRows($0) }
            ? Storage(scratch: WorkerPool.current.threadCount * Self.members * stripCount) : nil
    }

    /// Rows of one block of an image, which a task writes as floats and then finishes.
    struct Rows {
        let pointer: UnsafeMutablePointer<Float>
        fileprivate let image: Int
        fileprivate let block: Int
        let range: Range<Int>
    }

    /// - Parameter member: which of the blocks that the task has open at a time.
    func rows(_ image: Int, _ block: Int, _ range: Range<Int>, worker: Int, member: Int = 0) -> Rows {
        let (index, part) = place(block)
        let pointer: UnsafeMutablePointer<Float>
        if Self.keepsRows(part), let unfinished {
            pointer = unfinished.pointer + (worker * Self.members + member) * stripCount
        } else {
            pointer = part.storage.pointer + offset(image, index, part, range)
        }
        return Rows(pointer: pointer, image: image, block: block, range: range)
    }

    /// Whether rows of it are written elsewhere first.
    private static func keepsRows(_ part: OutputTarget.Part) -> Bool {
        part.precision != .float32 || part.others != nil || part.phases != nil
    }

    private func place(_ block: Int) -> (index: Int, part: OutputTarget.Part) {
        (table[block].block, target.parts[table[block].part])
    }

    private func offset(_ image: Int, _ index: Int, _ part: OutputTarget.Part, _ range: Range<Int>) -> Int {
        (image * part.geometry.blocks + index) * part.geometry.blockCount + range.lowerBound * output.width * 16
    }

    /// Finishes rows that have just been written.
    func finish(_ rows: Rows, strip: Int) {
        let (index, part) = place(rows.block)
        if let phases = part.phases {
            finish(rows, strip: strip, phases, phases.phase(rows.image), part, index)
            return
        }
        let pixels = rows.range.count * output.width
        var pointer = rows.pointer
        if let others = part.others {
            let place = offset(rows.image, index, part, rows.range)
            pointer = part.storage.pointer + place
            kernels.binary(seg_binary_add, others.pointer + place, rows.pointer, seg_scalar_none, pointer, pixels * 16)
        }
        if let ending = part.ending {
            ending.finish(
                kernels,
                pointer,
                image: rows.image,
                block: index,
                firstPixel: rows.range.lowerBound * output.width,
                pixels: pixels
            )
        }
        let sums = sums(rows, strip)
        if part.precision == .bf16Storage {
            let values = part.storage.pointer + offset(rows.image, index, part, rows.range) / 2
            values.withMemoryRebound(to: UInt16.self, capacity: pixels * 16) {
                kernels.round_rows(rows.pointer, pixels, $0, takesForwardSums ? sums : nil)
            }
        } else if let sums, let (normalization, gate) = part.normalization {
            let first = rows.range.lowerBound * output.width
            var x = normalization.block(rows.image, index, gate, from: first)
            kernels.backward_sums(pointer, &x, pixels, sums)
        } else if let sums, takesForwardSums {
            kernels.channel_sums(pointer, pixels, sums)
        }
    }

    /// Finishes a phase's rows one by one, and puts each where it belongs.
    private func finish(
        _ rows: Rows,
        strip: Int,
        _ phases: DilatedPhases,
        _ phase: DilatedPhases.Phase,
        _ part: OutputTarget.Part,
        _ index: Int
    ) {
        let step = phases.dilation
        let plane = (phase.image * part.geometry.blocks + index) * part.geometry.pixels
        let spare = rows.pointer + rows.range.count * output.width * 16
        let sums = sums(rows, strip)
        for row in rows.range {
            guard let pixel = phases.pixel(phase, row: row) else { continue }
            let values = rows.pointer + (row - rows.range.lowerBound) * output.width * 16
            if let others = part.others {
                var known = seg_block(stored: others.pointer + (plane + pixel) * 16)
                kernels.read_every(&known, phase.columns, step, spare)
                kernels.binary(seg_binary_add, spare, values, seg_scalar_none, values, phase.columns * 16)
            }
            part.ending?.finish(
                kernels,
                values,
                image: phase.image,
                block: index,
                firstPixel: pixel,
                pixels: phase.columns,
                every: step,
                spare: spare
            )
            if part.precision == .bf16Storage {
                let storage = UnsafeMutableRawPointer(part.storage.pointer) + (plane + pixel) * 32
                UnsafeMutableRawPointer(spare).withMemoryRebound(to: UInt16.self, capacity: phase.columns * 16) {
                    kernels.round_rows(values, phase.columns, $0, takesForwardSums ? sums : nil)
                    for column in 0..<phase.columns {
                        (storage + column * step * 32).copyMemory(from: $0 + column * 16, byteCount: 32)
                    }
                }
                continue
            }
            if let sums, takesForwardSums { kernels.channel_sums(values, phase.columns, sums) }
            kernels.write_every(values, phase.columns, step, part.storage.pointer + (plane + pixel) * 16)
        }
    }

    private func sums(_ rows: Rows, _ strip: Int) -> UnsafeMutablePointer<Float>? {
        partials.map { $0.pointer + ((rows.image * strips + strip) * output.blocks + rows.block) * 32 }
    }

    /// The sums of each part of the result, once every strip is finished.
    func sums() -> [ChannelSums?] {
        guard let partials else { return target.parts.map { _ in nil } }
        var firstBlock = 0
        return target.parts.map { part in
            defer { firstBlock += part.geometry.blocks }
            guard takesForwardSums || part.normalization != nil else { return nil }
            return ChannelSums(
                partials: partials,
                // The phases of an image are strips of it.
                strips: strips * (part.phases?.count ?? 1),
                blocks: output.blocks,
                firstBlock: firstBlock,
                geometry: part.geometry
            )
        }
    }
}

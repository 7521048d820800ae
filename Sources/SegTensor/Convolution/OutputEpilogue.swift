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
        stripCount = stripRows * output.width * 16
        unfinished =
            target.parts.contains { Self.keepsRows($0) }
            ? Storage(scratch: WorkerPool.current.threadCount * (Self.members + 1) * stripCount) : nil
    }

    /// Rows of one block of an image, which a task writes as floats and then finishes.
    struct Rows {
        let pointer: UnsafeMutablePointer<Float>
        /// As much memory of the task's own.
        fileprivate let spare: UnsafeMutablePointer<Float>
        fileprivate let image: Int
        fileprivate let block: Int
        let range: Range<Int>
    }

    /// - Parameter member: which of the blocks that the task has open at a time.
    func rows(_ image: Int, _ block: Int, _ range: Range<Int>, worker: Int, member: Int = 0) -> Rows {
        let (index, part) = place(block)
        var pointer = part.storage.pointer
        var spare = pointer
        if Self.keepsRows(part), let unfinished {
            let memory = unfinished.pointer + worker * (Self.members + 1) * stripCount
            (pointer, spare) = (memory + member * stripCount, memory + Self.members * stripCount)
        } else {
            pointer += offset(image, index, part, range)
        }
        return Rows(pointer: pointer, spare: spare, image: image, block: block, range: range)
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
            var added = ending.other?.block(rows.image, index)
            added?.advance(pixels: rows.range.lowerBound * output.width)
            ending.finish(kernels, pointer, block: index, added: added, pixels: pixels)
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

    /// Finishes a phase's rows, and puts them where they belong.
    private func finish(
        _ rows: Rows,
        strip: Int,
        _ phases: DilatedPhases,
        _ phase: DilatedPhases.Phase,
        _ part: OutputTarget.Part,
        _ index: Int
    ) {
        let known = rows.range.clamped(to: 0..<phase.rows)
        // One by one, if not all of a row lies in the image.
        let step = phase.columns == output.width ? max(1, known.count) : 1
        for first in stride(from: known.lowerBound, to: known.upperBound, by: step) {
            finish(rows, first..<min(known.upperBound, first + step), strip: strip, phases, phase, part, index)
        }
    }

    private func finish(
        _ rows: Rows,
        _ range: Range<Int>,
        strip: Int,
        _ phases: DilatedPhases,
        _ phase: DilatedPhases.Phase,
        _ part: OutputTarget.Part,
        _ index: Int
    ) {
        let columns = phase.columns
        let pixels = range.count * columns
        let values = rows.pointer + (range.lowerBound - rows.range.lowerBound) * output.width * 16
        let spare = rows.spare
        let plane = (phase.image * part.geometry.blocks + index) * part.geometry.pixels
        let place = plane + phases.pixel(phase, row: range.lowerBound)
        func gather(_ block: seg_block) {
            var block = block
            phases.gather(kernels, &block, phase, rows: range, stripWidth: columns, into: spare)
        }
        if let others = part.others {
            gather(seg_block(stored: others.pointer + plane * 16))
            kernels.binary(seg_binary_add, spare, values, seg_scalar_none, values, pixels * 16)
        }
        if let ending = part.ending {
            if let other = ending.other { gather(other.block(phase.image, index)) }
            let added = ending.other.map { _ in seg_block(stored: spare) }
            ending.finish(kernels, values, block: index, added: added, pixels: pixels)
        }
        let sums = sums(rows, strip)
        if part.precision == .bf16Storage {
            let storage = UnsafeMutableRawPointer(part.storage.pointer) + place * 32
            spare.withMemoryRebound(to: UInt16.self, capacity: pixels * 16) {
                kernels.round_rows(values, pixels, $0, takesForwardSums ? sums : nil)
                for pixel in 0..<pixels {
                    let (row, column) = pixel.quotientAndRemainder(dividingBy: columns)
                    (storage + (row * part.geometry.width + column) * phases.dilation * 32)
                        .copyMemory(from: $0 + pixel * 16, byteCount: 32)
                }
            }
            return
        }
        if let sums, takesForwardSums { kernels.channel_sums(values, pixels, sums) }
        kernels.scatter_every(
            values,
            Int32(range.count),
            Int32(columns),
            phases.dilation,
            part.geometry.width,
            part.storage.pointer + place * 16
        )
    }

    /// Calls `body` with the memory that rows of a block go to, and with what else is read to finish them.
    ///
    /// Nothing for phases: their lines lie scattered over as much memory as a second-level cache has.
    func forEachRun(_ image: Int, _ block: Int, _ range: Range<Int>, _ body: (ReadAhead.Run) -> Void) {
        let (index, part) = place(block)
        guard part.phases == nil else { return }
        let pixels = range.count * output.width
        let first = range.lowerBound * output.width
        let place = (image * part.geometry.blocks + index) * part.geometry.pixels + first
        let isBF16 = part.precision == .bf16Storage
        let storage = UnsafeRawPointer(part.storage.pointer)
        body(.init(storage + place * (isBF16 ? 32 : 64), pixels: pixels, isBF16: isBF16))
        if let others = part.others, others !== part.storage {
            body(.init(UnsafeRawPointer(others.pointer) + place * 64, pixels: pixels))
        }
        if let (normalization, gate) = part.normalization {
            let x = normalization.block(image, index, gate, from: first)
            body(.init(UnsafeRawPointer(x.x), pixels: pixels, isBF16: x.isBF16))
        }
        if var other = part.ending?.other?.block(image, index), other.mode != seg_read_resized {
            other.advance(pixels: first)
            body(.init(UnsafeRawPointer(other.x), pixels: pixels, isBF16: other.isBF16))
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

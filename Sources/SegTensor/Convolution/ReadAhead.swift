internal import CSegKernels

/// Memory that is wanted soon, brought toward the cache piece by piece while arithmetic goes on.
///
/// To gather maps the memory's speed is the bound, for what is computed of them the processor's. So what the next gathering
/// wants is asked for between the parts of a computation, and is there when its turn comes.
struct ReadAhead {
    /// Lines of a cache, `step` bytes apart.
    struct Run {
        let start: UnsafeRawPointer
        let lines: Int
        let step: Int

        /// Pixels of a block, every `step`-th if they are apart.
        init(_ start: UnsafeRawPointer, pixels: Int, isBF16: Bool = false, step: Int = 1) {
            let size = isBF16 ? 32 : 64
            self.start = start
            self.step = step == 1 ? 64 : step * size
            lines = step == 1 ? (pixels * size + 63) / 64 : pixels
        }
    }

    private var runs: [Run] = []

    /// Asks for one of `count` pieces of all that was added.
    func bring(_ piece: Int, of count: Int) {
        for run in runs {
            let first = run.lines * piece / count
            let end = run.lines * (piece + 1) / count
            if end > first { seg_prefetch(run.start + first * run.step, end - first, run.step) }
        }
    }

    /// Adds rows of an image that are read soon; those outside the image are not looked at.
    mutating func add(_ reader: StripReader, image: Int, units: Range<Int>, rows: Range<Int>) {
        guard case .blocks(let source) = reader.origin else { return }
        if let phases = reader.phases {
            add(source, phases, phases.phase(image), units: units, rows: rows)
            return
        }
        let dilated = rows.lowerBound / reader.dilation..<(rows.upperBound + reader.dilation - 1) / reader.dilation
        let rows = dilated.clamped(to: 0..<reader.geometry.height)
        let pixels = rows.count * reader.geometry.width
        guard pixels > 0 else { return }
        for unit in units {
            var block = source.block(image, unit)
            // What is resized comes of fewer values.
            if block.mode == seg_read_resized { continue }
            block.advance(pixels: rows.lowerBound * reader.geometry.width)
            add(block, pixels: pixels)
        }
    }

    /// Adds a phase's rows.
    private mutating func add(
        _ source: BlockSource,
        _ phases: DilatedPhases,
        _ phase: DilatedPhases.Phase,
        units: Range<Int>,
        rows: Range<Int>
    ) {
        for unit in units {
            let block = source.block(phase.image, unit)
            if block.mode == seg_read_resized { continue }
            for row in rows.clamped(to: 0..<phase.rows) {
                var line = block
                line.advance(pixels: phases.pixel(phase, row: row))
                add(line, pixels: phase.columns, step: phases.dilation)
            }
        }
    }

    private mutating func add(_ block: seg_block, pixels: Int, step: Int = 1) {
        runs.append(Run(UnsafeRawPointer(block.x), pixels: pixels, isBF16: block.isBF16, step: step))
        if let gradient = block.gradient { runs.append(Run(UnsafeRawPointer(gradient), pixels: pixels, step: step)) }
    }

    /// Adds rows of a block of a result, with what they are added to or summed up with.
    mutating func add(_ epilogue: OutputEpilogue, image: Int, block: Int, rows: Range<Int>) {
        epilogue.forEachRun(image, block, rows) { runs.append($0) }
    }

    /// Takes out what was added twice, as where a gradient is summed up with what its operator reads as well.
    mutating func removeRepetitions() {
        var starts: Set<UnsafeRawPointer> = []
        runs = runs.filter { starts.insert($0.start).inserted }
    }
}

extension ReadAhead {
    /// Adds the rows that a step's tiles are gathered from, with `halo` more above and below.
    mutating func add(_ reader: StripReader, _ step: WinogradPlan.Step, blocks: Range<Int>, halo: Int) {
        let rows = step.rows.lowerBound - halo..<step.rows.upperBound + halo
        for image in step.images { add(reader, image: image, units: blocks, rows: rows) }
    }

    /// Adds the rows that a step's results go to.
    mutating func add(_ epilogue: OutputEpilogue, _ step: WinogradPlan.Step, blocks: Range<Int>) {
        let rows = step.rows.clamped(to: 0..<epilogue.output.height)
        for image in step.images {
            for block in blocks { add(epilogue, image: image, block: block, rows: rows) }
        }
    }
}

internal import CSegKernels

/// Memory that is wanted soon, brought toward the cache piece by piece while arithmetic goes on.
///
/// To gather maps the memory's speed is the bound, for what is computed of them the processor's. So what the next gathering
/// wants is asked for between the parts of a computation, and is there when its turn comes.
struct ReadAhead {
    private var runs: [(start: UnsafeRawPointer, bytes: Int)] = []

    /// Asks for one of `count` pieces of all that was added.
    func bring(_ piece: Int, of count: Int) {
        for run in runs {
            let first = run.bytes * piece / count & ~63
            let end = piece == count - 1 ? run.bytes : run.bytes * (piece + 1) / count & ~63
            if end > first { seg_prefetch(run.start + first, end - first) }
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
            runs.append((UnsafeRawPointer(block.x), pixels * (block.isBF16 ? 32 : 64)))
            if let gradient = block.gradient { runs.append((UnsafeRawPointer(gradient), pixels * 64)) }
        }
    }

    /// Adds a phase's rows: with the pixels between its own, which other phases want next.
    private mutating func add(
        _ source: BlockSource,
        _ phases: DilatedPhases,
        _ phase: DilatedPhases.Phase,
        units: Range<Int>,
        rows: Range<Int>
    ) {
        let pixels = phases.image.width - phase.first % phases.image.width
        for unit in units {
            let block = source.block(phase.image, unit)
            if block.mode == seg_read_resized { continue }
            for row in rows.clamped(to: 0..<phase.rows) {
                var line = block
                line.advance(pixels: phases.pixel(phase, row: row))
                runs.append((UnsafeRawPointer(line.x), pixels * (block.isBF16 ? 32 : 64)))
                if let gradient = line.gradient { runs.append((UnsafeRawPointer(gradient), pixels * 64)) }
            }
        }
    }

    /// Adds rows that are written soon.
    mutating func add(_ rows: OutputEpilogue.Rows, width: Int) {
        runs.append((UnsafeRawPointer(rows.pointer), rows.range.count * width * 64))
    }
}

extension ReadAhead {
    /// Adds the rows that a step's tiles are gathered from, with `halo` more above and below.
    mutating func add(_ reader: StripReader, _ step: WinogradPlan.Step, blocks: Range<Int>, halo: Int) {
        let rows = step.rows.lowerBound - halo..<step.rows.upperBound + halo
        for image in step.images {
            // A row of an image is one of as many phases as there are columns between two of their pixels.
            if let phases = reader.phases, image > step.images.lowerBound, image % phases.dilation != 0 { continue }
            add(reader, image: image, units: blocks, rows: rows)
        }
    }

    /// Adds the rows that a step's results go to.
    mutating func add(_ epilogue: OutputEpilogue, _ step: WinogradPlan.Step, blocks: Range<Int>, worker: Int) {
        let range = step.rows.clamped(to: 0..<epilogue.output.height)
        for image in step.images {
            for block in blocks {
                add(epilogue.rows(image, block, range, worker: worker), width: epilogue.output.width)
            }
        }
    }
}

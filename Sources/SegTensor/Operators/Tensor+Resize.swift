internal import CSegKernels

extension Tensor {
    /// Images resized by bilinear interpolation between pixel centers.
    ///
    /// - Shape: `[batch, channels, height, width]` to the given height and width.
    /// - Formula: output row `i` samples the input at `(i + ½) · input height / height − ½`, clamped to the outermost
    ///   centers; columns likewise. Downscaling does not average: pixels between the samples are not looked at.
    /// - Gradient: each value's to the four pixels that it came from, by their weights.
    public func resizedBilinear(height: Int, width: Int) -> Tensor {
        let x = BlockedShape(shape, operation: #function)
        requireOperands(
            x.pixels > 0 && height > 0 && width > 0,
            "images of \(x.height)×\(x.width) px cannot be resized to \(height)×\(width) px",
            cure: "both sizes must be at least 1"
        )
        if height == x.height && width == x.width { return self }
        let resize = BilinearResize(
            rows: LinearResampling(from: x.height, to: height),
            columns: LinearResampling(from: x.width, to: width)
        )
        let y = BlockedShape([x.batch, x.channels, height, width])
        // Blocks stay blocks; a map of few channels, such as logits, would be mostly empty lanes.
        let isBlocked = isBlocked && x.channels >= 8
        let result = Storage(count: isBlocked ? y.count : y.shape.count)
        let kernels = Kernels.current
        if isBlocked {
            let source = BlockSource(self)
            resize.forEachPlane(x.batch * x.blocks) { task, scratch in
                let (image, index) = task.quotientAndRemainder(dividingBy: x.blocks)
                let block = source.block(image, index)
                resize.forward(SIMD16<Float>.self, kernels, scratch, into: result.pointer + task * y.blockCount) {
                    row,
                    line in
                    var part = block
                    part.advance(pixels: row * x.width)
                    kernels.read_block(&part, x.width, line)
                }
            }
        } else {
            let storage = denseStorage
            resize.forEachPlane(x.batch * x.channels) { task, scratch in
                let plane = storage.pointer + task * x.pixels
                resize.forward(Float.self, kernels, scratch, into: result.pointer + task * y.pixels) { row, line in
                    line.update(from: plane + row * x.width, count: x.width)
                }
            }
        }
        let output = isBlocked ? Tensor.blocked(y, result) : Tensor(shape: y.shape, storage: result)
        return output.recorded(from: [self], as: .bilinearResize) { gradient in
            let dy = isBlocked ? gradient.rawBlocks : gradient.denseStorage
            let dx = Storage(zeros: isBlocked ? x.count : x.shape.count)
            let kernels = Kernels.current
            resize.forEachPlane(x.batch * (isBlocked ? x.blocks : x.channels)) { task, scratch in
                if isBlocked {
                    let from = dy.pointer + task * y.blockCount
                    resize.backward(SIMD16<Float>.self, kernels, scratch, from, into: dx.pointer + task * x.blockCount)
                } else {
                    let from = dy.pointer + task * y.pixels
                    resize.backward(Float.self, kernels, scratch, from, into: dx.pointer + task * x.pixels)
                }
            }
            return [isBlocked ? .blocked(x, dx) : Tensor(shape: x.shape, storage: dx)]
        }
    }
}

/// Both axes of a resize: columns first, each input row once, then rows.
private struct BilinearResize: Sendable {
    let rows: LinearResampling
    let columns: LinearResampling

    /// Runs `body(plane, scratch)` on the workers, with scratch for three rows of blocks.
    func forEachPlane(_ count: Int, _ body: (Int, UnsafeMutablePointer<Float>) -> Void) {
        let pool = WorkerPool.current
        let length = (max(columns.input, columns.output) * 3 + 1) * 16
        let scratch = Storage(scratch: length * pool.threadCount)
        pool.run(count) { task, worker in body(task, scratch.pointer + worker * length) }
    }

    /// - Parameter read: copies an input row to the given place.
    @inline(__always)
    func forward<Value: Resampled>(
        _ type: Value.Type,
        _ kernels: seg_kernels,
        _ scratch: UnsafeMutablePointer<Float>,
        into target: UnsafeMutablePointer<Float>,
        read: (_ row: Int, _ line: UnsafeMutablePointer<Float>) -> Void
    ) {
        let width = columns.output
        let lanes = Value.lanes
        let line = scratch
        var upper = scratch + max(columns.input, width) * lanes
        var lower = upper + width * lanes
        // Which input rows `upper` and `lower` hold, stretched to the new width.
        var held = (-1, -1)
        func load(_ row: Int, _ place: UnsafeMutablePointer<Float>) {
            read(row, line)
            columns.resample(
                UnsafePointer(pointer(line, Value.self)),
                into: pointer(place, Value.self)
            )
        }
        for row in 0..<rows.output {
            let wanted = (rows.first[row], rows.second[row])
            if wanted != held {
                if wanted.0 == held.1 {
                    swap(&upper, &lower)
                } else if wanted.0 != held.0 {
                    load(wanted.0, upper)
                }
                load(wanted.1, lower)
                held = wanted
            }
            kernels.blend(upper, lower, rows.weight[row], target + row * width * lanes, width * lanes)
        }
    }

    /// Adds to `target`, which holds zeros, what `gradient` comes to.
    @inline(__always)
    func backward<Value: Resampled>(
        _ type: Value.Type,
        _ kernels: seg_kernels,
        _ scratch: UnsafeMutablePointer<Float>,
        _ gradient: UnsafeMutablePointer<Float>,
        into target: UnsafeMutablePointer<Float>
    ) {
        let width = columns.output
        let lanes = Value.lanes
        let line = pointer(scratch, Value.self)
        for (source, parts) in rows.contributions.enumerated() where !parts.isEmpty {
            for i in 0..<width { line[i] = .zero }
            for (row, weight) in parts {
                kernels.add_weighted(gradient + row * width * lanes, weight, scratch, width * lanes)
            }
            columns.scatter(UnsafePointer(line), into: pointer(target + source * columns.input * lanes, Value.self))
        }
    }

    /// Storage is 64-byte aligned, and so is every row of a block within it.
    @inline(__always)
    private func pointer<Value>(_ floats: UnsafeMutablePointer<Float>, _ type: Value.Type)
        -> UnsafeMutablePointer<Value>
    {
        UnsafeMutableRawPointer(floats).assumingMemoryBound(to: type)
    }
}

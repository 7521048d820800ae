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
        let resize = Resize(
            rows: LinearResampling(from: x.height, to: height),
            columns: LinearResampling(from: x.width, to: width)
        )
        return resized(resize, as: .bilinearResize)
    }

    /// Images made larger by a whole factor, each pixel repeated.
    ///
    /// - Shape: `[batch, channels, height, width]` to `[batch, channels, factor · height, factor · width]`.
    /// - Gradient: the sum over each pixel's copies.
    public func resizedNearest(factor: Int) -> Tensor {
        let x = BlockedShape(shape, operation: #function)
        requireOperands(factor >= 1, "a factor of \(factor) cannot be", cure: "use 1 or more")
        if factor == 1 { return self }
        let resize = Resize(
            rows: LinearResampling(repeating: x.height, factor),
            columns: LinearResampling(repeating: x.width, factor)
        )
        return resized(resize, as: .nearestResize(factor: factor))
    }

    /// Blocks are resized when they are read; a map of few channels, such as logits, would be mostly empty lanes, and is resized
    /// plane by plane.
    func resized(_ resize: Resize, as traced: TracedOperation, operation: StaticString = #function) -> Tensor {
        let x = BlockedShape(shape)
        let shape = resize.output(x).shape
        guard isBlocked, x.channels >= 8 else {
            let planes = resize.planes(denseStorage, x)
            return Tensor(shape: shape, storage: planes).recorded(from: [self], as: traced, operation: operation) {
                [Tensor(shape: x.shape, storage: resize.adjoint(ofPlanes: $0.denseStorage, x))]
            }
        }
        let body = ResizedBody(self, resize, as: traced, operation: operation)
        return Tensor(shape: shape, body: .resized(body)).recorded(from: [self], as: traced, operation: operation) {
            [.blocked(x, resize.adjoint(ofBlocks: $0.rawBlocks, x))]
        }
    }
}

/// Both axes of a resize.
struct Resize: Sendable {
    let rows: LinearResampling
    let columns: LinearResampling

    func output(_ x: BlockedShape) -> BlockedShape { BlockedShape([x.batch, x.channels, rows.output, columns.output]) }

    /// Planes of the new size: columns first, each input row once, then rows.
    func planes(_ storage: Storage, _ x: BlockedShape) -> Storage {
        let y = output(x)
        let result = Storage(count: y.shape.count)
        let kernels = Kernels.current
        forEachPlane(x.batch * x.channels, lanes: 1) { task, scratch in
            resize(kernels, storage.pointer + task * x.pixels, scratch, into: result.pointer + task * y.pixels)
        }
        return result
    }

    private func resize(
        _ kernels: seg_kernels,
        _ plane: UnsafePointer<Float>,
        _ scratch: UnsafeMutablePointer<Float>,
        into target: UnsafeMutablePointer<Float>
    ) {
        let width = columns.output
        var upper = scratch
        var lower = scratch + width
        // Which input rows `upper` and `lower` hold, stretched to the new width.
        var held = (-1, -1)
        for row in 0..<rows.output {
            let wanted = (rows.first[row], rows.second[row])
            if wanted != held {
                if wanted.0 == held.1 {
                    swap(&upper, &lower)
                } else if wanted.0 != held.0 {
                    columns.resample(plane + wanted.0 * columns.input, into: upper)
                }
                columns.resample(plane + wanted.1 * columns.input, into: lower)
                held = wanted
            }
            kernels.blend(upper, lower, rows.weight[row], target + row * width, width)
        }
    }

    /// The gradient of blocks from that of the resized ones.
    func adjoint(ofBlocks dy: Storage, _ x: BlockedShape) -> Storage {
        adjoint(SIMD16<Float>.self, dy, planes: x.batch * x.blocks)
    }

    /// The same of planes.
    func adjoint(ofPlanes dy: Storage, _ x: BlockedShape) -> Storage {
        adjoint(Float.self, dy, planes: x.batch * x.channels)
    }

    private func adjoint<Value: Resampled>(_ type: Value.Type, _ dy: Storage, planes: Int) -> Storage {
        let lanes = Value.lanes
        let (before, after) = (rows.input * columns.input * lanes, rows.output * columns.output * lanes)
        let dx = Storage(zeros: planes * before)
        let kernels = Kernels.current
        forEachPlane(planes, lanes: lanes) { plane, scratch in
            adjoint(type, kernels, scratch, dy.pointer + plane * after, into: dx.pointer + plane * before)
        }
        return dx
    }

    /// Adds to `target`, which holds zeros, what `gradient` comes to.
    @inline(__always)
    private func adjoint<Value: Resampled>(
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

    /// Runs `body(plane, scratch)` on the workers, with scratch for two rows of the new width.
    private func forEachPlane(_ count: Int, lanes: Int, _ body: (Int, UnsafeMutablePointer<Float>) -> Void) {
        let pool = WorkerPool.current
        let length = (columns.output * 2 * lanes + 15) / 16 * 16
        let scratch = Storage(scratch: length * pool.threadCount)
        pool.run(count) { task, worker in body(task, scratch.pointer + worker * length) }
    }

    /// Storage is 64-byte aligned, and so is every row of a block within it.
    @inline(__always)
    private func pointer<Value>(_ floats: UnsafeMutablePointer<Float>, _ type: Value.Type)
        -> UnsafeMutablePointer<Value>
    {
        UnsafeMutableRawPointer(floats).assumingMemoryBound(to: type)
    }
}

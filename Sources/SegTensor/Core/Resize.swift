internal import CSegKernels

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

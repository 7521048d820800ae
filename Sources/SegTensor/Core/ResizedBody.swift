internal import CSegKernels

/// Images of another size, in blocks, none of whose values are stored: whoever reads a row of them interpolates it.
///
/// A map that is made larger so takes no memory, in a training neither, and its values are made where they are needed, in the cache.
///
/// `@unchecked Sendable`: all members are constants, and what they point to is only read once the body is made.
package final class ResizedBody: @unchecked Sendable {
    /// What is resized.
    let source: Tensor
    let resize: Resize
    let traced: TracedOperation
    /// The name of the operator.
    let operation: StaticString
    /// Keeps the memory of the source's blocks alive.
    private let stored: BlockSource
    private let blocks: UnsafeMutablePointer<seg_block>
    private let table: UnsafeMutablePointer<seg_resize>
    private let axes: [ResizedAxis]

    init(_ source: Tensor, _ resize: Resize, as traced: TracedOperation, operation: StaticString) {
        (self.source, self.resize, self.traced, self.operation) = (source, resize, traced, operation)
        let stored = BlockSource(stored: source)
        let geometry = stored.geometry
        blocks = .allocate(capacity: max(1, geometry.batch * geometry.blocks))
        for image in 0..<geometry.batch {
            for index in 0..<geometry.blocks {
                (blocks + image * geometry.blocks + index).initialize(to: stored.block(image, index))
            }
        }
        axes = [ResizedAxis(resize.rows), ResizedAxis(resize.columns)]
        table = .allocate(capacity: 1)
        table.initialize(
            to: seg_resize(
                rows: axes[0].table,
                columns: axes[1].table,
                width: resize.columns.output,
                source_width: resize.columns.input
            )
        )
        self.stored = stored
    }

    deinit {
        blocks.deallocate()
        table.deallocate()
    }

    func block(_ image: Int, _ index: Int) -> seg_block {
        var block = seg_block()
        block.mode = seg_read_resized
        block.source = UnsafePointer(blocks + image * stored.geometry.blocks + index)
        block.resize = UnsafePointer(table)
        return block
    }
}

/// One axis of a resize as kernels read it.
private final class ResizedAxis {
    private let places: UnsafeMutablePointer<Int32>
    private let weights: UnsafeMutablePointer<Float>
    let table: seg_axis

    init(_ axis: LinearResampling) {
        places = .allocate(capacity: 2 * axis.output)
        weights = .allocate(capacity: axis.output)
        for index in 0..<axis.output {
            places[index] = Int32(axis.first[index])
            places[axis.output + index] = Int32(axis.second[index])
            weights[index] = axis.weight[index]
        }
        table = seg_axis(
            first: UnsafePointer(places),
            second: UnsafePointer(places + axis.output),
            weight: UnsafePointer(weights)
        )
    }

    deinit {
        places.deallocate()
        weights.deallocate()
    }
}

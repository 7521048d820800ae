internal import CSegKernels

/// What happens to an operator's rows while they are still in the cache: the sums that a normalisation needs are taken,
/// forward or backward.
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

    /// - Parameter strips: pieces that each image's rows are cut into; sums are taken piece by piece.
    init(
        _ target: OutputTarget,
        kernels: seg_kernels,
        takesForwardSums: Bool,
        strips: Int,
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
        let wantsSums = takesForwardSums || target.parts.contains { $0.normalisation != nil }
        partials = wantsSums ? Storage(zeros: output.batch * strips * output.blocks * 32) : nil
    }

    /// Where a block's row starts.
    func row(_ image: Int, _ block: Int, _ row: Int) -> UnsafeMutablePointer<Float> {
        let (part, index) = table[block]
        let shape = target.parts[part].geometry
        return target.parts[part].storage.pointer + (image * shape.blocks + index) * shape.blockCount + row
            * output.width * 16
    }

    /// Finishes rows that have just been written.
    func finish(_ image: Int, strip: Int, _ block: Int, rows: Range<Int>) {
        guard let partials else { return }
        let values = row(image, block, rows.lowerBound)
        let pixels = rows.count * output.width
        let place = partials.pointer + ((image * strips + strip) * output.blocks + block) * 32
        let (part, index) = table[block]
        if let (normalisation, relu) = target.parts[part].normalisation {
            let shape = target.parts[part].geometry
            let x =
                normalisation.input.blockedBody.storage.pointer
                + (image * shape.blocks + index) * shape.blockCount + rows.lowerBound * output.width * 16
            kernels.backward_sums(
                values,
                x,
                normalisation.scale(image, index),
                normalisation.shift(image, index),
                relu ? 1 : 0,
                pixels,
                place
            )
        } else if takesForwardSums {
            kernels.channel_sums(values, pixels, place)
        }
    }

    /// The sums of each part of the result, once every strip is finished.
    func sums() -> [ChannelSums?] {
        guard let partials else { return target.parts.map { _ in nil } }
        var firstBlock = 0
        return target.parts.map { part in
            defer { firstBlock += part.geometry.blocks }
            guard takesForwardSums || part.normalisation != nil else { return nil }
            return ChannelSums(
                partials: partials,
                strips: strips,
                blocks: output.blocks,
                firstBlock: firstBlock,
                geometry: part.geometry
            )
        }
    }
}

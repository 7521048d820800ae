/// Where an operator's images go, block by block, and which sums are taken on the way.
///
/// `@unchecked Sendable`: tasks write to storages, each to the blocks that are its own; the members stay.
struct OutputTarget: @unchecked Sendable {
    /// The parts that the result is split into along its channels, each a whole number of blocks but the last.
    var parts: [Part]

    struct Part {
        var geometry: BlockedShape
        var storage: Storage
        /// What the storage is to hold.
        var precision = Precision.float32
        /// What is added to the values before sums are taken; may be the storage itself.
        var others: Storage?
        /// What the operator's images are phases of, if it writes those.
        var phases: DilatedPhases?
        /// What the values go through before they are left as they are.
        var ending: RowEnding?
        /// The normalization whose output this is the gradient of, if its backward sums are wanted.
        var normalization: (Normalization, Gate)?
    }

    /// - Parameter precision: in which the result is kept. One that is not normalized afterwards, such as logits, is
    ///   kept as it is computed.
    init(_ geometry: BlockedShape, precision: Precision = .float32) {
        let storage = Storage(count: precision.floats(geometry.count))
        parts = [Part(geometry: geometry, storage: storage, precision: precision, normalization: nil)]
    }

    /// A place for a convolution's result behind an ending.
    init(_ geometry: BlockedShape, ending: ConvolutionEnding) {
        self.init(geometry)
        parts[0].ending = RowEnding(ending, geometry)
    }

    /// A place for the gradient of `tensor`, split as the tensor is joined, for an operator that adds to it by itself what others
    /// have pushed back.
    ///
    /// - Parameter storage: what a tensor that is not joined is to use; memory of its own if `nil`.
    init(gradientOf tensor: Tensor, in storage: Storage? = nil) {
        let tensors = Self.pieces(of: tensor)
        parts = tensors.map { piece in
            let geometry = BlockedShape(piece.shape)
            return Part(
                geometry: geometry,
                storage: (tensors.count == 1 ? storage : nil) ?? Storage(count: geometry.count),
                normalization: Self.normalization(behind: piece, of: tensor)
            )
        }
    }

    /// A place for the gradient of `tensor`, split as the tensor is joined, that what is known of it already is added to.
    ///
    /// Backward sums are wanted where the gradient will be complete: not if another operator's is added to it later.
    ///
    /// - Parameter known: what earlier operators have pushed back; `nil` afterwards, unless it is joined in another way, and the
    ///   caller is to add it.
    init(gradientOf tensor: Tensor, adding known: inout Tensor?) {
        let tensors = Self.pieces(of: tensor)
        var others = Self.addends(&known, tensors)
        let isAdded = known == nil
        parts = tensors.indices.map { index in
            let geometry = BlockedShape(tensors[index].shape)
            let isOwned = isKnownUniquelyReferenced(&others[index])
            return Part(
                geometry: geometry,
                storage: (isOwned ? others[index] : nil) ?? Storage(count: geometry.count),
                others: others[index],
                normalization: isAdded ? Self.normalization(behind: tensors[index], of: tensor) : nil
            )
        }
    }

    /// The same place for an operator that writes phases of its images, whose backward sums are not taken.
    func apart(_ phases: DilatedPhases?) -> OutputTarget {
        guard phases != nil else { return self }
        var result = self
        for index in parts.indices {
            result.parts[index].phases = phases
            result.parts[index].normalization = nil
        }
        return result
    }

    private static func pieces(of tensor: Tensor) -> [Tensor] {
        if case .joined(let parts) = tensor.body { return parts }
        return [tensor]
    }

    /// The normalization whose output a piece of a tensor is, if the gradient that is being pushed back to both completes the
    /// piece's.
    private static func normalization(behind piece: Tensor, of tensor: Tensor) -> (Normalization, Gate)? {
        guard tensor.isLastReader, case .blocked(let body) = piece.body,
            case .normalized(let normalization, let gate) = body.reading
        else { return nil }
        if case .joined = tensor.body, !piece.isOnlyReader { return nil }
        return (normalization, gate)
    }

    /// The memory of a gradient's parts, which nobody else has if `known` was its only owner.
    private static func addends(_ known: inout Tensor?, _ tensors: [Tensor]) -> [Storage?] {
        guard let gradient = known else { return tensors.map { _ in nil } }
        if tensors.count == 1 {
            known = nil
            return [gradient.rawBlocks]
        }
        let parts = gradient.joinedParts
        guard parts.map(\.shape) == tensors.map(\.shape) else { return tensors.map { _ in nil } }
        known = nil
        return parts.map(\.rawBlocks)
    }

    /// The result as a tensor: joined if there are several parts.
    func tensor(sums: [ChannelSums?]) -> Tensor {
        let tensors = zip(parts, sums).map { part, sums in
            Tensor(
                shape: part.geometry.shape,
                body: .blocked(
                    BlockedBody(
                        part.storage,
                        precision: part.precision,
                        sums: part.normalization == nil ? sums : nil,
                        backwardSums: part.normalization == nil ? nil : sums
                    )
                )
            )
        }
        return .joining(tensors)
    }
}

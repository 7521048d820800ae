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
        /// The normalization whose output this is the gradient of, if its backward sums are wanted.
        var normalization: (Normalization, relu: Bool)?
    }

    /// - Parameter precision: in which the result is kept. One that is not normalized afterwards, such as logits, is
    ///   kept as it is computed.
    init(_ geometry: BlockedShape, precision: Precision = .float32) {
        let storage = Storage(count: precision.floats(geometry.count))
        parts = [Part(geometry: geometry, storage: storage, precision: precision, normalization: nil)]
    }

    /// A place for the gradient of `tensor`, split as the tensor is joined.
    ///
    /// Backward sums are wanted where the gradient will be complete: not if another operator's is still to be added.
    ///
    /// - Parameter storage: what a tensor that is not joined is to use; memory of its own if `nil`.
    init(gradientOf tensor: Tensor, in storage: Storage? = nil) {
        let tensors = tensor.parts
        parts = tensors.map { tensor in
            let geometry = BlockedShape(tensor.shape)
            let given = tensors.count == 1 ? storage : nil
            var part = Part(
                geometry: geometry,
                storage: given ?? Storage(count: geometry.count),
                normalization: nil
            )
            if tensor.isLastReader, case .blocked(let body) = tensor.body,
                case .normalized(let normalization, let relu) = body.reading
            {
                part.normalization = (normalization, relu)
            }
            return part
        }
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
        guard tensors.count > 1 else { return tensors[0] }
        let first = parts[0].geometry
        let channels = parts.reduce(0) { $0 + $1.geometry.channels }
        return Tensor(shape: [first.batch, channels, first.height, first.width], body: .joined(tensors))
    }
}

extension Tensor {
    /// The tensors that this one is joined from; itself if it is not.
    fileprivate var parts: [Tensor] {
        if case .joined(let joined) = body { return joined }
        return [self]
    }
}

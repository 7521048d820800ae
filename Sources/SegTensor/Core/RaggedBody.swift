/// Images joined along their channels of which some do not fill their last block of 16.
///
/// A convolution reads the parts where they lie (``SpreadChannels``). Whoever needs full blocks gets a copy, which is made once.
package final class RaggedBody: Sendable {
    /// In blocks each, with what is pending on them.
    package let parts: [Tensor]
    private let packed = Locked<Storage?>(nil)

    init(_ parts: [Tensor]) { self.parts = parts }

    /// The values, row-major.
    func planes(_ shape: Shape) -> Storage { Tensor.copied(parts, shape, 1).denseStorage }

    /// The values in full blocks, nothing pending.
    func blocks(_ shape: Shape) -> Storage {
        packed.withLock { packed in
            if let packed { return packed }
            let blocks = Profiler.span("to blocks", detail: "\(shape)") { Tensor.blocks(of: planes(shape), shape) }
            packed = blocks
            return blocks
        }
    }
}

extension Tensor {
    /// Blocked tensors one after the other along their channels, without a copy.
    static func joining(_ parts: [Tensor]) -> Tensor {
        guard parts.count > 1 else { return parts[0] }
        let first = parts[0].shape
        let shape: Shape = [first[0], parts.reduce(0) { $0 + $1.shape[1] }, first[2], first[3]]
        let isFull = parts.dropLast().allSatisfy { $0.shape[1] % 16 == 0 }
        return Tensor(shape: shape, body: isFull ? .joined(parts) : .ragged(RaggedBody(parts)))
    }

    /// The tensors that this one is joined from; itself if it is not.
    var joinedParts: [Tensor] {
        switch body {
        case .joined(let parts): parts
        case .ragged(let body): body.parts
        case .dense, .blocked, .resized: [self]
        }
    }

    /// The same in blocks, with what is pending on them.
    var blockedParts: [Tensor] {
        joinedParts.map { part in
            if case .resized = part.body { return part }
            return Tensor(shape: part.shape, body: .blocked(part.blockedBody), node: part.node)
        }
    }
}

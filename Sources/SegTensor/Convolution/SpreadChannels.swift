/// The channels of a ragged tensor as a convolution sees them: every part filled up to whole blocks with channels of zeros, for
/// which the weights are 0 as well.
///
/// So the parts are read where they lie, and the gradient of each goes to a place of its own.
struct SpreadChannels: Sendable {
    private let parts: [Int]

    /// - Parameter parts: channels of each.
    init(_ parts: [Int]) { self.parts = parts }

    private static func filled(_ channels: Int) -> Int { (channels + 15) / 16 * 16 }

    private var total: Int { parts.reduce(0) { $0 + Self.filled($1) } }

    /// The parts with their empty lanes as channels.
    func input(_ tensors: [Tensor], node: Node?) -> Tensor {
        var result = Tensor.joining(tensors.map { $0.withChannels(Self.filled($0.shape[1])) })
        result.node = node
        return result
    }

    /// A gradient of the ragged tensor with those channels; `nil` if it is not joined of the same parts.
    func widened(_ gradient: Tensor) -> Tensor? {
        let tensors = gradient.joinedParts
        guard tensors.map({ $0.shape[1] }) == parts else { return nil }
        return .joining(tensors.map { $0.blockedWithChannels(Self.filled($0.shape[1])) })
    }

    /// A gradient of that, without those channels.
    func gradient(_ wide: Tensor) -> Tensor {
        .joining(zip(wide.joinedParts, parts).map { $0.withChannels($1) })
    }

    /// Weights that are 0 for the empty lanes; kept with the weights that they are made of, for the images to come.
    func weight(_ weight: Tensor) -> Tensor {
        struct Spread: Sendable {
            let parts: [Int]
            let storage: Storage
        }
        let source = weight.denseStorage
        let shape = wideShape(weight.shape)
        func make() -> Spread {
            let storage = Storage(zeros: shape.count)
            guard DryRun.current == nil else { return Spread(parts: parts, storage: storage) }
            forEachRun(weight.shape) { narrow, wide, count in
                (storage.pointer + wide).update(from: source.pointer + narrow, count: count)
            }
            return Spread(parts: parts, storage: storage)
        }
        let kept = DryRun.current == nil ? source.derived(for: .current, make) : make()
        let spread = kept.parts == parts ? kept : make()
        return Tensor(shape: shape, body: .dense(spread.storage), node: weight.node)
    }

    /// The gradient of weights without the empty lanes.
    func weightGradient(_ wide: Tensor, _ shape: Shape) -> Tensor {
        let source = wide.denseStorage
        let storage = Storage(count: shape.count)
        if DryRun.current == nil {
            forEachRun(shape) { narrow, wide, count in
                (storage.pointer + narrow).update(from: source.pointer + wide, count: count)
            }
        }
        return Tensor(shape: shape, storage: storage)
    }

    private func wideShape(_ shape: Shape) -> Shape { [shape[0], total, shape[2], shape[3]] }

    /// Where the weights of a part lie, here and there, for each output channel.
    private func forEachRun(_ shape: Shape, _ body: (_ narrow: Int, _ wide: Int, _ count: Int) -> Void) {
        let taps = shape[2] * shape[3]
        for output in 0..<shape[0] {
            var narrow = output * shape[1] * taps
            var wide = output * total * taps
            for channels in parts {
                body(narrow, wide, channels * taps)
                narrow += channels * taps
                wide += Self.filled(channels) * taps
            }
        }
    }
}

extension Tensor {
    /// The same with what is pending applied.
    fileprivate func blockedWithChannels(_ channels: Int) -> Tensor {
        Tensor(shape: shape, body: .blocked(BlockedBody(rawBlocks))).withChannels(channels)
    }

    /// The same blocks with another number of channels in the last of them.
    fileprivate func withChannels(_ channels: Int) -> Tensor {
        Tensor(shape: [shape[0], channels, shape[2], shape[3]], body: body, node: node)
    }
}

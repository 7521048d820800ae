internal import CSegKernels

/// A dense array of 32-bit floats that remembers how it was computed.
///
/// Tensors are values: an operator returns a new one and changes none. A tensor that depends on a ``Parameter`` carries
/// the recorded operation, so that ``backward()`` can push gradients back to the parameters.
///
/// Layout: logically row-major in every case. Inside, a tensor of images may be kept in blocks of 16 channels with
/// arithmetic pending on it (a normalization and its activation, or a resize, which the next convolution applies as it reads), or
/// as several tensors joined along the channels. No operator's result depends on that; ``values()`` always returns the
/// plain row-major values.
///
/// Threads: a recorded graph is built and swept on one thread at a time; tensors without a graph may be shared freely.
///
/// `@unchecked Sendable`: the values of a tensor are never written once an operator has made it.
public struct Tensor: @unchecked Sendable {
    /// Lengths of the axes.
    public let shape: Shape

    package let body: Body
    package var node: Node?

    /// How the values are kept.
    package enum Body {
        /// Row-major, contiguous.
        case dense(Storage)
        /// `[batch][channels / 16][height][width][16]`, with arithmetic pending.
        case blocked(BlockedBody)
        /// Blocked tensors one after the other along the channels, all but the last with a multiple of 16 of them.
        case joined([Tensor])
        /// The same with other numbers of channels, so that blocks in the middle are not full.
        case ragged(RaggedBody)
        /// Another tensor of images, resized when it is read.
        case resized(ResizedBody)
    }

    package init(shape: Shape, body: Body, node: Node? = nil) {
        self.shape = shape
        self.body = body
        self.node = node
    }

    package init(shape: Shape, storage: Storage) { self.init(shape: shape, body: .dense(storage)) }
}

// MARK: - Making tensors

extension Tensor {
    /// A tensor of row-major values. Traps if the count does not fit the shape.
    public init(_ values: [Float], shape: Shape) {
        requireOperands(
            values.count == shape.count,
            "\(values.count) values do not fill shape \(shape)",
            cure: "it takes \(shape.count)",
            operation: "Tensor"
        )
        let storage = Storage(count: values.count)
        values.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { storage.pointer.update(from: base, count: values.count) }
        }
        self.init(shape: shape, storage: storage)
    }

    /// A scalar: a tensor without axes.
    public init(_ value: Float) { self.init([value], shape: []) }

    /// A tensor of one value everywhere.
    public init(repeating value: Float, shape: Shape) {
        let storage = Storage(count: shape.count)
        storage.fill(with: value)
        self.init(shape: shape, storage: storage)
    }

    /// Zeros.
    public static func zeros(_ shape: Shape) -> Tensor { Tensor(repeating: 0, shape: shape) }

    /// Ones.
    public static func ones(_ shape: Shape) -> Tensor { Tensor(repeating: 1, shape: shape) }

    /// A tensor filled by `body`, which is given its memory, row-major and not initialized.
    public init(shape: Shape, filledBy body: (UnsafeMutableBufferPointer<Float>) throws -> Void) rethrows {
        let storage = Storage(count: shape.count)
        try body(UnsafeMutableBufferPointer(start: storage.pointer, count: shape.count))
        self.init(shape: shape, storage: storage)
    }
}

// MARK: - Reading tensors

extension Tensor {
    /// The values, row-major.
    public func values() -> [Float] { withValues { Array($0) } }

    /// The value of a tensor that has exactly one. Traps for any other.
    public var item: Float {
        requireOperands(
            shape.count == 1,
            "a tensor of shape \(shape) is not a single value",
            cure: "use values(), or take its sum or mean first"
        )
        return withValues { $0[0] }
    }

    /// Calls `body` with the values, row-major; the buffer is valid during the call only.
    public func withValues<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
        let storage = denseStorage
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeBufferPointer(start: storage.pointer, count: shape.count))
    }

    /// The same values without their history: no gradient flows through.
    public var detached: Tensor {
        var copy = self
        copy.node = nil
        return copy
    }

    /// Whether gradients flow through this tensor.
    public var isRecorded: Bool { node != nil }

    /// Whether a value is NaN or infinite.
    public var hasNonFiniteValues: Bool {
        withValues { Kernels.current.has_non_finite($0.baseAddress, $0.count) != 0 }
    }
}

extension Tensor: CustomStringConvertible {
    public var description: String {
        let some = values()
        let text = some.prefix(8).map { "\($0)" }.joined(separator: ", ")
        return "Tensor\(shape)(\(text)\(some.count > 8 ? ", …" : ""))"
    }
}

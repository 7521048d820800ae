/// The lengths of a tensor's axes, outermost first. Images are `[batch, channels, height, width]`.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
    /// Lengths of the axes.
    public let axes: [Int]

    public init(_ axes: [Int]) {
        requireOperands(
            axes.allSatisfy { $0 >= 0 },
            "an axis of \(axes) has a negative length",
            cure: "check the sizes that it was computed from",
            operation: "Shape"
        )
        self.axes = axes
    }

    public init(arrayLiteral axes: Int...) { self.init(axes) }

    /// The number of axes: 0 for a scalar.
    public var rank: Int { axes.count }

    /// The number of values.
    public var count: Int { axes.reduce(1, *) }

    /// The length of an axis; a negative index counts from the last.
    public subscript(axis: Int) -> Int { axes[resolved(axis)] }

    /// Distances between neighbors along each axis, row-major.
    package var strides: [Int] {
        var strides = Array(repeating: 1, count: rank)
        for axis in stride(from: rank - 2, through: 0, by: -1) { strides[axis] = strides[axis + 1] * axes[axis + 1] }
        return strides
    }

    /// The axis as an index from the front. Traps if there is no such axis.
    package func resolved(_ axis: Int) -> Int {
        let resolved = axis < 0 ? axis + rank : axis
        requireOperands(
            resolved >= 0 && resolved < rank,
            "there is no axis \(axis) in shape \(self)",
            cure: rank == 0 ? "a scalar has none" : "use one from 0 to \(rank - 1), or from -\(rank) to -1",
            operation: "Shape"
        )
        return resolved
    }

    /// The common shape of two operands: axes align from the last, and a length of 1 stretches.
    ///
    /// Returns `nil` if the shapes do not fit each other.
    public static func broadcast(_ left: Shape, _ right: Shape) -> Shape? {
        let rank = max(left.rank, right.rank)
        var axes = Array(repeating: 1, count: rank)
        for offset in 1...max(rank, 1) where offset <= rank {
            let a = offset <= left.rank ? left[-offset] : 1
            let b = offset <= right.rank ? right[-offset] : 1
            guard a == b || a == 1 || b == 1 else { return nil }
            axes[rank - offset] = a == 1 ? b : a
        }
        return Shape(axes)
    }

    public var description: String { "[" + axes.map(String.init).joined(separator: ", ") + "]" }
}

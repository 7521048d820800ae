public import SegCore

/// A mask kept small: the runs of its lesion's pixels.
///
/// A data set's masks in native size would fill hundreds of megabytes as pixels and a few as runs, and metrics are
/// computed in native pixels.
public struct RunLengthMask: Hashable, Sendable {
    /// Columns, px.
    public let width: Int
    /// Rows, px.
    public let height: Int
    private let starts: [Int32]
    private let ends: [Int32]

    public init(_ mask: Mask) {
        width = mask.width
        height = mask.height
        var starts: [Int32] = []
        var ends: [Int32] = []
        var previous: UInt8 = 0
        for (index, value) in mask.pixels.enumerated() where value != previous {
            if value != 0 { starts.append(Int32(index)) } else { ends.append(Int32(index)) }
            previous = value
        }
        if previous != 0 { ends.append(Int32(mask.pixels.count)) }
        self.starts = starts
        self.ends = ends
    }

    init(width: Int, height: Int, runs: [Range<Int>]) {
        self.width = width
        self.height = height
        starts = runs.map { Int32($0.lowerBound) }
        ends = runs.map { Int32($0.upperBound) }
    }

    /// The runs of the lesion's pixels, in row-major order; a run may go on in the next row.
    var runs: [Range<Int>] { zip(starts, ends).map { Int($0)..<Int($1) } }

    /// 1 on the lesion, else 0. Shape: `height * width`, row-major.
    public var values: [Float] {
        [Float](unsafeUninitializedCapacity: width * height) { buffer, initializedCount in
            buffer.initialize(repeating: 0)
            for (start, end) in zip(starts, ends) {
                UnsafeMutableBufferPointer(rebasing: buffer[Int(start)..<Int(end)]).update(repeating: 1)
            }
            initializedCount = width * height
        }
    }

    /// The mask as pixels.
    public var mask: Mask {
        var pixels = [UInt8](repeating: 0, count: width * height)
        for (start, end) in zip(starts, ends) {
            for index in Int(start)..<Int(end) { pixels[index] = 1 }
        }
        return Mask(width: width, height: height, pixels: pixels)
    }

    /// Lesion area in px.
    public var area: Int { zip(starts, ends).reduce(0) { $0 + Int($1.1 - $1.0) } }

    /// Bytes of the runs.
    var byteCount: Int { 2 * MemoryLayout<Int32>.stride * starts.count }

    /// Whether no pixel belongs to a lesion.
    public var isEmpty: Bool { starts.isEmpty }
}

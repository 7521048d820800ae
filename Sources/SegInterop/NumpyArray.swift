public import Foundation
import SegCore
import SegFiles

/// An array of 32-bit floats as NumPy's `.npy` file: `numpy.load` reads it.
///
/// - Shape: extents outermost first, values in row-major (C) order; no extents are a scalar.
///
/// - Source: NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays", format version 1.0.
public struct NumpyArray: Hashable, Sendable {
    /// Extents, outermost first.
    public let shape: [Int]
    /// The values, row-major.
    public let values: [Float]

    /// - Throws: ``SegmentationError`` if the values do not fill the shape, or it has more than 64 extents, NumPy's
    ///   limit.
    public init(shape: [Int], values: [Float]) throws {
        let isFilled = shape.allSatisfy { $0 >= 0 } && Safetensors.elementCount(shape) == values.count
        guard isFilled, shape.count <= Self.mostAxes else {
            throw SegmentationError(
                "npy",
                "\(values.count) values do not fill the shape \(shape)",
                cure: "give as many values as the product of at most \(Self.mostAxes) extents"
            )
        }
        self.shape = shape
        self.values = values
    }

    private static let mostAxes = 64

    /// The file's bytes, those that `numpy.save` writes for the same array.
    public var data: Data {
        var bytes = Data([0x93])
        bytes.append(contentsOf: "NUMPY".utf8)
        bytes.append(contentsOf: [1, 0])
        let header = header(after: bytes.count + 2)
        bytes.append(contentsOf: [
            UInt8(truncatingIfNeeded: header.count), UInt8(truncatingIfNeeded: header.count >> 8),
        ])
        bytes.append(contentsOf: header)
        values.map(\.bitPattern.littleEndian).withUnsafeBytes { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// Writes the file, whole or not at all.
    ///
    /// - Throws: ``SegmentationError`` naming the file if it cannot be written.
    public func write(to file: URL) throws { try AtomicFile.write(data, to: file) }

    /// The array's description, padded so that the values begin at a multiple of 64 bytes.
    private func header(after start: Int) -> [UInt8] {
        let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
        var text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(extents)), }"
        // NumPy leaves room for the first extent to grow in place to 21 digits.
        if let first = shape.first { text += String(repeating: " ", count: max(0, 21 - String(first).count)) }
        let end = start + text.utf8.count + 1
        return Array((text + String(repeating: " ", count: (64 - end % 64) % 64) + "\n").utf8)
    }
}

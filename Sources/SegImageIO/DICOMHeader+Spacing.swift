import Foundation
import SegCore

extension DICOMHeader {
    /// The size of a pixel, mm; `nil` where the file does not say it, or says several.
    ///
    /// Of ultrasound regions those count that show tissue in two dimensions with both axes in cm; they must agree, as two images
    /// side by side do unless their depths differ.
    ///
    /// - Throws: ``SegmentationError`` where an element is damaged.
    ///
    /// - Source: PS3.3, C.8.5.5 (US Region Calibration): spatial format 1 is 2D, unit 3 is cm.
    func pixelSpacing() throws -> PixelSpacing? {
        if let sequence = data.elements[.ultrasoundRegions] {
            let all = try data.items(of: sequence).compactMap(spacing(ofRegion:))
            if let first = all.first {
                let isOne = all.allSatisfy { Self.isNear($0.x, first.x) && Self.isNear($0.y, first.y) }
                return isOne ? first : nil
            }
        }
        for tag in [DICOMTag.pixelSpacing, .imagerPixelSpacing] {
            // The distance of rows, then that of columns.
            guard let numbers = try data.numbers(tag) else { continue }
            guard numbers.count == 2 else { throw data.damaged("\(tag.description) has \(numbers.count) numbers of 2") }
            if let spacing = Self.spacing(x: numbers[1], y: numbers[0]) { return spacing }
        }
        return nil
    }

    private func spacing(ofRegion item: [DICOMTag: DICOMElement]) throws -> PixelSpacing? {
        guard try data.short(.regionFormat, in: item) == 1, try data.short(.regionUnitsX, in: item) == 3,
            try data.short(.regionUnitsY, in: item) == 3
        else { return nil }
        func step(_ tag: DICOMTag) throws -> Double {
            guard let (value, element) = data.value(tag, in: item) else { return 0 }
            guard value.count == 8 else {
                throw data.damaged("\(tag.description) has \(value.count) bytes, where it has 8")
            }
            let bits = data.number(value.startIndex, 8, element.encoding.isBigEndian)
            // Negative where the axis runs the other way.
            return abs(Double(bitPattern: UInt64(bitPattern: Int64(bits))))
        }
        return Self.spacing(x: 10 * (try step(.regionDeltaX)), y: 10 * (try step(.regionDeltaY)))
    }

    /// Zero, and anything that is not a number, counts as unknown.
    private static func spacing(x: Double, y: Double) -> PixelSpacing? {
        guard x > 0, y > 0, x.isFinite, y.isFinite else { return nil }
        return PixelSpacing(x: x, y: y)
    }

    private static func isNear(_ first: Double, _ second: Double) -> Bool {
        abs(first - second) <= 1e-3 * max(first, second)
    }
}

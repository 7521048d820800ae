import Foundation
public import SegCore

extension BUSBRA {
    /// A size or a bounding box that differs from the table's.
    public func doubts(about record: SampleRecord, decoder: any ImageDecoder) throws -> [String] {
        var doubts: [String] = []
        let sample = try sample(for: record, decoder: decoder)
        for (column, size) in [(Column.width, sample.image.width), (Column.height, sample.image.height)] {
            let published = record.metadata[column.rawValue] ?? "nothing"
            if published != String(size) {
                doubts.append("the table says \(column.rawValue) \(published), but it is \(size) px")
            }
        }
        if let box = Self.box(of: sample.lesion), let published = record.metadata[Column.box.rawValue] {
            let text = "[\(box.map(String.init).joined(separator: ","))]"
            if published.filter({ !$0.isWhitespace }) != text {
                doubts.append("the table says the lesion's box is \(published), but its mask's is \(text)")
            }
        }
        return doubts
    }

    /// The box of a lesion as the table writes it: the first column and row, from 1, then the last ones minus the
    /// first; `nil` for an empty mask.
    static func box(of mask: Mask) -> [Int]? {
        let pixels = mask.pixels.indices.filter { mask.pixels[$0] == 1 }
        let columns = pixels.map { $0 % mask.width }
        guard let left = columns.min(), let right = columns.max(), let first = pixels.first, let last = pixels.last
        else { return nil }
        let (top, bottom) = (first / mask.width, last / mask.width)
        return [left + 1, top + 1, right - left, bottom - top]
    }
}

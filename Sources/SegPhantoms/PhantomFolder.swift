public import Foundation
public import SegCore
import SegFiles
import SegImageIO

/// A folder that ``PhantomDataset`` wrote: `images/{id}.png`, `masks/{id}.png`, `samples.csv`, and `labels/other/{id}.png`
/// where phantoms have a second structure.
public struct PhantomFolder: LabelStating, Hashable {
    public let name: String
    /// The folder.
    public let folder: URL

    /// The data set in `folder`, named after it by default.
    public init(folder: URL, name: String? = nil) {
        self.folder = folder
        self.name = name ?? folder.lastPathComponent
    }

    static let tableName = "samples.csv"
    static let labelsName = "labels"
    static let columns = ["id", "group", "pathology", "shape", "margin", "pixel_mm"]

    /// The folder of a further label's masks.
    static func masks(of label: String) -> String { "\(labelsName)/\(label)" }

    /// The lesion, and `other` if there is a folder of its masks.
    public var labels: LabelSet {
        get throws {
            let masks = folder.appending(path: Self.masks(of: PhantomDataset.otherName))
            let isThere = FileManager.default.fileExists(atPath: masks.path)
            return isThere ? try PhantomDataset.labelsWithOther : .lesionOnly
        }
    }

    /// - Throws: ``SegmentationError`` naming `samples.csv` and the line that is wrong, or the image or mask that is
    ///   missing.
    public func records() throws -> [SampleRecord] {
        let file = folder.appending(path: Self.tableName)
        let text = String(decoding: try FileReading.contents(of: file), as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline)
        guard lines.first.map(Self.fields) == Self.columns else {
            throw SegmentationError(
                file.path,
                "the first line is not \(Self.columns.joined(separator: ","))",
                cure: "write the data set again with `segkit synthesize`"
            )
        }
        let further = try labels.further
        return try lines.enumerated().dropFirst().map { number, line in
            try record(Self.fields(line), further, at: "\(file.path):\(number + 1)")
        }
    }

    private func record(_ fields: [String], _ further: [String], at place: String) throws -> SampleRecord {
        guard fields.count == Self.columns.count, !fields[0].isEmpty, !fields[0].contains("/"),
            let pathology = Pathology(rawValue: fields[2]), let pixel = Double(fields[5]), pixel > 0
        else {
            throw SegmentationError(
                place,
                "the line is not \(Self.columns.joined(separator: ",")) with a known pathology and a pixel size",
                cure: "write the data set again with `segkit synthesize`"
            )
        }
        let image = folder.appending(path: "images/\(fields[0]).png")
        let mask = folder.appending(path: "masks/\(fields[0]).png")
        let masks = pathology.hasLesion ? [mask] : []
        if masks.isEmpty && FileManager.default.fileExists(atPath: mask.path) {
            throw SegmentationError(
                mask.path,
                "the mask exists although \(place) lists the image as normal",
                cure: "write the data set again with `segkit synthesize`"
            )
        }
        let labelFiles = Dictionary(
            uniqueKeysWithValues: further.map { label in
                (label, [folder.appending(path: "\(Self.masks(of: label))/\(fields[0]).png")])
            }
        )
        for file in [image] + masks + further.flatMap({ labelFiles[$0] ?? [] })
        where !FileManager.default.fileExists(atPath: file.path) {
            throw SegmentationError(
                file.path,
                "the file is missing although \(place) lists it",
                cure: "write the data set again with `segkit synthesize`"
            )
        }
        var metadata: [String: String] = [:]
        if !fields[3].isEmpty { metadata["Shape"] = fields[3] }
        if !fields[4].isEmpty { metadata["Margin"] = fields[4] }
        var record = SampleRecord(
            id: fields[0],
            group: fields[1],
            imageFile: image,
            maskFiles: masks,
            pathology: pathology,
            pixelSpacing: PixelSpacing(x: pixel, y: pixel),
            metadata: metadata
        )
        record.labelFiles = labelFiles
        return record
    }

    private static func fields(_ line: Substring) -> [String] {
        line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
}

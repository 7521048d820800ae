public import Foundation
public import SegCore
import SegFiles
import SegImageIO

/// A folder that ``PhantomDataset`` wrote: `images/{id}.png`, `masks/{id}.png` and `samples.csv`.
public struct PhantomFolder: DatasetAdapter, Hashable {
    public let name: String
    /// The folder.
    public let folder: URL

    /// The data set in `folder`, named after it unless told.
    public init(folder: URL, name: String? = nil) {
        self.folder = folder
        self.name = name ?? folder.lastPathComponent
    }

    static let tableName = "samples.csv"
    static let columns = ["id", "group", "pathology", "shape", "margin", "pixel_mm"]

    /// Throws: ``SegmentationError`` naming `samples.csv` and the line that is wrong, or the image or mask that is
    /// missing.
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
        return try lines.enumerated().dropFirst().map { number, line in
            try record(Self.fields(line), at: "\(file.path):\(number + 1)")
        }
    }

    private func record(_ fields: [String], at place: String) throws -> SampleRecord {
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
        for file in [image] + masks where !FileManager.default.fileExists(atPath: file.path) {
            throw SegmentationError(
                file.path,
                "the file is missing although \(place) lists it",
                cure: "write the data set again with `segkit synthesize`"
            )
        }
        var metadata: [String: String] = [:]
        if !fields[3].isEmpty { metadata["Shape"] = fields[3] }
        if !fields[4].isEmpty { metadata["Margin"] = fields[4] }
        return SampleRecord(
            id: fields[0],
            group: fields[1],
            imageFile: image,
            maskFiles: masks,
            pathology: pathology,
            pixelSpacing: PixelSpacing(x: pixel, y: pixel),
            metadata: metadata
        )
    }

    private static func fields(_ line: Substring) -> [String] {
        line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
}

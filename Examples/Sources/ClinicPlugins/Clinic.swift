import Foundation
import SegCore

/// `images/PATIENT_NUMBER_PATHOLOGY.png`, with a mask of the same name in `masks` where there is a lesion.
public struct Clinic: DatasetAdapter {
    public let name = "Clinic"
    private let folder: URL
    public init(folder: URL) { self.folder = folder }

    public func records() throws -> [SampleRecord] {
        let images = folder.appendingPathComponent("images")
        guard let files = try? FileManager.default.contentsOfDirectory(atPath: images.path) else {
            throw SegmentationError(images.path, "the folder cannot be read", cure: "name the folder that holds it")
        }
        return try files.filter { !$0.hasPrefix(".") }.sorted().map { file in
            let parts = file.split(whereSeparator: { $0 == "_" || $0 == "." }).map(String.init)
            guard parts.count == 4, parts[3] == "png", let pathology = Pathology(rawValue: parts[2]) else {
                throw SegmentationError(file, "is not named like p1_1_benign.png", cure: "rename it, or move it away")
            }
            let mask = folder.appendingPathComponent("masks/\(file)")
            return SampleRecord(
                id: "\(parts[0])_\(parts[1])",
                group: parts[0],
                imageFile: images.appendingPathComponent(file),
                maskFiles: pathology.hasLesion ? [mask] : [],
                pathology: pathology
            )
        }
    }
}

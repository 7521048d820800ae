public import Foundation
import SegCore
import SegFiles

extension ImagePredictor {
    /// The images and folders that a text file names, one a line, for more than a command line holds.
    ///
    /// Paths that do not begin with `/` are from the file's own folder. Empty lines, and those that begin with `#`, are skipped.
    ///
    /// - Throws: ``SegmentationError`` naming the file if it cannot be read or names nothing.
    public static func places(listedIn file: URL) throws -> [URL] {
        let folder = file.standardizedFileURL.deletingLastPathComponent()
        let lines = try TextFile.text(of: file).split(whereSeparator: \.isNewline)
            .map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty && !$0.hasPrefix("#") }
        guard !lines.isEmpty else {
            throw SegmentationError(
                file.path,
                "the list does not contain a path",
                cure: "write a path of an image or of a folder in each line"
            )
        }
        return lines.map { line in
            // As it is named elsewhere, so that an image that is named twice is noticed.
            URL(fileURLWithPath: line.hasPrefix("/") ? line : "\(folder.path)/\(line)").standardizedFileURL
        }
    }
}

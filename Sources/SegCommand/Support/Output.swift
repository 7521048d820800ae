import Foundation
import SegCore
import SegProgress

/// Writes a line to standard error: progress and errors, while standard output has the results.
func printToStandardError(_ text: String) {
    Console.writeToStandardError(text + "\n")
}

extension FileManager {
    /// Makes the folder that a file or folder is to stand in.
    ///
    /// - Throws: ``SegmentationError`` naming the folder if it cannot be made.
    func createParent(of folder: URL) throws {
        let parent = folder.deletingLastPathComponent()
        do {
            try createDirectory(at: parent, withIntermediateDirectories: true)
        } catch {
            throw SegmentationError(parent.path, "the folder cannot be made", cure: "choose another folder")
        }
    }
}

public import Foundation
import SegCore

/// Whole files with errors that a user can act on.
public enum FileReading {
    /// The bytes of a file. Throws: ``SegmentationError`` naming the file, if it is missing, a folder or unreadable.
    public static func contents(of file: URL) throws -> Data {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder) else {
            throw SegmentationError(file.path, "the file does not exist", cure: "check the path, or restore the file")
        }
        if isFolder.boolValue {
            throw SegmentationError(file.path, "this is a folder, not a file", cure: "give the path of a file in it")
        }
        do {
            return try Data(contentsOf: file)
        } catch {
            throw SegmentationError(
                file.path,
                "the file cannot be read",
                cure: "check its permissions and the disk it lies on"
            )
        }
    }
}

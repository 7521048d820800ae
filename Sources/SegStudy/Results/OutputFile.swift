public import Foundation
import SegCore

/// Writes files of a study whole or not at all.
public enum OutputFile {
    /// Writes data beside its destination and then renames it, so that a reader never sees half a file.
    ///
    /// Throws: ``SegmentationError`` naming the file.
    public static func write(_ data: Data, to file: URL) throws {
        do {
            try data.write(to: file, options: .atomic)
        } catch {
            let reason = (error as? CocoaError).map(reason) ?? "cannot be written"
            throw SegmentationError(
                file.path,
                reason,
                cure: "name an output folder that exists, is writable and has room"
            )
        }
    }

    /// Writes text as UTF-8; see ``write(_:to:)-(Data,_)``.
    public static func write(_ text: String, to file: URL) throws {
        try write(Data(text.utf8), to: file)
    }

    private static func reason(_ error: CocoaError) -> String {
        switch error.code {
        case .fileWriteOutOfSpace: "cannot be written, the disk is full"
        case .fileWriteNoPermission, .fileWriteVolumeReadOnly: "cannot be written, permission is denied"
        case .fileNoSuchFile, .fileReadNoSuchFile: "cannot be written, its folder does not exist"
        default: "cannot be written"
        }
    }
}

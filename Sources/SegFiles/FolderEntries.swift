import Foundation
import SegCore

/// The visible entries of a folder on the disk, by the bytes of their names.
///
/// Nothing is left out in silence: a link that leads nowhere, a name that is not text, and two names that read alike are
/// errors, as a data set would lose a file by each of them.
enum FolderEntries {
    /// Names, and whether they are folders. Hidden ones are left out, but for pictures.
    static func read(_ folder: URL) throws -> [(name: String, isFolder: Bool)] {
        let path = folder.path
        guard let stream = opendir(path) else {
            throw SegmentationError(
                path,
                "the folder cannot be listed: \(String(cString: strerror(errno)))",
                cure: "check its permissions"
            )
        }
        defer { closedir(stream) }
        var entries: [(name: String, isFolder: Bool)] = []
        var seen: [String: String] = [:]
        while let entry = readdir(stream) {
            let bytes = Self.name(of: entry)
            let isPointed = bytes.first == UInt8(ascii: ".")
            if isPointed, PictureNames.isHidden(String(decoding: bytes, as: UTF8.self)) { continue }
            guard let name = String(validating: bytes, as: UTF8.self) else { throw unreadable(bytes, in: folder) }
            let isFolder = try isFolder(path + "/" + name, type: entry.pointee.d_type)
            if isPointed, isFolder { continue }
            // Equal by what they show: the same letters, composed in one name and not in the other.
            if let other = seen.updateValue(name, forKey: name) { throw alike(name, other, in: path) }
            entries.append((name, isFolder))
        }
        return entries
    }

    private static func name(of entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
        withUnsafePointer(to: &entry.pointee.d_name) { name in
            name.withMemoryRebound(to: UInt8.self, capacity: MemoryLayout.size(ofValue: name.pointee)) { start in
                Array(
                    UnsafeBufferPointer(
                        start: start,
                        count: strlen(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self))
                    )
                )
            }
        }
    }

    /// Follows links. What the folder itself says of an entry's type spares a look at each file, where it says anything.
    private static func isFolder(_ path: String, type: UInt8) throws -> Bool {
        if type == UInt8(DT_REG) { return false }
        if type == UInt8(DT_DIR) { return true }
        var status = stat()
        if stat(path, &status) == 0 { return status.st_mode & S_IFMT == S_IFDIR }
        let code = errno
        if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path),
            code == ENOENT || code == ELOOP
        {
            let isAnnex = target.contains(".git/annex") || target.contains(".dvc") || target.contains("/cache/")
            throw SegmentationError(
                path,
                "this is a broken link: to \(target)",
                cure: isAnnex
                    ? "fetch its target (`git annex get`, `datalad get` or `dvc pull`), or remove the link"
                    : "restore \(target), or remove the link"
            )
        }
        throw SegmentationError(
            path,
            "it cannot be looked at: \(String(cString: strerror(code)))",
            cure: "check the permissions of the folder and the disk it lies on"
        )
    }

    private static func unreadable(_ bytes: [UInt8], in folder: URL) -> SegmentationError {
        let shown = bytes.map { (32..<127).contains($0) ? String(UnicodeScalar($0)) : "\\x" + String($0, radix: 16) }
        return SegmentationError(
            folder.path,
            "the name of the file \(shown.joined()) is not in UTF-8",
            cure: "rename it, or all of them: `convmv -f latin1 -t utf8 --notest -r \(folder.path)`"
        )
    }

    static func alike(_ name: String, _ other: String, in folder: String) -> SegmentationError {
        func spelled(_ name: String) -> String {
            name.unicodeScalars.map { $0.isASCII ? String($0) : "\\u{\(String($0.value, radix: 16))}" }.joined()
        }
        let isSame = name.utf8.elementsEqual(other.utf8)
        return SegmentationError(
            folder,
            isSame
                ? "it holds \(name) twice"
                : "it holds two files of the name \(name), composed in different ways: \(spelled(other)) and \(spelled(name))",
            cure: isSame
                ? "unpack it, keep the file that is meant, and give the folder" : "rename or remove one of them"
        )
    }
}

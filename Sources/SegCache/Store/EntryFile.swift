import Foundation
import SegFiles

/// The file of an entry, whole.
enum EntryFile {
    enum Content {
        case missing
        case unreadable(String)
        case bytes([UInt8])
    }

    /// More bytes than any record of the largest size has.
    private static let maximumBytes = TensorRecordFormat.maximumBytes + TensorRecordFormat.maximumBytes / 8

    /// Read and not mapped: a mapped file that is cut short ends the process.
    static func read(_ path: String) -> Content {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            return errno == ENOENT || errno == ENOTDIR ? .missing : .unreadable(String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        guard let file = FileStatus(descriptor), file.isFile else { return .unreadable("this is not a file") }
        guard file.bytes <= maximumBytes else { return .unreadable("the file has \(file.bytes) bytes") }
        var failure: Int32?
        let bytes = [UInt8](unsafeUninitializedCapacity: file.bytes) { buffer, count in
            while count < file.bytes, let start = buffer.baseAddress {
                let result = Foundation.read(descriptor, start + count, file.bytes - count)
                if result < 0 && errno == EINTR { continue }
                if result < 0 { failure = errno }
                guard result > 0 else { break }
                count += result
            }
        }
        if let failure { return .unreadable(String(cString: strerror(failure))) }
        return .bytes(bytes)
    }

    /// Bytes of the tensors of an entry as its header claims, unchecked.
    static func claimedBytes(_ path: String) -> Int? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return withUnsafeTemporaryAllocation(byteCount: TensorRecordFormat.fixedHeaderBytes, alignment: 8) { buffer in
            let count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
            return TensorRecordFormat.claimedBytes(UnsafeRawBufferPointer(rebasing: buffer[..<max(0, count)]))
        }
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        let file = URL(fileURLWithPath: path, isDirectory: false)
        let subfolder = file.deletingLastPathComponent().path
        guard mkdir(subfolder, 0o777) == 0 || errno == EEXIST else {
            throw AtomicFile.failure(errno, writing: subfolder)
        }
        try AtomicFile.write(Data(bytes), to: file)
    }
}

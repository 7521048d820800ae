import Foundation
import SegCore

/// Bytes that can be read anywhere, from any thread.
enum ByteSource: Sendable {
    case memory([UInt8])
    case file(OpenFile)

    var count: Int {
        switch self {
        case .memory(let bytes): bytes.count
        case .file(let file): file.count
        }
    }

    /// `nil` where the range is not within the bytes, or cannot be read.
    func read(at offset: Int, count: Int) -> [UInt8]? {
        guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else { return nil }
        return switch self {
        case .memory(let bytes): Array(bytes[offset..<(offset + count)])
        case .file(let file): file.read(at: offset, count: count)
        }
    }
}

/// A file open for reading; closed with the last reference.
///
/// It is read and not mapped: a mapped file that another program cuts short ends the process.
final class OpenFile: Sendable {
    private let descriptor: Int32
    let count: Int

    /// - Throws: ``SegmentationError`` naming the file if it cannot be opened.
    init(_ file: URL) throws {
        descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            if descriptor >= 0 { close(descriptor) }
            throw SegmentationError(
                file.path,
                "the file cannot be read",
                cure: "check its permissions and the disk it lies on"
            )
        }
        count = Int(status.st_size)
    }

    deinit { close(descriptor) }

    func read(at offset: Int, count: Int) -> [UInt8]? {
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
            while done < count, let base = buffer.baseAddress {
                let result = pread(descriptor, base + done, count - done, off_t(offset + done))
                if result < 0 && errno == EINTR { continue }
                guard result > 0 else { break }
                done += result
            }
        }
        return bytes.count == count ? bytes : nil
    }
}

extension [UInt8] {
    func littleEndian16(at offset: Int) -> Int? {
        guard offset >= 0, offset + 2 <= count else { return nil }
        return Int(self[offset]) | Int(self[offset + 1]) << 8
    }

    func littleEndian32(at offset: Int) -> UInt32? {
        guard let low = littleEndian16(at: offset), let high = littleEndian16(at: offset + 2) else { return nil }
        return UInt32(low) | UInt32(high) << 16
    }

    /// `nil` as well for values that no file's size reaches.
    func littleEndian64(at offset: Int) -> Int? {
        guard let low = littleEndian32(at: offset), let high = littleEndian32(at: offset + 4), high < 1 << 30 else {
            return nil
        }
        return Int(low) | Int(high) << 32
    }
}

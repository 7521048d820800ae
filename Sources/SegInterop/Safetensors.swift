public import Foundation
import SegCore
import SegFiles

/// Reading and writing of safetensors: named tensors behind a JSON header, data only, read by every framework.
///
/// - Source: the format's specification, https://github.com/huggingface/safetensors
public enum Safetensors {
    /// The header's largest size in bytes, as in the reference implementation.
    static let headerLimit = 100_000_000
    static let metadataKey = "__metadata__"

    /// Writes float tensors in the given order, and free text beside them.
    ///
    /// The same input gives the same bytes. The file appears whole or not at all.
    ///
    /// - Throws: `SegmentationError` naming the file for a name used twice or reserved, values that do not fill their
    ///   shape, a missing or unwritable folder and a full disk; a file that was there before then stays as it was.
    public static func write(
        _ tensors: [(name: String, shape: [Int], values: [Float])],
        metadata: [String: String] = [:],
        to url: URL
    ) throws {
        try validate(tensors, url)
        let header = header(tensors, metadata)
        guard header.count <= headerLimit else {
            throw SegmentationError(
                url.path,
                "the header would take \(header.count) bytes of at most \(headerLimit)",
                cure: "store less metadata or fewer tensors"
            )
        }
        try AtomicFile.write(to: url, durably: true) { sink in
            try sink.write((0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) })
            try sink.write(header)
            for tensor in tensors {
                #if _endian(little)
                try tensor.values.withUnsafeBytes { try sink.write($0) }
                #else
                try tensor.values.map(\.bitPattern.littleEndian).withUnsafeBytes { try sink.write($0) }
                #endif
            }
        }
    }

    private static func validate(_ tensors: [(name: String, shape: [Int], values: [Float])], _ url: URL) throws {
        var names: Set<String> = []
        for tensor in tensors {
            guard names.insert(tensor.name).inserted, tensor.name != metadataKey else {
                throw SegmentationError(
                    url.path,
                    "the tensor name \"\(tensor.name)\" is \(tensor.name == metadataKey ? "reserved" : "used twice")",
                    cure: "rename the tensor"
                )
            }
            let isFilled = tensor.shape.allSatisfy { $0 >= 0 } && elementCount(tensor.shape) == tensor.values.count
            guard isFilled else {
                throw SegmentationError(
                    url.path,
                    "tensor \"\(tensor.name)\" of shape \(tensor.shape) has \(tensor.values.count) values",
                    cure: "give as many values as the product of the shape"
                )
            }
        }
    }

    /// The product of the extents, or nil if it overflows.
    static func elementCount(_ shape: [Int]) -> Int? {
        var count = 1
        for extent in shape {
            let (product, overflows) = count.multipliedReportingOverflow(by: extent)
            if overflows { return nil }
            count = product
        }
        return count
    }

    private static func header(
        _ tensors: [(name: String, shape: [Int], values: [Float])],
        _ metadata: [String: String]
    ) -> [UInt8] {
        var entries: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
            entries.append("\(quoted(metadataKey)):{\(pairs.joined(separator: ","))}")
        }
        var offset = 0
        for tensor in tensors {
            let end = offset + 4 * tensor.values.count
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            entries.append(
                "\(quoted(tensor.name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}"
            )
            offset = end
        }
        var bytes = Array("{\(entries.joined(separator: ","))}".utf8)
        // Spaces are the format's padding: the data then begin at a multiple of eight bytes.
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - bytes.count % 8) % 8))
        return bytes
    }

    /// A JSON string.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

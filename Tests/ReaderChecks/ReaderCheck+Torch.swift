import Foundation
import SegInterop
import TestSupport

/// Files that `torch.save` writes.
extension ReaderCheck {
    static func torch(_ folder: URL) throws -> ReaderCheck {
        let file = folder.appending(path: "a.pth")
        let magic: [UInt8] = [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]
        let system =
            [0x80, 2] + Array("}".utf8) + [0x8C, 13] + Array("little_endian".utf8) + [0x88] + Array("s.".utf8)
        let program = state()
        let numbers = (0..<6).flatMap { withUnsafeBytes(of: Float($0).bitPattern.littleEndian) { [UInt8]($0) } }
        let older =
            magic + [0x80, 2, 0x4D, 0xE9, 3, 0x2E] + system + program + [0x80, 2] + Array("]".utf8)
            + [0x8C, 1] + Array("0a.".utf8) + [6, 0, 0, 0, 0, 0, 0, 0] + numbers
        let entries: [(name: String, bytes: [UInt8])] = [
            ("a/data.pkl", program), ("a/byteorder", Array("little".utf8)), ("a/data/0", numbers),
        ]
        let archives = [false, true].map { [UInt8](TestSupport.zip(entries, isDeflated: $0)) }
        return ReaderCheck(seeds: archives + [older]) { bytes in
            try file.replace(by: bytes)
            let content = try WeightsFile.read(file).content
            for tensor in content.tensors {
                try Insane.unless(
                    tensor.shape.allSatisfy { $0 >= 0 } && tensor.shape.reduce(1, *) == tensor.values.count
                        && tensor.values.count <= 1100 * bytes.count && tensor.floats.count == tensor.values.count,
                    "the tensor \(tensor.name) of shape \(tensor.shape) has \(tensor.values.count) values"
                )
            }
        }
    }

    /// `{"state_dict": OrderedDict(w=…, v=…), "epoch": 3}`, both tensors views of one storage.
    private static func state() -> [UInt8] {
        func text(_ text: String) -> [UInt8] { [0x8C, UInt8(text.utf8.count)] + Array(text.utf8) }
        func tensor(offset: UInt8, shape: [UInt8], strides: [UInt8]) -> [UInt8] {
            func tuple(_ values: [UInt8]) -> [UInt8] {
                Array("(".utf8) + values.flatMap { [0x4B, $0] } + Array("t".utf8)
            }
            var bytes = Array("ctorch._utils\n_rebuild_tensor_v2\n((".utf8) + text("storage")
            bytes += Array("ctorch\nFloatStorage\n".utf8) + text("0") + text("cpu") + [0x4B, 6] + Array("tQ".utf8)
            bytes += [0x4B, offset] + tuple(shape) + tuple(strides) + [0x89]
            return bytes + Array("ccollections\nOrderedDict\n)RtR".utf8)
        }
        var bytes: [UInt8] = [0x80, 2] + Array("}q\0(".utf8) + text("state_dict")
        bytes += Array("ccollections\nOrderedDict\n)R(".utf8)
        bytes += text("w") + tensor(offset: 0, shape: [2, 3], strides: [3, 1])
        bytes += text("v") + tensor(offset: 1, shape: [2], strides: [2]) + Array("u".utf8)
        return bytes + text("epoch") + [0x4B, 3] + Array("u.".utf8)
    }
}

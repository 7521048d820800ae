public import Foundation
import SegCore
import SegFiles

/// Reading of weights that others published: safetensors, or what `torch.save` wrote.
public enum WeightsFile {
    /// Reads the tensors of a file, whose kind its first bytes tell.
    ///
    /// - Parameter isWanted: asked about every name.
    /// - Returns: the wanted tensors, and SHA-256 of all bytes as `sha256sum` prints it.
    ///
    /// - Throws: ``SegmentationError`` naming the file if it is missing, damaged, or of another kind.
    public static func read(
        _ file: URL,
        where isWanted: (String) -> Bool = { _ in true }
    ) throws -> (content: SafetensorsFile, hash: String) {
        let bytes = [UInt8](try FileReading.contents(of: file))
        let isSafetensors = bytes.count > 8 && bytes[8] == UInt8(ascii: "{")
        guard isSafetensors || TorchFile.begins(bytes) else {
            throw SegmentationError(
                file.path,
                "these are neither safetensors nor what torch.save writes",
                cure: "download the weights again, as .safetensors, .pth or .pt; a web page may have been saved instead"
            )
        }
        if isSafetensors {
            let all = try bytes.withUnsafeBytes { try Safetensors.read($0, file: file) }
            let wanted = all.tensors.filter { isWanted($0.name) }
            return (SafetensorsFile(path: all.path, tensors: wanted, metadata: all.metadata), SHA256.hex(of: bytes))
        }
        return (try TorchFile.read(bytes, file: file, where: isWanted), SHA256.hex(of: bytes))
    }
}

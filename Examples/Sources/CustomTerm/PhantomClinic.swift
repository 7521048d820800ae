import Foundation
import SegCore
import SegImageIO
import SegPhantoms

/// Writes synthetic images as the clinic would keep its own: `images` and `masks`, the facts in the files' names.
func writePhantomClinic(count: Int, to folder: URL) throws {
    for part in ["images", "masks"] {
        let path = folder.appendingPathComponent(part)
        try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
    }
    let phantom = PhantomGenerator(center: .northern, seed: 1)
    for index in 0..<count {
        let sample = try phantom.sample(at: index)
        let file = "p\(index / 2)_\(index % 2)_\(sample.record.pathology?.rawValue ?? "unknown").png"
        try PNG.write(PNGImage(sample.image), to: folder.appendingPathComponent("images/\(file)"))
        guard !sample.lesion.isEmpty else { continue }
        try PNG.write(PNGImage(sample.lesion), to: folder.appendingPathComponent("masks/\(file)"))
    }
}

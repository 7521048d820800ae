import Foundation
import SegCore

/// Tells pictures that stand where masks should: an image, or one with the lesion's outline drawn on it.
enum PictureMask {
    /// A mask with soft edges, or of a lossy file, has few pixels of a shade between dark and bright; a picture has many.
    private static let leastShare = 0.25
    /// Colors of labels are a few shades.
    private static let leastShades = 32

    /// The share of the pixels that are neither dark nor bright, where that is a picture's; `nil` for a mask.
    static func share(of file: URL, decoder: any ImageDecoder) -> Double? {
        guard let image = try? decoder.grayImage(at: file.path) else { return nil }
        let greatest = image.pixels.max() ?? 0
        guard greatest > 0 else { return nil }
        var counts = [Int](repeating: 0, count: 256)
        for pixel in image.pixels { counts[Int((max(0, pixel) / greatest * 255).rounded())] += 1 }
        let middle = counts[26...229]
        let share = Double(middle.reduce(0, +)) / Double(image.pixels.count)
        return share > leastShare && middle.count { $0 > 0 } >= leastShades ? share : nil
    }
}

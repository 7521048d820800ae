/// Means over parts of an image, as loops over pixels: see `ManyNumbers.swift` for why they are here.
///
/// An image and its mask, row by row; the mask has 1 for the lesion and 0 elsewhere.
package struct MaskedImage {
    private let image: [Float]
    private let mask: [UInt8]
    private let width: Int

    package init(image: [Float], mask: [UInt8], width: Int) {
        precondition(image.count == mask.count && image.count.isMultiple(of: width))
        (self.image, self.mask, self.width) = (image, mask, width)
    }

    /// The mean level inside the lesion less that of the strips to the left and right of its box, 5 to 30 px away; `nil`
    /// without a lesion.
    package var contrastBeside: Double? {
        let height = mask.count / width
        let columns = (0..<width).filter { x in (0..<height).contains { mask[$0 * width + x] != 0 } }
        let rows = (0..<height).filter { y in (0..<width).contains { mask[y * width + $0] != 0 } }
        guard let left = columns.first, let right = columns.last, let top = rows.first, let bottom = rows.last else {
            return nil
        }
        var (inside, area) = (0.0, 0)
        for index in mask.indices where mask[index] != 0 {
            inside += Double(image[index])
            area += 1
        }
        var (beside, count) = (0.0, 0)
        for y in top...bottom {
            for strip in [left - 30..<left - 5, right + 5..<right + 30] {
                for x in strip where (0..<width).contains(x) {
                    beside += Double(image[y * width + x])
                    count += 1
                }
            }
        }
        return inside / Double(area) - beside / Double(max(count, 1))
    }

    /// The mean intensity of the band of `band` px around a lesion, less that of the band inside its edge.
    package func rimContrast(band: Int) -> Float {
        let background = mask.map { 1 - $0 }
        return mean(of: grown(mask, by: band), without: mask)
            - mean(of: grown(background, by: band), without: background)
    }

    private func mean(of band: [UInt8], without core: [UInt8]) -> Float {
        var (sum, count) = (0 as Float, 0)
        for index in band.indices where band[index] == 1 && core[index] == 0 {
            sum += image[index]
            count += 1
        }
        return sum / Float(max(count, 1))
    }

    /// A mask with the pixels above, below, left and right of its own, `times` times.
    private func grown(_ mask: [UInt8], by times: Int) -> [UInt8] {
        var result = mask
        for _ in 0..<times {
            let former = result
            for index in former.indices where former[index] != 0 {
                let x = index % width
                if x > 0 { result[index - 1] = 1 }
                if x + 1 < width { result[index + 1] = 1 }
                if index >= width { result[index - width] = 1 }
                if index + width < result.count { result[index + width] = 1 }
            }
        }
        return result
    }
}

import SegCore
import SegPhantoms
import Testing

/// What a lesion's echo is against the tissue beside it.
@Suite struct PhantomContrastTests {
    @Test func lesionsAreDarkerThanTheirSurroundings() throws {
        var contrasts: [Double] = []
        for center in SyntheticCenter.all {
            let generator = PhantomGenerator(center: center, seed: 9)
            for patient in 0..<40 {
                let sample = try generator.sample(at: patient * center.patients.imagesPerPatient)
                if let contrast = contrast(sample) { contrasts.append(contrast) }
            }
        }
        let darker = contrasts.filter { $0 < 0 }.count
        #expect(Double(darker) / Double(contrasts.count) > 0.9)
        // Some lesions are nearly isoechoic, or finding them would be trivial.
        #expect(contrasts.contains { $0 > -0.05 })
    }

    /// The mean level inside less that of the strips to the left and right; `nil` without a lesion.
    private func contrast(_ sample: Sample) -> Double? {
        let (mask, image) = (sample.lesion, sample.image)
        let points = mask.pixels.indices.filter { mask.pixels[$0] != 0 }
        guard !points.isEmpty else { return nil }
        let (rows, columns) = (points.map { $0 / mask.width }, points.map { $0 % mask.width })
        guard let top = rows.min(), let bottom = rows.max(), let left = columns.min(), let right = columns.max() else {
            return nil
        }
        let beside = (top..<bottom + 1).flatMap { y in
            [(left - 30)..<(left - 5), (right + 5)..<(right + 30)].joined().filter { (0..<image.width).contains($0) }
                .map { x in Double(image[x, y]) }
        }
        let inside = points.map { Double(image.pixels[$0]) }
        return inside.reduce(0, +) / Double(inside.count) - beside.reduce(0, +) / Double(max(beside.count, 1))
    }
}

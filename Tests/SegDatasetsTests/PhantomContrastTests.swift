import SegCore
import SegPhantoms
import TestSupport
import Testing

/// What a lesion's echo is against the tissue beside it.
@Suite struct PhantomContrastTests {
    @Test func lesionsAreDarkerThanTheirSurroundings() throws {
        var contrasts: [Double] = []
        for center in SyntheticCenter.all {
            let generator = PhantomGenerator(center: center, seed: 9)
            for patient in 0..<40 {
                let sample = try generator.sample(at: patient * center.patients.imagesPerPatient)
                let (image, mask) = (sample.image, sample.lesion)
                let masked = MaskedImage(image: image.pixels, mask: mask.pixels, width: image.width)
                if let contrast = masked.contrastBeside { contrasts.append(contrast) }
            }
        }
        let darker = contrasts.filter { $0 < 0 }.count
        #expect(Double(darker) / Double(contrasts.count) > 0.9)
        // Some lesions are nearly isoechoic, or finding them would be trivial.
        #expect(contrasts.contains { $0 > -0.05 })
    }
}

import Foundation
public import SegCore

/// Makes the synthetic breast-ultrasound images of a center.
///
/// The same center, seed and index give the same image, independent of earlier ones.
public struct PhantomGenerator: Hashable, Sendable {
    /// The hospital.
    public let center: SyntheticCenter
    /// The seed of all patients.
    public let seed: UInt64
    /// Whether images may show a second structure, an echogenic nodule apart from the lesion, whose mask is the label
    /// `other`. Images without one are the same either way.
    public let hasOtherStructure: Bool

    public init(center: SyntheticCenter, seed: UInt64, hasOtherStructure: Bool = false) {
        self.center = center
        self.seed = seed
        self.hasOtherStructure = hasOtherStructure
    }

    /// What image `index` is, without making its pixels.
    public func record(at index: Int) -> SampleRecord {
        record(Case(self, index: index))
    }

    /// Image `index` with its lesion's mask. Intensities are multiples of 1/255, so that 8-bit files keep them exactly.
    ///
    /// - Throws: never in practice; a lesion without a pixel would be an error of ``SegCore/Sample``.
    public func sample(at index: Int) throws -> Sample {
        let scanned = Case(self, index: index)
        let scanner = center.scanner
        var stream = stream("image", index)
        var tissue = PhantomTissue(
            width: scanner.width,
            height: scanner.height,
            pixel: scanned.pixel,
            layers: scanned.layers,
            using: &stream
        )
        var mask = Mask(emptyWithWidth: scanner.width, height: scanner.height)
        let placed = scanned.placed(in: scanner)
        if let placed {
            mask = tissue.insert(placed.lesion, centerX: placed.x, centerY: placed.y, using: &stream)
        }
        let other = hasOtherStructure ? insertOther(into: &tissue, of: scanned, apartFrom: mask) : nil
        let image = scan(tissue, placed, using: &stream)
        return try Sample(
            record: record(scanned),
            image: image,
            lesion: mask,
            labels: other.map { [LabelMask(PhantomDataset.otherName, $0)] } ?? []
        )
    }

    func stream(_ purpose: StreamKey, _ number: Int) -> RandomStream {
        RandomStream(seed: seed, "phantom", StreamKey(center.name), purpose, StreamKey(number))
    }

    private func record(_ scanned: Case) -> SampleRecord {
        let id = "\(center.name)-\(Self.padded(scanned.index))"
        var metadata = ["Seed": "\(seed)", "Center": center.name]
        if let lesion = scanned.lesion {
            metadata["Shape"] = lesion.shape
            metadata["Margin"] = lesion.margin
            metadata["Orientation"] = lesion.orientation
            metadata["Posterior_features"] = lesion.posteriorFeatures
            metadata["Echogenicity"] = lesion.isCyst ? "anechoic" : "hypoechoic"
            metadata["Calcifications"] = lesion.calcifications.isEmpty ? "no" : "in a mass"
        }
        var address = URLComponents()
        address.scheme = "phantom"
        address.host = center.name
        address.path = "/\(scanned.index)"
        let image = address.url ?? URL(filePath: id)
        return SampleRecord(
            id: id,
            group: "\(center.name)-patient-\(Self.padded(scanned.patient))",
            imageFile: image,
            maskFiles: scanned.pathology.hasLesion ? [image.appending(path: "mask")] : [],
            pathology: scanned.pathology,
            pixelSpacing: PixelSpacing(x: Double(scanned.pixel), y: Double(scanned.pixel)),
            metadata: metadata
        )
    }

    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
}

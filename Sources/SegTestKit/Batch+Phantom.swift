import Foundation
public import SegCore
package import SegTensor

extension Batch {
    /// A batch of drawn images for tests: a dark ellipse on speckled gray for each lesion, its mask, and no lesion in
    /// normal images.
    ///
    /// Records state the pathology, and what goes with it: the category of BI-RADS, shape, margins, orientation, echogenicity
    /// and posterior features of a lesion, its histology, the patient's age, the scanner and the size of a pixel. Those of
    /// unknown pathology state the scanner and the size of a pixel alone.
    /// Malignant lesions stand upright and have a wavy margin; benign ones lie and are smooth. Every second image has
    /// padding at its left and right. The same arguments give the same bits.
    ///
    /// - Shape: `[pathologies.count, 1, size, size]`.
    public static func phantom(_ pathologies: [Pathology?], size: Int = 32, seed: UInt64 = 0) -> Batch {
        var images: [Float] = []
        var intensities: [Float] = []
        var masks: [Float] = []
        var coverage: [Float] = []
        for (index, pathology) in pathologies.enumerated() {
            var stream = RandomStream(seed: seed, "phantom", StreamKey(index))
            let lesion = PhantomLesion(pathology, size: size, using: &stream)
            let margin = index % 2 == 1 ? size / 8 : 0
            var image: [Float] = []
            for y in 0..<size {
                for x in 0..<size {
                    let isCovered = x >= margin && x < size - margin
                    let isLesion = isCovered && lesion.contains(Float(x), Float(y))
                    let speckle = 0.08 * stream.normal()
                    image.append(isCovered ? min(1, max(0, (isLesion ? 0.25 : 0.6) + speckle)) : 0)
                    masks.append(isLesion ? 1 : 0)
                    coverage.append(isCovered ? 1 : 0)
                }
            }
            intensities += image
            let inside = (0..<size * size).filter { coverage[index * size * size + $0] > 0 }
            let mean = inside.reduce(0) { $0 + image[$1] } / Float(inside.count)
            let variance = inside.reduce(0) { $0 + (image[$1] - mean) * (image[$1] - mean) } / Float(inside.count)
            let deviation = variance.squareRoot() + 1e-6
            for (offset, value) in image.enumerated() {
                images.append(coverage[index * size * size + offset] > 0 ? (value - mean) / deviation : 0)
            }
        }
        let shape: Shape = [pathologies.count, 1, size, size]
        return Batch(
            images: Tensor(images, shape: shape),
            masks: Tensor(masks, shape: shape),
            pathologies: pathologies,
            identifiers: pathologies.indices.map { "phantom \($0)" },
            intensities: Tensor(intensities, shape: shape),
            coverage: Tensor(coverage, shape: shape),
            records: pathologies.enumerated().map { phantomRecord($0, $1) }
        )
    }

    private static func phantomRecord(_ index: Int, _ pathology: Pathology?) -> SampleRecord {
        let id = "phantom \(index)"
        var record = SampleRecord(id: id, imageFile: URL(fileURLWithPath: id), pathology: pathology)
        record.pixelSpacing = PixelSpacing(x: 0.25, y: 0.25)
        record.clinical.device = "phantom"
        switch pathology {
        case .malignant:
            record.clinical.category = .highlySuggestiveOfMalignancy
            record.clinical.shape = .irregular
            record.clinical.margins = [.spiculated, .angular]
            record.clinical.orientation = .notParallel
            record.clinical.echogenicity = .hypoechoic
            record.clinical.posteriorFeatures = .shadowing
            record.clinical.histology = "invasive carcinoma"
            record.clinical.age = Double(62 + index)
        case .benign:
            record.clinical.category = .benign
            record.clinical.shape = .oval
            record.clinical.margins = [.circumscribed]
            record.clinical.orientation = .parallel
            record.clinical.echogenicity = .isoechoic
            record.clinical.posteriorFeatures = PosteriorFeatures.none
            record.clinical.histology = "fibroadenoma"
            record.clinical.age = Double(38 + index)
        case .normal:
            record.clinical.category = .negative
            record.clinical.age = Double(50 + index)
        case nil: break
        }
        return record
    }

    /// The images at some positions, in that order, as a batch of their own.
    package func selecting(_ indices: [Int]) -> Batch {
        Batch(
            images: images.selecting(indices),
            masks: masks.selecting(indices),
            pathologies: indices.map { pathologies[$0] },
            identifiers: indices.map { identifiers[$0] },
            intensities: intensities.selecting(indices),
            coverage: coverage.selecting(indices),
            records: indices.map { records[$0] },
            labels: labels.mapValues { $0.selecting(indices) }
        )
    }
}

extension Tensor {
    /// The entries at some positions of the first axis, in that order, without history.
    package func selecting(_ indices: [Int]) -> Tensor {
        Tensor.concatenated(indices.map { detached.sliced(0, $0..<$0 + 1) }, along: 0)
    }
}

/// The outline of a drawn lesion: an ellipse whose radius may waver with the angle.
private struct PhantomLesion {
    private let center: (x: Float, y: Float)
    private let radii: (x: Float, y: Float)
    private let waviness: Float
    private let isThere: Bool

    init(_ pathology: Pathology?, size: Int, using stream: inout RandomStream) {
        let side = Float(size)
        let isMalignant = pathology == .malignant
        center = (side * stream.uniform(in: 0.42...0.58), side * stream.uniform(in: 0.42...0.58))
        let long = side * stream.uniform(in: 0.22...0.27)
        let short = side * stream.uniform(in: 0.13...0.17)
        radii = isMalignant ? (short, long) : (long, short)
        waviness = isMalignant ? 0.2 : 0.03
        isThere = pathology != .normal
    }

    func contains(_ x: Float, _ y: Float) -> Bool {
        let u = (x - center.x) / radii.x
        let v = (y - center.y) / radii.y
        return isThere && (u * u + v * v).squareRoot() <= 1 + waviness * sin(6 * atan2(v, u))
    }
}

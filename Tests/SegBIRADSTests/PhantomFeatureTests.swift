import SegBIRADS
import SegCore
import SegMetrics
import SegPhantoms
import SegTensor
import TestSupport
import Testing

/// The synthetic centers separate the classes by the same features, and as well, as published masks of patients do.
@Suite("Features of the synthetic centers")
struct PhantomFeatureTests {
    /// Areas under the ROC curve on BrEaST's true masks, 252 lesions; lower in malignant below one half.
    static let patients = [
        "circularity": 0.323, "depth-to-width": 0.686, "margin-sharpness": 0.337, "posterior-echo": 0.420,
        "elliptic-normalized-circumference": 0.827,
    ]

    @Test("separate benign from malignant as they do in patients, within 0.05")
    func areasUnderROC() throws {
        let features = try BIRADSFeatureCatalog.standard.features(named: Self.patients.keys.sorted())
        var values: [[Double]] = features.map { _ in [] }
        var labels: [Bool] = []
        for center in SyntheticCenter.all {
            let generator = PhantomGenerator(center: center, seed: 9)
            for patient in 0..<100 {
                let sample = try generator.sample(at: patient * center.patients.imagesPerPatient)
                guard !sample.lesion.isEmpty else { continue }
                let shape: Shape = [1, 1, sample.image.height, sample.image.width]
                let lesion = SoftLesion(
                    probability: Tensor(floats(sample.lesion.pixels), shape: shape),
                    intensities: Tensor(sample.image.pixels, shape: shape)
                )
                for (index, feature) in features.enumerated() {
                    values[index].append(Double(feature.values(of: lesion).item))
                }
                labels.append(sample.record.pathology == .malignant)
            }
        }
        for (feature, list) in zip(features, values) {
            let area = try areaUnderROC(scores: list, labels: labels)
            let target = try #require(Self.patients[feature.name])

            #expect(abs(area - target) < 0.05, "\(feature.name): \(area)")
        }
    }
}

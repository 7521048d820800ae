import SegBIRADS
import SegCore
import SegMetrics
import SegPhantoms
import SegTensor
import Testing

/// The synthetic centres separate the classes by the same features, and as well, as published masks of patients do.
@Suite("Features of the synthetic centres")
struct PhantomFeatureTests {
    /// Areas under the ROC curve on BrEaST's true masks, 252 lesions; lower in malignant below one half.
    static let patients = [
        "circularity": 0.323, "depth-to-width": 0.686, "margin-sharpness": 0.337, "posterior-echo": 0.420,
        "elliptic-normalised-circumference": 0.827,
    ]

    @Test("separate benign from malignant as they do in patients, within 0.05")
    func areasUnderROC() throws {
        let features = try BIRADSFeatureCatalogue.standard.features(named: Self.patients.keys.sorted())
        var values: [[Double]] = features.map { _ in [] }
        var labels: [Bool] = []
        for centre in SyntheticCentre.all {
            let generator = PhantomGenerator(centre: centre, seed: 9)
            for patient in 0..<100 {
                let sample = try generator.sample(at: patient * centre.patients.imagesPerPatient)
                guard !sample.lesion.isEmpty else { continue }
                let shape: Shape = [1, 1, sample.image.height, sample.image.width]
                let lesion = SoftLesion(
                    probability: Tensor(sample.lesion.pixels.map(Float.init), shape: shape),
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

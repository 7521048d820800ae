import Foundation
import SegBIRADS
import SegCore
import SegDatasets
import SegImageIO
import SegMetrics
import SegTensor
import TestSupport
import Testing

private let breast = ProcessInfo.processInfo.environment["SEGKIT_DATA"].map {
    URL(fileURLWithPath: $0).appendingPathComponent("BrEaST")
}

/// The published masks of BrEaST in native pixels, where `SEGKIT_DATA` names the folder of the data sets.
@Suite("BrEaST's true masks", .enabled(if: breast != nil, "SEGKIT_DATA is not set"))
struct RealDataTests {
    @Test(
        "Features tell benign from malignant as well as measured before, and the prior rises above 0.8",
        .timeLimit(.minutes(5))
    )
    func areasUnderROC() throws {
        let folder = try #require(breast)
        let adapter = BrEaST(folder: folder)
        let decoder = StandardImageDecoder()
        let records = try adapter.records().filter { $0.pathology?.hasLesion == true }
        #expect(records.count == 252)
        let catalog = BIRADSFeatureCatalog.standard
        var values: [[Float]] = catalog.features.map { _ in [] }
        for record in records {
            let sample = try adapter.sample(for: record, decoder: decoder)
            let shape: Shape = [1, 1, sample.image.height, sample.image.width]
            let lesion = SoftLesion(
                probability: Tensor(floats(sample.lesion.pixels), shape: shape),
                intensities: Tensor(sample.image.pixels, shape: shape)
            )
            for (index, feature) in catalog.features.enumerated() {
                values[index].append(feature.values(of: lesion).item)
            }
        }
        let labels = records.map { $0.pathology == .malignant }
        // Areas under the ROC curve on ground truth, of an independent computation; lower in malignant below one half.
        let expected = [
            "circularity": 0.323, "elliptic-normalized-circumference": 0.827, "depth-to-width": 0.686,
            "margin-sharpness": 0.337, "elongation": 0.344, "curvature-energy": 0.821, "radial-variation": 0.413,
            "posterior-echo": 0.420, "heterogeneity": 0.602,
        ]
        for (feature, list) in zip(catalog.features, values) {
            let area = try areaUnderROC(scores: list.map(Double.init), labels: labels)
            if let target = expected[feature.name] { #expect(abs(area - target) < 0.03, "\(feature.name): \(area)") }
            guard feature.association != .fitted else { continue }
            #expect((area > 0.5) == (feature.association == .higherInMalignant), "\(feature.name): \(area)")
        }

        let chosen = try catalog.features(named: BIRADSConsistency.Settings().features)
        let prior = MalignancyPrior(features: chosen)
        let columns = chosen.map { feature in values[catalog.names.firstIndex(of: feature.name) ?? 0] }
        try prior.fit(columns, labels: labels)
        let phi = prior.prior(ofFeatures: columns.map { Tensor($0, shape: [$0.count]) }).values()
        let area = try areaUnderROC(scores: phi.map(Double.init), labels: labels)
        #expect(area > 0.8, "\(prior.weights)")
    }
}

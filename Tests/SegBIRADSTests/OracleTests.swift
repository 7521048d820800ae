import Foundation
import SegBIRADS
import SegCore
import SegTensor
import Testing

/// Values and gradients by PyTorch's autograd; the generator beside the tests writes them.
struct FeatureOracle: Decodable {
    struct Case: Decodable {
        struct Feature: Decodable {
            let name: String
            let value: Double
            let gradient: [Double]
        }

        let height: Int
        let width: Int
        let probability: [Float]
        let intensities: [Float]
        let coverage: [Float]
        let features: [Feature]

        var shape: Shape { [1, 1, height, width] }
    }

    struct Prediction: Decodable {
        let logits: [Float]
        let malignancy: [Float]
        let mean: [Float]
        let deviation: [Float]
        let priors: [Double]
    }

    struct Penalty: Decodable {
        let agreement: BIRADSConsistency.Agreement
        let maskForm: BIRADSConsistency.MaskForm
        let bendsOutliers: Bool
        let priorSupervision: Float
        let value: Double
        let logitGradient: [Double]
        let malignancyGradient: [Double]
        let weightGradient: [Double]
        let biasGradient: [Double]
    }

    let cases: [Case]
    let prediction: Prediction
    let penalties: [Penalty]

    static func load() throws -> FeatureOracle {
        let url = try #require(
            Bundle.module.url(forResource: "features", withExtension: "json", subdirectory: "Fixtures")
        )
        return try JSONDecoder().decode(FeatureOracle.self, from: Data(contentsOf: url))
    }
}

/// The largest difference relative to the largest expected magnitude.
func worstDifference(_ values: [Float], _ expected: [Double]) -> Double {
    guard values.count == expected.count else { return .infinity }
    let largest = expected.reduce(1e-9) { max($0, abs($1)) }
    return zip(values, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) } / largest
}

@Suite("Features, prior and penalty against PyTorch")
struct OracleTests {
    @Test("Values and gradients of every feature", arguments: 0..<6)
    func features(index: Int) throws {
        let expected = try FeatureOracle.load().cases[index]
        #expect(expected.features.count == 11)
        for oracle in expected.features {
            let feature =
                try oracle.name == "margin-sharpness-by-lesion"
                ? MarginSharpness(lengthUnit: .lesion, smoothing: 0.03)
                : BIRADSFeatureCatalog.standard.features(named: [oracle.name])[0]
            let parameter = Parameter(Tensor(expected.probability, shape: expected.shape))
            let lesion = SoftLesion(
                probability: parameter.tensor,
                intensities: Tensor(expected.intensities, shape: expected.shape),
                coverage: Tensor(expected.coverage, shape: expected.shape)
            )
            let values = feature.values(of: lesion)
            #expect(values.shape == [1])
            #expect(abs(Double(values.item) - oracle.value) < 2e-5 * max(1, abs(oracle.value)), "\(oracle.name)")
            values.backward()
            let gradient = try #require(parameter.gradient).values()
            #expect(worstDifference(gradient, oracle.gradient) < 2e-4, "\(oracle.name)")
        }
    }

    @Test("The penalty in its forms, its priors and all of its gradients", arguments: 0..<5)
    func penalty(index: Int) throws {
        let oracle = try FeatureOracle.load()
        let (expected, prediction) = (oracle.penalties[index], oracle.prediction)
        let cases = oracle.cases.prefix(5)
        let shape: Shape = [5, 1, 16, 16]
        let batch = Batch(
            images: Tensor.zeros(shape),
            masks: Tensor.zeros(shape),
            pathologies: [.benign, .malignant, nil, .normal, .malignant],
            identifiers: ["a", "b", "c", "d", "e"],
            intensities: Tensor(cases.flatMap(\.intensities), shape: shape),
            coverage: Tensor(cases.flatMap(\.coverage), shape: shape)
        )
        var settings = BIRADSConsistency.Settings()
        settings.updatesMask = true
        settings.updatesPrior = true
        settings.statistics = .truth
        settings.agreement = expected.agreement
        settings.maskForm = expected.maskForm
        settings.bendsOutliers = expected.bendsOutliers
        settings.priorSupervision = expected.priorSupervision
        let term = try BIRADSConsistency(settings)
        let buffers = Dictionary(uniqueKeysWithValues: term.buffers.map { ($0.path, $0.buffer) })
        try #require(buffers["prior.mean"]).values = prediction.mean
        try #require(buffers["prior.deviation"]).values = prediction.deviation
        let parameters = Dictionary(uniqueKeysWithValues: term.parameters.map { ($0.path, $0.parameter) })

        let logits = Parameter(Tensor(prediction.logits, shape: shape))
        let malignancy = Parameter(Tensor(prediction.malignancy, shape: [5]))
        var outputs = Outputs()
        outputs[.lesion] = logits.tensor
        outputs[.malignancy] = malignancy.tensor
        let halfWay = TrainingProgress(epoch: 2.5, epochs: 60)
        let penalty = try #require(term.penalty(outputs, batch, halfWay))
        #expect(penalty.shape == [])
        #expect(abs(Double(penalty.item) / expected.value - 1) < 1e-4)
        penalty.backward()
        #expect(worstDifference(try #require(logits.gradient).values(), expected.logitGradient) < 5e-4)
        #expect(worstDifference(try #require(malignancy.gradient).values(), expected.malignancyGradient) < 1e-4)
        let weight = try #require(parameters["prior.weight"]?.gradient).values()
        #expect(worstDifference(weight, expected.weightGradient) < 2e-4)
        let bias = try #require(parameters["prior.bias"]?.gradient).values()
        #expect(worstDifference(bias, expected.biasGradient) < 2e-4)

        guard expected.maskForm == .soft, expected.bendsOutliers else { return }
        let report = term.report(outputs, batch)
        #expect(report.map(\.name) == term.prior.features.map(\.name) + ["prior", "lesion-area"])
        let priors = try #require(report.first { $0.name == "prior" }).values
        #expect(worstDifference(priors, prediction.priors) < 1e-4)
    }
}

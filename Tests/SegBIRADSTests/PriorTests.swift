import Foundation
import SegBIRADS
import SegCore
import SegTensor
import Testing

/// A feature whose values are handed in through the image, so that the prior can be tested by itself.
struct GivenFeature: BIRADSFeature {
    let name: String
    var descriptor = BIRADSDescriptor.shape
    var association = MalignancyAssociation.higherInMalignant

    func values(of lesion: SoftLesion) -> Tensor { lesion.area / lesion.coveredArea }
}

@Suite("The malignancy prior")
struct PriorTests {
    static let names = ["first", "second", "third"]

    static func prior(_ associations: [MalignancyAssociation]) -> MalignancyPrior {
        MalignancyPrior(features: zip(names, associations).map { GivenFeature(name: $0, association: $1) })
    }

    /// Lesions whose classes differ by `shifts` standard deviations in each feature.
    static func sample(_ shifts: [Float], count: Int = 400) -> (values: [[Float]], labels: [Bool?]) {
        var stream = RandomStream(seed: 5, "prior")
        let labels = (0..<count).map { $0.isMultiple(of: 3) }
        let values = shifts.map { shift in labels.map { 2 + 0.5 * (stream.normal() + ($0 ? shift : 0)) } }
        return (values, labels)
    }

    @Test("Statistics are frozen, standardize the features, and are found in checkpoints")
    func statistics() throws {
        let prior = Self.prior([.higherInMalignant, .lowerInMalignant, .higherInMalignant])
        let (values, labels) = Self.sample([1, -1, 0])
        try prior.fit(values, labels: labels)
        let buffers = Dictionary(uniqueKeysWithValues: prior.buffers.map { ($0.path, $0.buffer.values) })
        #expect(buffers["sign"] == [1, -1, 1])
        for (index, list) in values.enumerated() {
            let mean = list.reduce(0, +) / Float(list.count)
            #expect(abs(try #require(buffers["mean"])[index] - mean) < 1e-4)
        }
        #expect(prior.parameters.map(\.path) == ["weight", "bias"])
        #expect(prior.parameters.allSatisfy { !$0.parameter.decays })
    }

    @Test("Logistic regression finds the weights that the classes were drawn with")
    func regression() throws {
        let prior = Self.prior([.higherInMalignant, .lowerInMalignant, .higherInMalignant])
        let (values, labels) = Self.sample([1.5, -0.8, 0], count: 3_000)
        try prior.fit(values, labels: labels)
        // Two normal classes with unit variance, shifted by d: the logit's slope is d per within-class deviation.
        let deviations = values.map { list -> Float in
            let mean = list.reduce(0, +) / Float(list.count)
            return (list.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(list.count)).squareRoot() / 0.5
        }
        let weights = prior.weights
        #expect(weights.map(\.feature) == Self.names)
        #expect(abs(weights[0].weight - 1.5 * deviations[0]) < 0.25)
        #expect(abs(weights[1].weight - 0.8 * deviations[1]) < 0.2)
        #expect(weights[2].weight < 0.15)
        // Calibrated: the mean prior is the share of malignant lesions.
        let tensors = values.map { Tensor($0, shape: [$0.count]) }
        #expect(abs(prior.prior(ofFeatures: tensors).mean().item - 1.0 / 3) < 0.02)
    }

    @Test("A feature that contradicts its clinical meaning gets next to no weight, never a negative one")
    func nonNegative() throws {
        let prior = Self.prior([.higherInMalignant, .lowerInMalignant, .higherInMalignant])
        let (values, labels) = Self.sample([-1, -1, 1])
        try prior.fit(values, labels: labels)
        #expect(abs(prior.weights[0].weight - 0.05) < 1e-4)
        #expect(prior.weights[1].weight > 0.5 && prior.weights[2].weight > 0.5)
    }

    @Test("A fitted direction follows the training set's classes")
    func fittedSign() throws {
        let prior = Self.prior([.fitted, .fitted, .higherInMalignant])
        let (values, labels) = Self.sample([1, -1, 0])
        try prior.fit(values, labels: labels, initialWeights: .equal)
        let signs = prior.buffers.first { $0.path == "sign" }?.buffer.values
        #expect(signs == [1, -1, 1])
        #expect(prior.weights.allSatisfy { abs($0.weight - 1.0 / 3) < 1e-5 })
        #expect(prior.bias == 0)
    }

    @Test("The prior rises with what speaks for malignancy and falls with what speaks against it")
    func direction() throws {
        let prior = Self.prior([.higherInMalignant, .lowerInMalignant, .higherInMalignant])
        func phi(_ a: Float, _ b: Float) -> Float {
            prior.prior(ofFeatures: [a, b, 0].map { Tensor([$0], shape: [1]) }).item
        }
        #expect(phi(1, 0) > phi(0, 0) && phi(0, 1) < phi(0, 0))
        // Far outliers neither overflow nor lose their gradient.
        #expect(phi(1e6, 0) < 0.9)
        let parameter = Parameter(Tensor([30], shape: [1]))
        prior.prior(ofFeatures: [parameter.tensor, Tensor([0], shape: [1]), Tensor([0], shape: [1])]).backward()
        #expect(try #require(parameter.gradient).item > 1e-5)
    }

    @Test("Training sets that cannot be learned from are refused in one line")
    func refusals() throws {
        let prior = Self.prior([.higherInMalignant, .lowerInMalignant, .higherInMalignant])
        #expect(throws: SegmentationError.self) { try prior.fit([[], [], []], labels: []) }
        let (values, _) = Self.sample([0, 0, 0], count: 6)
        let benign: [Bool?] = Array(repeating: false, count: 6)
        #expect(throws: SegmentationError.self) { try prior.fit(values, labels: benign) }
        #expect(throws: Never.self) { try prior.fit(values, labels: benign, initialWeights: .equal) }
        var broken = values
        broken[1][2] = .nan
        let error = #expect(throws: SegmentationError.self) {
            try prior.fit(broken, labels: [true, false, true, false, nil, true])
        }
        #expect(error?.subject == "second")
    }
}

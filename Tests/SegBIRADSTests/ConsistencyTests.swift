import Foundation
import SegBIRADS
import SegCore
import SegSettings
import SegTensor
import SegTestKit
import Testing

@Suite("The consistency term")
struct ConsistencyTests {
    static let side = 32
    static let shape: Shape = [4, 1, side, side]

    static let pictures = [
        Shapes.ellipse(a: 7, b: 4, softness: 1, height: side, width: side),
        Shapes.ellipse(a: 4, b: 7, angle: 0.2, softness: 1, height: side, width: side),
        Shapes.ellipse(a: 6, b: 6, softness: 1, height: side, width: side),
        Picture(height: side, width: side) { _, _ in 0 },
    ]

    static func batch(_ pathologies: [Pathology?] = [.benign, .malignant, .benign, .normal]) -> Batch {
        let image = (0..<4 * side * side).map { 0.5 + 0.3 * sin(Float($0 % 37)) }
        return Batch(
            images: Tensor.zeros(shape),
            masks: Tensor(pictures.flatMap { $0.values.map { $0 > 0.5 ? Float(1) : 0 } }, shape: shape),
            pathologies: pathologies,
            identifiers: ["a", "b", "c", "d"],
            intensities: Tensor(image, shape: shape),
            coverage: Tensor.ones(shape)
        )
    }

    static var logits: Tensor {
        Tensor(pictures.flatMap { $0.values.map { log(max($0, 1e-3) / (1 - min($0, 0.999))) } }, shape: shape)
    }

    static func outputs(_ lesion: Tensor? = logits, _ malignancy: Tensor? = Tensor([1, -1, 0.5, 2], shape: [4]))
        -> Outputs
    {
        var outputs = Outputs()
        outputs[.lesion] = lesion
        outputs[.malignancy] = malignancy
        return outputs
    }

    static let late = TrainingProgress(epoch: 30, epochs: 60)

    static func prepared(_ change: (inout BIRADSConsistency.Settings) -> Void = { _ in }) throws -> BIRADSConsistency {
        // All paths open, and frozen statistics: the term of the paper.
        var settings = BIRADSConsistency.Settings()
        settings.updatesMask = true
        settings.updatesPrior = true
        settings.priorSupervision = 0
        settings.statistics = .truth
        change(&settings)
        let term = try BIRADSConsistency(settings)
        try term.prepare([batch()])
        return term
    }

    @Test("The whole penalty against finite differences")
    func gradient() throws {
        let term = try Self.prepared()
        let batch = Self.batch()
        // The gate is a constant in the gradient but not in differences of the mask: take masks where it is flat.
        let errors = gradientErrors(
            of: { term.penalty(Self.outputs($0[0], $0[1]), batch, Self.late) ?? Tensor(0) },
            at: [Self.logits, Tensor([1, -1, 0.5, 2], shape: [4])],
            step: 1.0 / 32,
            valuesPerOperand: 512
        )
        #expect(errors[0].relative < 0.02, "\(errors[0])")
        #expect(errors[1].relative < 5e-3, "\(errors[1])")
    }

    @Test("Normal images take no part")
    func normals() throws {
        let term = try Self.prepared()
        let logits = Parameter(Self.logits)
        let malignancy = Parameter(Tensor([1, -1, 0.5, 2], shape: [4]))
        let outputs = Self.outputs(logits.tensor, malignancy.tensor)
        try #require(term.penalty(outputs, Self.batch(), Self.late)).backward()
        let gradient = try #require(logits.gradient).values()
        let plane = Self.side * Self.side
        #expect(gradient[(3 * plane)...].allSatisfy { $0 == 0 })
        #expect(gradient[..<plane].contains { $0 != 0 })
        #expect(try #require(malignancy.gradient).values()[3] == 0)
        #expect(term.penalty(outputs, Self.batch([.normal, .normal, .normal, .normal]), Self.late) == nil)
        // An unknown pathology may be a lesion.
        #expect(term.penalty(outputs, Self.batch([nil, .normal, .normal, .normal]), Self.late) != nil)
    }

    @Test("Without a mask or a malignancy there is no penalty")
    func missingOutputs() throws {
        let term = try Self.prepared()
        #expect(term.penalty(Self.outputs(nil), Self.batch(), Self.late) == nil)
        #expect(term.penalty(Self.outputs(Self.logits, nil), Self.batch(), Self.late) == nil)
        #expect(term.report(Self.outputs(nil), Self.batch()).isEmpty)
        #expect(term.report(Self.outputs(Self.logits, nil), Self.batch()).count == 6)
    }

    @Test("The term rises over its warm-up")
    func warmUp() throws {
        let term = try Self.prepared { $0.warmUpEpochs = 4 }
        func penalty(_ epoch: Double) throws -> Float {
            try #require(term.penalty(Self.outputs(), Self.batch(), TrainingProgress(epoch: epoch, epochs: 10))).item
        }
        let full = try penalty(4)
        #expect(full > 1e-4)
        #expect(try penalty(0) == 0)
        #expect(try abs(penalty(1) / full - 0.25) < 1e-5)
        #expect(try penalty(9) == full)
    }

    @Test("Vanishing masks fade out smoothly, with bounded gradients")
    func gate() throws {
        let term = try Self.prepared()
        var previous = Float.infinity
        for level in [2.0, 0, -1, -1.5, -1.9, -2.1, -2.19] as [Float] {
            // A dot in the corner, fading to the probability floor, where ln(0.1/0.9) = −2.197.
            let values = (0..<Self.shape.count).map { $0 % (Self.side * Self.side) < 1 ? level : -8 }
            let logits = Parameter(Tensor(values, shape: Self.shape))
            let penalty = try #require(term.penalty(Self.outputs(logits.tensor), Self.batch(), Self.late))
            #expect(penalty.item <= previous)
            previous = penalty.item
            penalty.backward()
            let gradient = try #require(logits.gradient).values()
            #expect(gradient.allSatisfy { abs($0) < 1 })
        }
        #expect(previous < 1e-6)
        let empty = try #require(
            term.penalty(Self.outputs(Tensor(repeating: -20, shape: Self.shape)), Self.batch(), Self.late)
        )
        #expect(empty.item == 0)
    }

    @Test("Each path of the gradient can be cut", arguments: 0..<3)
    func stops(path: Int) throws {
        let term = try Self.prepared {
            $0.updatesMask = path == 0
            $0.updatesMalignancy = path == 1
            $0.updatesPrior = path == 2
        }
        let logits = Parameter(Self.logits)
        let malignancy = Parameter(Tensor([1, -1, 0.5, 2], shape: [4]))
        let penalty = try #require(
            term.penalty(Self.outputs(logits.tensor, malignancy.tensor), Self.batch(), Self.late)
        )
        penalty.backward()
        #expect((logits.gradient != nil) == (path == 0))
        #expect((malignancy.gradient != nil) == (path == 1))
        #expect(term.parameters.allSatisfy { ($0.parameter.gradient != nil) == (path == 2) })
    }

    @Test("Descending the penalty makes the predictions agree")
    func descent() throws {
        let term = try Self.prepared { $0.updatesPrior = false }
        let malignancy = Parameter(Tensor([3, -3, 3, 0], shape: [4]))
        let logits = Parameter(Self.logits)
        var values: [Float] = []
        for _ in 0..<40 {
            for parameter in [malignancy, logits] { parameter.clearGradient() }
            let outputs = Self.outputs(logits.tensor, malignancy.tensor)
            let penalty = try #require(term.penalty(outputs, Self.batch(), Self.late))
            values.append(penalty.item)
            penalty.backward()
            for parameter in [malignancy, logits] {
                if let gradient = parameter.gradient { parameter.value = parameter.value - gradient * 4 }
            }
        }
        #expect(values[39] < 0.1 * values[0])
        #expect(!logits.value.hasNonFiniteValues)
    }

    @Test("Features are chosen by name, and one's own can be added")
    func ownFeature() throws {
        var catalog = BIRADSFeatureCatalog.standard
        try catalog.add(GivenFeature(name: "extent"))
        var settings = BIRADSConsistency.Settings()
        settings.features = ["extent", "depth-to-width"]
        let term = try BIRADSConsistency(settings, catalog: catalog)
        try term.prepare([Self.batch()])
        #expect(term.priorWeights.map(\.feature) == ["extent", "depth-to-width"])
        #expect(term.report(Self.outputs(), Self.batch()).map(\.name).first == "extent")
        let unknown = #expect(throws: SegmentationError.self) { try BIRADSConsistency(settings) }
        #expect(unknown?.subject == "features.extent")
        settings.features = ["circularty"]
        let misspelled = #expect(throws: SegmentationError.self) { try BIRADSConsistency(settings) }
        #expect(misspelled?.cure == "did you mean `circularity`?")
        for names in [[], ["circularity", "circularity"]] {
            settings.features = names
            #expect(throws: SegmentationError.self) { try BIRADSConsistency(settings) }
        }
        #expect(throws: SegmentationError.self) { try catalog.add(GivenFeature(name: "extent")) }
    }

    @Test("Configurations name what differs, and are checked")
    func configuration() throws {
        var registry = PluginRegistry()
        try registry.add(term: BIRADSConsistency.self)
        let entry = try registry.term("birads", subject: "arm")
        let term = try entry.make(
            .table(["warmUpEpochs": .integer(2), "features": .list([.text("circularity")])]),
            "arm"
        )
        #expect((term as? BIRADSConsistency)?.priorWeights.count == 1)
        let wrong: [ConfigurationValue] = [
            .table(["warmUpEpochs": .integer(-1)]), .table(["minimumArea": .integer(0)]),
            .table(["probabilityFloor": .integer(1)]), .table(["warmup": .integer(1)]),
            .table(["initialWeights": .text("random")]),
            .table(["priorSupervision": .integer(-1)]), .table(["agreement": .text("cosine")]),
            .table([
                "updatesMask": .bool(false), "updatesMalignancy": .bool(false), "updatesPrior": .bool(false),
                "priorSupervision": .integer(0),
            ]),
        ]
        for configuration in wrong {
            #expect(throws: SegmentationError.self) { try entry.make(configuration, "arm") }
        }
    }

    @Test("A configuration can name one's own features")
    func configuredOwnFeature() throws {
        var catalog = BIRADSFeatureCatalog.standard
        try catalog.add(GivenFeature(name: "extent"))
        var registry = PluginRegistry()
        try registry.add(term: BIRADSConsistency.self)
        try registry.add(term: BIRADSConsistency.self, named: "my-birads") { [catalog] in
            try BIRADSConsistency($0, catalog: catalog)
        }
        let configuration = ConfigurationValue.table(["features": .list([.text("extent")])])
        let term = try registry.term("my-birads", subject: "arm").make(configuration, "arm")
        #expect((term as? BIRADSConsistency)?.priorWeights.map(\.feature) == ["extent"])
        #expect(throws: SegmentationError.self) {
            try registry.term("birads", subject: "arm").make(configuration, "arm")
        }
    }

    @Test(
        "The public rules for consistency terms",
        arguments: MalignancyPrior.InitialWeights.allCases,
        BIRADSConsistency.Agreement.allCases
    )
    func conformance(initialWeights: MalignancyPrior.InitialWeights, agreement: BIRADSConsistency.Agreement) {
        var settings = BIRADSConsistency.Settings()
        settings.initialWeights = initialWeights
        settings.agreement = agreement
        settings.updatesMask = true
        settings.updatesPrior = true
        let failures = checkConsistencyTerm(BIRADSConsistency.self, settings: settings, imageSize: 64)
        #expect(failures.isEmpty, "\(failures.map { "\($0)" }.joined(separator: "\n"))")
    }

    @Test("A training set without lesions is refused")
    func noLesions() throws {
        let term = try BIRADSConsistency(.init())
        #expect(throws: SegmentationError.self) {
            try term.prepare([Self.batch([.normal, .normal, .normal, .normal])])
        }
    }
}

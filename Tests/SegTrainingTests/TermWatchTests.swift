import Foundation
import SegBIRADS
import SegCore
import SegData
import SegHeads
import SegProgress
import SegTensor
import SegTraining
import Testing

/// A term that counts how often it was asked while gradients were recorded, and warns when told to.
private final class CountingTerm: ConsistencyTerm {
    static let name = "counting"
    static let summary = "For tests: a state that training must find as it left it"

    let count = ModuleBuffer([0])
    let weight = Parameter(Tensor([0.5], shape: [1]), decays: false)
    let warnsFrom: Double

    init(warnsFrom: Double) { self.warnsFrom = warnsFrom }
    init(_ settings: NoSettings) { warnsFrom = .infinity }

    func visit(_ visitor: inout ModuleVisitor) {
        visitor.buffer("count", count)
        visitor.parameter("weight", weight)
    }

    func penalty(_ outputs: Outputs, _ batch: Batch, _ progress: TrainingProgress) -> Tensor? {
        guard let malignancy = outputs[.malignancy] else { return nil }
        if malignancy.isRecorded { count.values = [count.values[0] + 1] }
        return (malignancy * 3 - weight.tensor * 4).mean()
    }

    func report(_ outputs: Outputs, _ batch: Batch) -> [(name: String, values: [Float])] {
        [("index", (0..<batch.count).map(Float.init))]
    }

    func diagnosis(_ cases: [TermCase], _ progress: TrainingProgress) -> TermDiagnosis {
        TermDiagnosis(
            figures: [("cases", Float(cases.count)), ("nothing", .nan)],
            warning: progress.epoch >= warnsFrom ? "it has collapsed" : nil
        )
    }
}

@Suite("What is said of terms, epoch by epoch")
struct TermWatchTests {
    private func trained(_ term: CountingTerm, observer: any TrainingObserver = SilentObserver()) throws
        -> TrainingHistory
    {
        let model = try makeModel(withTerm: false)
        return try Trainer(
            model: MultiTaskModel(
                backbone: model.backbone,
                heads: model.heads,
                terms: [WeightedTerm(term, weight: 2)]
            ),
            settings: quickSettings(epochs: 3),
            seed: 1,
            training: makeSamples(8, seed: 1),
            validation: makeSamples(10, seed: 2, normals: true),
            observer: observer
        ).run()
    }

    @Test("Figures stand in the history under the term's name; the term's state is that of the steps alone")
    func figures() throws {
        let term = CountingTerm(warnsFrom: 2)
        let history = try trained(term)
        // Two steps an epoch; neither validation nor the shares of the gradient count.
        #expect(term.count.values == [6])
        for epoch in history.epochs {
            let figures = try #require(epoch.diagnoses)
            // Two of ten images are normal. A figure that is not a number is left out.
            #expect(figures["counting.cases"] == 8)
            #expect(figures["counting.nothing"] == nil)
            // Batches of 4, 4 and 2: the norm of 3/n over n logits, and 4 for each batch on the weight.
            let malignancy = (9.0 / 4 + 9.0 / 4 + 9.0 / 2).squareRoot()
            let own = 48.0.squareRoot()
            let share = try #require(figures["counting.gradient-share-malignancy"])
            #expect(abs(share - malignancy / (malignancy + own)) < 1e-5)
            #expect(figures["counting.gradient-share-lesion"] == 0)
        }
        #expect(
            history.epochs.map(\.warnings) == [nil, ["counting: it has collapsed"], ["counting: it has collapsed"]]
        )
    }

    @Test("The console warns once, under the epoch that showed it first")
    func console() throws {
        var text = ""
        let console = Console(isTerminal: false, width: { 200 }, now: { 0 }, write: { text += $0 })
        _ = try trained(CountingTerm(warnsFrom: 2), observer: ConsoleProgress(label: "arm", console: console))
        #expect(text.components(separatedBy: "warning: ").count == 2)
        #expect(text.contains("arm: warning: epoch 2: counting: it has collapsed\n"))
    }

    @Test("A term whose both sides are constant is found out by the trainer")
    func collapse() throws {
        let model = try makeModel(withTerm: false)
        var settings = BIRADSConsistency.Settings()
        settings.warmUpEpochs = 0
        settings.initialWeights = .equal
        settings.statistics = .truth
        settings.features = ["depth-to-width"]
        let term = try BIRADSConsistency(settings)
        var training = quickSettings(epochs: 2)
        // A rate at which nothing is learned: malignancy of a fresh network is nearly the same for every image.
        training.learningRate = 1e-9
        let history = try Trainer(
            model: MultiTaskModel(
                backbone: model.backbone,
                heads: model.heads,
                terms: [WeightedTerm(term, weight: 1)]
            ),
            settings: training,
            seed: 1,
            training: makeSamples(8, seed: 1),
            validation: makeSamples(8, seed: 2)
        ).run()
        #expect(history.epochs.last?.warnings?.first?.contains("collapsed") ?? false)
        #expect((history.epochs.last?.diagnoses?["birads.spread-of-malignancy"] ?? 1) < 0.1)
    }
}

@Suite("How much of the classification reaches the encoder")
struct BackboneGradientTests {
    private func gradients(_ change: (inout ClassificationHead.Settings) -> Void, ofTerm: Bool) throws
        -> [String: [Float]]
    {
        var settings = ClassificationHead.Settings()
        change(&settings)
        var initializer = WeightInitializer(seed: 3)
        let base = try makeModel(withTerm: false)
        let head = try ClassificationHead(settings, backbone: base.backbone.outline, initializer: &initializer)
        let model = try MultiTaskModel(backbone: base.backbone, heads: [WeightedHead(head)])
        let batch = Batch(try makeSamples(4))
        let outputs = model.outputs(for: batch.images, phase: .training)
        let loss = try #require(ofTerm ? outputs[.malignancy]?.sum() : head.loss(outputs, batch))
        loss.backward()
        return Dictionary(
            uniqueKeysWithValues: model.parameters.compactMap { path, parameter in
                parameter.gradient.map { (path, $0.values()) }
            }
        )
    }

    @Test("A share of the gradient, of the loss and of terms, and all of the head's own", arguments: [false, true])
    func shares(ofTerm: Bool) throws {
        let whole = try gradients({ _ in }, ofTerm: ofTerm)
        let halved = try gradients(
            {
                if ofTerm { $0.backboneGradientOfTerms = 0.5 } else { $0.backboneGradient = 0.5 }
            },
            ofTerm: ofTerm
        )
        let cut = try gradients(
            {
                if ofTerm { $0.backboneGradientOfTerms = 0 } else { $0.backboneGradient = 0 }
            },
            ofTerm: ofTerm
        )
        #expect(whole.keys.contains { $0.hasPrefix("backbone") })
        for (path, values) in whole {
            if path.hasPrefix("backbone") {
                #expect(cut[path] == nil)
                let half = try #require(halved[path])
                #expect(zip(values, half).allSatisfy { abs($0 / 2 - $1) <= 1e-6 + 1e-4 * abs($0) }, "\(path)")
            } else {
                #expect(cut[path] == values && halved[path] == values)
            }
        }
    }

    @Test("One path is cut while the other is whole", arguments: [false, true])
    func independence(ofTerm: Bool) throws {
        let whole = try gradients({ _ in }, ofTerm: ofTerm)
        let other = try gradients(
            {
                if ofTerm { $0.backboneGradient = 0 } else { $0.backboneGradientOfTerms = 0 }
            },
            ofTerm: ofTerm
        )
        #expect(whole == other)
    }

    @Test("Shares outside of 0 to 1 are refused")
    func validation() {
        for share: Float in [-0.1, 1.5, .nan] {
            var settings = ClassificationHead.Settings()
            settings.backboneGradient = share
            #expect(throws: SegmentationError.self) { try settings.validate() }
        }
    }
}

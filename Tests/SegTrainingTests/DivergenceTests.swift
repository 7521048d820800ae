import Foundation
import SegCore
import SegData
import SegTensor
import SegTraining
import TestSupport
import Testing

@Suite struct DivergenceTests {
    /// Goes wrong in the middle of the second epoch, in its value or only in its gradient.
    private final class BadTerm: ConsistencyTerm {
        static let name = "bad"
        static let summary = "For tests: diverges"

        var isValueBad = false
        var isGradientBad = false
        let slope = Parameter(Tensor([1], shape: [1]))

        init(_ settings: NoSettings = .init()) {}

        func visit(_ visitor: inout ModuleVisitor) { visitor.parameter("slope", slope) }

        func penalty(_ outputs: Outputs, _ batch: Batch, _ progress: TrainingProgress) -> Tensor? {
            let isTime = progress.epoch > 1.2
            // The root's gradient at 0 is infinite, and infinity times 0 is not a number.
            if isGradientBad && isTime { return (slope.tensor * 0).squareRoot().sum() }
            return (slope.tensor * (isValueBad && isTime ? Float.nan : 0.1)).sum()
        }
    }

    private func trainer(_ term: BadTerm, _ folder: URL?, _ samples: [PreparedSample]? = nil) throws -> Trainer {
        let plain = try makeModel(withTerm: false)
        return try Trainer(
            model: try MultiTaskModel(backbone: plain.backbone, heads: plain.heads, terms: [WeightedTerm(term)]),
            settings: quickSettings(epochs: 2),
            seed: 1,
            training: try samples ?? makeSamples(8, seed: 1),
            validation: try makeSamples(4, seed: 2),
            checkpointFolder: folder
        )
    }

    @Test(arguments: [false, true])
    func aLossOrGradientThatIsNotFiniteStopsWithTheCure(inGradient: Bool) throws {
        try withTemporaryFolder { folder in
            let term = BadTerm()
            term.isValueBad = !inGradient
            term.isGradientBad = inGradient
            let text = message { _ = try trainer(term, folder).run() }
            #expect(text.hasPrefix("epoch 2, step 2 of 2: the "))
            #expect(text.contains(inGradient ? "the gradient's norm is" : "the loss of bad is nan"))
            #expect(text.contains("on the samples case1-"))
            #expect(text.contains("\(folder.path)/last.safetensors has the last good state"))
            #expect(text.hasSuffix("lower learningRate (0.01 now) or set gradientClip to 1"))

            // The last good state goes on to where an undisturbed training ends.
            let resumed = try trainer(BadTerm(), folder)
            let straight = try trainer(BadTerm(), nil)
            let history = try resumed.run()
            #expect(try history.epochs.map(\.losses) == straight.run().epochs.map(\.losses))
        }
    }

    @Test func anImageThatIsNotANumberIsNamed() throws {
        var samples = try makeSamples(8, seed: 1)
        var image = samples[3].image
        image[40] = .nan
        samples[3].pixels = .float(image)
        let text = message { _ = try trainer(BadTerm(), nil, samples).run() }
        #expect(text.contains("the images of case1-3 hold values that are not numbers; correct or leave out"))
    }

    /// Converts to whole numbers, which traps on those that are none.
    private final class WholeHead: TaskHead {
        static let name = "whole"
        static let summary = "For tests: reports whole numbers"

        init(_ settings: NoSettings = .init()) {}

        convenience init(
            _ settings: NoSettings,
            backbone: PyramidOutline,
            initializer: inout WeightInitializer
        ) throws { self.init() }

        func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {}
        func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? { nil }

        func report(_ outputs: Outputs, _ batch: Batch) -> [CaseReport] {
            let sure = outputs[.malignancy]?.values().map { Double(Int($0 * 100)) } ?? []
            return [CaseReport("sureness", numbers: sure)]
        }
    }

    /// Before any plugin reads it.
    @Test func aPredictionThatIsNotANumberIsNamed() throws {
        let plain = try makeModel(withTerm: false)
        let model = try MultiTaskModel(backbone: plain.backbone, heads: plain.heads + [WeightedHead(WholeHead())])
        #expect(try Evaluator.predict(model, makeSamples(2, seed: 7)).allSatisfy { $0.values.count == 1 })
        let (_, parameter) = try #require(model.parameters.last)
        parameter.value = Tensor(repeating: .nan, shape: parameter.shape)
        #expect(
            message { _ = try Evaluator.predict(model, makeSamples(2, seed: 7)) }
                .hasPrefix("/nowhere/case0.png: the model's prediction for case7-0 is not a number; ")
        )
    }
}

import Foundation
import SegCore
import SegLosses
import SegTensor
import TestSupport
import Testing

@Suite("Losses of masks as PyTorch computes them")
struct MaskLossTests {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        enum Setting: Decodable, Sendable {
            case number(Double)
            case name(String)

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let number = try? container.decode(Double.self) {
                    self = .number(number)
                } else {
                    self = .name(try container.decode(String.self))
                }
            }
        }

        let kind: String
        let settings: [String: Setting]
        let covered: Bool
        let empty: [Int]
        let value: Double
        let gradient: [Double]

        var testDescription: String { "\(kind) \(settings.keys.sorted()) \(covered ? "covered" : "") \(empty)" }

        func number(_ key: String, _ usual: Float) -> Float {
            if case .number(let value)? = settings[key] { Float(value) } else { usual }
        }

        func name<Choice: NamedChoice>(_ key: String, _ usual: Choice) -> Choice {
            if case .name(let value)? = settings[key] { Choice(rawValue: value) ?? usual } else { usual }
        }
    }

    private static let shape: Shape = [3, 1, 9, 7]

    private static func loss(_ test: Case) throws -> any MaskLoss {
        func tversky() -> TverskyLoss.Settings {
            var settings = TverskyLoss.Settings()
            settings.scope = test.name("scope", .image)
            return settings
        }
        switch test.kind {
        case "cross-entropy":
            var settings = CrossEntropyLoss.Settings()
            settings.lesionWeight = test.number("lesionWeight", 1)
            settings.labelSmoothing = test.number("labelSmoothing", 0)
            return try CrossEntropyLoss(settings)
        case "focal":
            var settings = FocalLoss.Settings()
            settings.gamma = test.number("gamma", 2)
            settings.alpha = test.number("alpha", 0.25)
            return try FocalLoss(settings)
        case "dice", "jaccard":
            var settings = SoftDiceLoss.Settings()
            settings.smoothing = test.number("smoothing", 1)
            settings.scope = test.name("scope", .image)
            settings.emptyTargets = test.name("emptyTargets", .smoothed)
            return try test.kind == "dice" ? SoftDiceLoss(settings) : JaccardLoss(settings)
        case "tversky": return try TverskyLoss(tversky())
        case "focal-tversky":
            var settings = FocalTverskyLoss.Settings()
            settings.scope = test.name("scope", .image)
            settings.emptyTargets = test.name("emptyTargets", .smoothed)
            return try FocalTverskyLoss(settings)
        case "mcc":
            var settings = MatthewsLoss.Settings()
            settings.scope = test.name("scope", .batch)
            return try MatthewsLoss(settings)
        case "lovasz": return try LovaszLoss()
        case "hausdorff":
            var settings = HausdorffLoss.Settings()
            settings.power = test.number("power", 2)
            return try HausdorffLoss(settings)
        default: return try BoundaryLoss()
        }
    }

    private static func targets(_ test: Case) -> Tensor {
        var values = mixedNumbers("loss targets", count: shape.count).map { $0 > 0.2 ? Float(1) : 0 }
        for image in test.empty { for index in image * 63..<(image + 1) * 63 { values[index] = 0 } }
        return Tensor(values, shape: shape)
    }

    private static func coverage(_ test: Case) -> Tensor? {
        test.covered
            ? Tensor(mixedNumbers("loss coverage", count: shape.count).map { $0 > -0.6 ? 1 : 0 }, shape: shape) : nil
    }

    @Test("value and gradient", arguments: try oracle("masklosses", of: Case.self))
    func agreesWithPyTorch(_ test: Case) throws {
        let logits = Parameter(mixedTensor("loss logits", Self.shape, scale: 4))
        let loss = try Self.loss(test)
        let value = loss(logits.tensor, Self.targets(test), coverage: Self.coverage(test))
        value.backward()
        #expect(abs(Double(value.item) - test.value) < 3e-6 * max(1, abs(test.value)))
        #expect(deviation(try #require(logits.gradient).values(), test.gradient) < 3e-5)
    }

    @Test("a weighted sum is the sum of its parts", arguments: [false, true])
    func sums(_ covered: Bool) throws {
        let cases = try oracle("masklosses", of: Case.self).filter { $0.covered == covered }
        let parts = try cases.enumerated().map { (try Self.loss($1), Float($0 + 1) / 8) }
        let logits = Parameter(mixedTensor("loss logits", Self.shape, scale: 4))
        let targets = Self.targets(cases[0])
        let coverage = Self.coverage(cases[0])
        let value = try WeightedMaskLoss(parts)(logits.tensor, targets, coverage: coverage)
        value.backward()
        let expected = zip(cases, parts).reduce(0) { $0 + $1.0.value * Double($1.1.1) }
        #expect(abs(Double(value.item) - expected) < 1e-5 * abs(expected))
        let slopes = (0..<Self.shape.count).map { index in
            zip(cases, parts).reduce(0) { $0 + $1.0.gradient[index] * Double($1.1.1) }
        }
        #expect(deviation(try #require(logits.gradient).values(), slopes) < 5e-5)
    }

    @Test("cross-entropy and Dice together are the fused loss")
    func fused() throws {
        let logits = mixedTensor("loss logits", Self.shape, scale: 4)
        let targets = mixedTensor("loss targets", Self.shape).mask { $0 > 0.2 }
        let loss = try WeightedMaskLoss([(CrossEntropyLoss(), 1), (SoftDiceLoss(), 0.5)])
        let fused = maskLoss(logits, targets, crossEntropy: 1, dice: 0.5, emptyTargets: .smoothed)
        #expect(abs(loss(logits, targets).item - fused.item) < 1e-6)
    }

    @Test("settings out of range, and sums of nothing, are named")
    func errors() {
        #expect(throws: SegmentationError.self) { try WeightedMaskLoss([]) }
        #expect(throws: SegmentationError.self) { try WeightedMaskLoss([(LovaszLoss(), 0)]) }
        #expect(throws: SegmentationError.self) { try WeightedMaskLoss([(LovaszLoss(), -1), (BoundaryLoss(), 1)]) }
        #expect(throws: SegmentationError.self) {
            var settings = FocalLoss.Settings()
            settings.gamma = 0.5
            _ = try FocalLoss(settings)
        }
        #expect(throws: SegmentationError.self) {
            var settings = TverskyLoss.Settings()
            settings.falseNegatives = -1
            _ = try TverskyLoss(settings)
        }
        #expect(throws: SegmentationError.self) {
            var settings = HausdorffLoss.Settings()
            settings.power = .nan
            _ = try HausdorffLoss(settings)
        }
    }

    struct LabelCase: Decodable, Sendable {
        let dice: Float
        let weights: [Float]
        let covered: Bool
        let policy: EmptyTargetPolicy
        let chosen: [Int]
        let classes: [Float]
        let value: Double
        let gradient: [Double]
    }

    @Test("exclusive labels", arguments: try oracle("labellosses", of: LabelCase.self))
    func labels(_ test: LabelCase) throws {
        let shape: Shape = [2, 4, 9, 7]
        let pixels: Shape = [2, 1, 9, 7]
        let logits = Parameter(mixedTensor("label logits", shape, scale: 3))
        let coverage = mixedTensor("label coverage", pixels).mask { $0 > -0.6 }
        let value = labelLoss(
            logits.tensor,
            Tensor(test.classes, shape: pixels),
            weights: test.weights,
            coverage: test.covered ? coverage : nil,
            dice: test.dice,
            diceLabels: test.chosen,
            emptyTargets: test.policy
        )
        value.backward()
        #expect(abs(Double(value.item) - test.value) < 3e-6)
        #expect(deviation(try #require(logits.gradient).values(), test.gradient) < 3e-5)
    }
}

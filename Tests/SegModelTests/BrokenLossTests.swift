import SegCore
import SegLosses
import SegTensor
import SegTestKit
import Synchronization
import Testing

/// A loss that breaks one rule at a time.
private struct FaultyLoss: MaskLoss {
    enum Fault: String, Codable, Sendable {
        case none, perImage, order, padding, backwards, overflow, blind, wrongGradient, hiddenParameter, counts,
            throwing, firstBatch
    }

    struct Settings: PluginSettings {
        var fault = Fault.none
    }

    static let name = "faulty"
    static let summary = "Breaks the rule that it is told to break"
    // Broken on purpose: what all instances share, as a careless plugin does.
    nonisolated(unsafe) private static var calls: Float = 0

    /// What a careless loss freezes when it is first called.
    private final class Frozen: Sendable { let weight = Mutex<Float?>(nil) }

    private let fault: Fault
    private let secret = Parameter(.ones([]))
    private let frozen = Frozen()

    init(_ settings: Settings) throws {
        fault = settings.fault
        if fault == .throwing { throw SegmentationError("fault", "is thrown", cure: "choose another") }
    }

    func callAsFunction(_ logits: Tensor, _ targets: Tensor, coverage: Tensor?) -> Tensor {
        var logits = fault == .blind ? logits.detached : logits
        if fault == .wrongGradient { logits = logits.detached.recorded(from: [logits]) { [-$0] } }
        let truth = fault == .backwards ? 1 - targets : targets
        var errors = (logits.sigmoid() - truth).squared()
        if fault == .overflow { errors = errors + (logits * logits).exp() * 1e-30 }
        if fault != .padding, let coverage { errors = errors * coverage }
        let each = errors.mean(over: [1, 2, 3])
        switch fault {
        case .perImage: return each
        case .order: return (each * Tensor((0..<each.shape[0]).map { Float($0 + 1) }, shape: each.shape)).mean()
        case .hiddenParameter: return each.mean() * secret.tensor
        case .firstBatch:
            let weight = frozen.weight.withLock { weight in
                weight = weight ?? 1 + truth.mean().item
                return weight ?? 1
            }
            return each.mean() * weight
        case .counts:
            Self.calls += 1
            return each.mean() * Self.calls
        default: return each.mean()
        }
    }
}

@Suite("The suite for losses of masks notices")
struct BrokenLossTests {
    @Test(
        "one broken rule",
        arguments: [
            (.none, []),
            (.perImage, ["loss-is-scalar"]),
            (.order, ["order-does-not-matter"]),
            (.padding, ["padding-does-not-count"]),
            (.backwards, ["prefers-truth"]),
            (.overflow, ["loss-of-extremes"]),
            (.blind, ["reads-logits"]),
            (.wrongGradient, ["gradient-agrees"]),
            (.hiddenParameter, ["parameters-are-shown"]),
            (.throwing, ["initializes"]),
            (.firstBatch, ["loss-repeats"]),
        ] as [(FaultyLoss.Fault, Set<String>)]
    )
    fileprivate func rule(_ fault: FaultyLoss.Fault, _ rules: Set<String>) {
        #expect(Set(checkMaskLoss(FaultyLoss.self, settings: .init(fault: fault)).map(\.rule)) == rules)
    }

    @Test("a loss that changes with every call")
    func counting() {
        #expect(checkMaskLoss(FaultyLoss.self, settings: .init(fault: .counts)).contains { $0.rule == "loss-repeats" })
    }

    @Test("the library's own losses pass")
    func own() {
        var near = HausdorffLoss.Settings()
        near.power = 1
        #expect(checkMaskLoss(CrossEntropyLoss.self) == [])
        #expect(checkMaskLoss(FocalLoss.self) == [])
        #expect(checkMaskLoss(LovaszLoss.self) == [])
        #expect(checkMaskLoss(TverskyLoss.self) == [])
        #expect(checkMaskLoss(SoftDiceLoss.self) == [])
        #expect(checkMaskLoss(BoundaryLoss.self) == [])
        #expect(checkMaskLoss(HausdorffLoss.self) == [])
        #expect(checkMaskLoss(HausdorffLoss.self, settings: near) == [])
    }
}

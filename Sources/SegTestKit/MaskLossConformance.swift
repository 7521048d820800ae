public import SegCore
public import SegLosses
import SegTensor

/// Checks that a loss of masks keeps the rules of ``SegLosses/MaskLoss``.
///
/// | rule | meaning |
/// |---|---|
/// | `has-name`, `has-summary`, `settings-…` | as in ``checkBackbone(_:settings:inputChannels:imageSize:)`` |
/// | `initializes` | `init` does not throw for these settings |
/// | `loss-is-scalar` | a loss is a single finite value, for lesions, empty masks, full ones and one image alone |
/// | `loss-repeats` | the same logits and targets have the same loss again, also in an instance that saw no other batch |
/// | `order-does-not-matter` | the loss is the same for the images in another order |
/// | `padding-does-not-count` | what stands where coverage is 0 changes neither the loss nor any gradient |
/// | `prefers-truth` | the true mask loses less than its opposite |
/// | `loss-of-extremes` | logits of ±40 have a finite loss with finite gradients, also without any lesion |
/// | `reads-logits` | a gradient reaches the logits |
/// | `parameters-are-shown` | no parameter takes part: a loss has nowhere to show one |
/// | `gradient-agrees` | gradients agree with differences of the values, within 3 % |
///
/// - Returns: The breaches, a few of each rule; empty for a loss that conforms.
public func checkMaskLoss<Plugin: MaskLoss>(
    _ plugin: Plugin.Type,
    settings: Plugin.Settings = Plugin.Settings()
) -> [ConformanceFailure] {
    var failures = checkDescription(name: Plugin.name, summary: Plugin.summary, settings: settings)
    do {
        let check = MaskLossCheck(loss: try Plugin(settings), twin: try Plugin(settings))
        let values = check.values()
        failures += values
        // The other rules compare values.
        guard values.isEmpty else { return failures.toldOnce() }
        failures += check.invariance() + check.extremes() + check.gradients()
    } catch {
        failures.append(ConformanceFailure("initializes", "\(error)"))
    }
    return failures.toldOnce()
}

private struct MaskLossCheck<Plugin: MaskLoss> {
    let loss: Plugin
    let twin: Plugin

    private let size = 12

    private var batch: Batch { Batch.phantom([.malignant, .benign, .normal], size: size, seed: 21) }

    /// Logits near the truth, with doubt.
    private func logits(_ batch: Batch) -> Tensor {
        var stream = RandomStream(seed: 22, "logits")
        return Tensor(batch.masks.values().map { 2 * $0 - 1 + 0.7 * stream.normal() }, shape: batch.masks.shape)
    }

    // MARK: Values

    func values() -> [ConformanceFailure] {
        var failures: [ConformanceFailure] = []
        func check(_ what: String, _ logits: Tensor, _ targets: Tensor, _ coverage: Tensor?) {
            let value = withoutGradients { loss(logits, targets, coverage: coverage) }
            guard value.shape.count != 1 || value.hasNonFiniteValues else { return }
            failures.append(ConformanceFailure("loss-is-scalar", "the loss of \(what) is \(value)"))
        }
        // First of all another batch than the twin sees first: a loss must not be shaped by what it saw.
        let first = Batch.phantom([.benign, .malignant], size: size, seed: 23)
        check("a first batch", logits(first), first.masks, first.coverage)
        let batch = batch
        let logits = logits(batch)
        check("a mixed batch", logits, batch.masks, batch.coverage)
        check("a batch without coverage", logits, batch.masks, nil)
        check("empty masks", logits, Tensor(repeating: 0, shape: logits.shape), batch.coverage)
        check("full masks", logits, Tensor(repeating: 1, shape: logits.shape), nil)
        check("one image", logits.selecting([0]), batch.masks.selecting([0]), nil)
        return failures
    }

    func invariance() -> [ConformanceFailure] {
        withoutGradients {
            var failures: [ConformanceFailure] = []
            let batch = batch
            let logits = logits(batch)
            let value = loss(logits, batch.masks, coverage: batch.coverage)
            func expect(_ holds: Bool, _ rule: String, _ detail: String) {
                if !holds { failures.append(ConformanceFailure(rule, "the loss is \(value), but \(detail)")) }
            }
            let again = loss(logits, batch.masks, coverage: batch.coverage)
            expect(sameBits(value, again), "loss-repeats", "\(again) the second time")
            let other = twin(logits, batch.masks, coverage: batch.coverage)
            expect(sameBits(value, other), "loss-repeats", "\(other) in an instance that saw no other batch before")
            let order = [2, 0, 1]
            let turned = loss(
                logits.selecting(order),
                batch.masks.selecting(order),
                coverage: batch.coverage.selecting(order)
            )
            expect(nearlyEqual(value, turned), "order-does-not-matter", "\(turned) for the images in another order")
            let padded = loss(
                logits * batch.coverage + 7 * (1 - batch.coverage),
                batch.masks,
                coverage: batch.coverage
            )
            expect(nearlyEqual(value, padded), "padding-does-not-count", "\(padded) with other logits in the padding")
            let right = loss(8 * batch.masks - 4, batch.masks, coverage: nil)
            let wrong = loss(4 - 8 * batch.masks, batch.masks, coverage: nil)
            if !(right.item < wrong.item) {
                failures.append(
                    ConformanceFailure("prefers-truth", "the truth loses \(right.item), its opposite \(wrong.item)")
                )
            }
            return failures
        }
    }

    func extremes() -> [ConformanceFailure] {
        var failures: [ConformanceFailure] = []
        let batch = batch
        for (what, targets) in [
            ("lesions", batch.masks), ("no lesion", Tensor(repeating: 0, shape: batch.masks.shape)),
        ] {
            for extreme in [Float(40), -40] {
                let logits = Parameter(Tensor(repeating: extreme, shape: targets.shape))
                let value = loss(logits.tensor, targets, coverage: batch.coverage)
                value.backward()
                if value.hasNonFiniteValues || logits.gradient?.hasNonFiniteValues == true {
                    failures.append(
                        ConformanceFailure(
                            "loss-of-extremes",
                            "logits of \(extreme) for \(what): the loss is \(value), or its gradient is not finite"
                        )
                    )
                }
            }
        }
        return failures
    }

    // MARK: Gradients

    func gradients() -> [ConformanceFailure] {
        let batch = batch
        let logits = Parameter(logits(batch))
        let value = loss(logits.tensor, batch.masks, coverage: batch.coverage)
        var failures: [ConformanceFailure] = []
        if value.recordedParameters.contains(where: { $0 !== logits }) {
            failures.append(
                ConformanceFailure(
                    "parameters-are-shown",
                    "a parameter takes part that would be neither trained nor saved"
                )
            )
        }
        value.backward()
        guard let gradient = logits.gradient else {
            return failures + [ConformanceFailure("reads-logits", "no gradient reaches the logits")]
        }
        let stray = zip(gradient.values(), batch.coverage.values()).contains { $1 == 0 && abs($0) > 1e-6 }
        if stray { failures.append(ConformanceFailure("padding-does-not-count", "a gradient reaches the padding")) }
        guard failures.isEmpty else { return failures }
        let check = LossGradientCheck { loss(logits.tensor, batch.masks, coverage: batch.coverage) }
        return check.alongDirections([("logits", logits)]) + check.atElements([("logits", logits)])
    }
}

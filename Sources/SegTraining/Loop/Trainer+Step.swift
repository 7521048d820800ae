import Foundation
import SegCore
import SegData
import SegSettings
import SegTensor

/// The samples of a step, for messages.
struct StepSamples {
    /// Of all batches.
    var identifiers: [String]
    /// Those that this rank computed.
    var batches: [Batch]

    /// Samples of the batches here whose images contain values that are not numbers.
    var damaged: [String] {
        batches.flatMap { batch in
            batch.identifiers.indices
                .filter { batch.images.sliced(0, $0..<$0 + 1).hasNonFiniteValues }
                .map { batch.identifiers[$0] }
        }
    }
}

extension Trainer {
    /// The learning rate of a step.
    ///
    /// - Throws: ``SegmentationError`` naming the schedule if the rate is below 0 or not finite.
    func rate(_ place: StepPlace, _ plan: RatePlan) throws -> Double {
        let label = "schedule `\(settings.schedule.name)`"
        let rate = PluginContext.with(label) { plugins.schedule.rate(at: place.number, of: plan) }
        guard rate >= 0, rate.isFinite else {
            throw SegmentationError(
                label,
                "its learning rate in \(place.name) is \(rate)",
                cure: "return a finite rate of 0 or more"
            )
        }
        return rate
    }

    /// Leaves the gradients of a batch beside those that the parameters hold.
    ///
    /// - Returns: the loss and its parts; `nil` if the batch says nothing about any task.
    func propagate(_ batch: Batch, _ place: StepPlace) throws -> (loss: Float, parts: [LossBreakdown.Part])? {
        let progress = TrainingProgress(
            epoch: Double(place.epoch) + Double(place.step) / Double(place.steps),
            epochs: settings.epochs
        )
        // Named by epoch and step, so that a resumed training drops the same.
        let phase = Phase.training(RandomStream(seed: seed, "network", .init(place.epoch), .init(place.step)))
        let buffers = model.buffers.map(\.buffer)
        let before = balancer == nil ? [] : buffers.map(\.values)
        let losses = Precision.with(settings.precision) {
            let outputs = model.outputs(for: batch.images, phase: phase)
            withoutGradients {
                for term in model.terms { PluginContext.with(term.label) { term.term.observe(outputs, batch) } }
            }
            return model.losses(outputs, batch, progress)
        }
        guard !losses.isEmpty else { return nil }
        let loss = losses.total.item
        guard loss.isFinite, losses.parts.allSatisfy(\.value.isFinite) else {
            let culprits = losses.parts.filter { !$0.value.isFinite }.map { "\($0.name) is \($0.value)" }
            let what = culprits.isEmpty ? "the loss is \(loss)" : "the loss of \(culprits.joined(separator: ", "))"
            throw diverged(what, StepSamples(identifiers: batch.identifiers, batches: [batch]), place)
        }
        if let balancer {
            let after = buffers.map(\.values)
            let stream = RandomStream(seed: seed, "balancing", .init(place.epoch), .init(place.step))
            try balancer.backward(losses, model, stream: stream) {
                // The same pass again: running statistics count each batch once, and terms read those of the first pass.
                for (buffer, values) in zip(buffers, before) { buffer.values = values }
                return Precision.with(settings.precision) {
                    let outputs = model.outputs(for: batch.images, phase: phase)
                    for (buffer, values) in zip(buffers, after) { buffer.values = values }
                    return model.losses(outputs, batch, progress)
                }
            }
        } else {
            losses.total.backward()
        }
        return (loss, losses.parts)
    }

    /// The norm of the mean gradient of the batches since the last step.
    func norm(_ batches: Int, _ samples: StepSamples, _ place: StepPlace) throws -> Double {
        let norm = optimizer.gradientNorm / Double(batches)
        guard norm.isFinite else {
            for parameter in optimizer.parameters { parameter.clearGradient() }
            throw diverged("the gradient's norm is \(norm)", samples, place)
        }
        return norm
    }

    /// The name under which errors in the optimizer's code are reported.
    var optimizerLabel: String { "optimizer `\(settings.optimizer.name)`" }

    /// One step of the optimizer. Returns the norm of its gradient before clipping.
    func move(
        _ rate: Double,
        _ samples: StepSamples,
        _ place: StepPlace,
        _ gathered: inout GatheredBatches
    ) throws -> Double {
        let norm = try norm(gathered.batches, samples, place)
        let clip = settings.gradientClip > 0 ? GradientClip.scale(norm, limit: settings.gradientClip) : 1
        let scale = clip / Double(gathered.batches)
        PluginContext.with(optimizerLabel) { optimizer.step(rate: rate, gradientScale: scale) }
        for parameter in optimizer.parameters { parameter.clearGradient() }
        gathered = GatheredBatches()
        if let average { average.add(model, step: place.updates(settings.accumulation * settings.replicas)) }
        guard
            type(of: optimizer).keepsValuesFinite || !optimizer.parameters.contains(where: \.value.hasNonFiniteValues)
        else {
            throw SegmentationError(
                optimizerLabel,
                "it leaves weights that are not numbers in \(place.name), of a gradient whose norm is \(norm)",
                cure: "keep its divisors away from 0, or lower learningRate (\(rate) now)"
            )
        }
        return norm
    }

    private func diverged(_ what: String, _ samples: StepSamples, _ place: StepPlace) -> SegmentationError {
        let damaged = samples.damaged
        if !damaged.isEmpty {
            return SegmentationError(
                place.name,
                "\(what), and the images of \(damaged.joined(separator: ", ")) hold values that are not numbers",
                cure: "correct or leave out these samples"
            )
        }
        let kept = checkpoint.map { ", and \($0.last.path) has the last good state" } ?? ""
        let clip =
            settings.gradientClip > 0 ? "lower gradientClip (\(settings.gradientClip) now)" : "set gradientClip to 1"
        return SegmentationError(
            place.name,
            "\(what) on the samples \(samples.identifiers.joined(separator: ", "))\(kept)",
            cure: "lower learningRate (\(settings.learningRate) now) or \(clip)"
        )
    }
}

import Foundation
import SegCore
import SegData
import SegSettings
import SegTensor

extension Trainer {
    /// Where a step stands, counted from 0.
    struct StepPlace {
        var epoch: Int
        var step: Int
        var steps: Int

        /// Of all epochs, counted from 0.
        var number: Int { epoch * steps + step }

        /// Steps of the optimizer up to this one, if each takes so many batches and the last of an epoch what is left.
        func updates(_ accumulation: Int) -> Int {
            epoch * ((steps + accumulation - 1) / accumulation) + step / accumulation + 1
        }

        var name: String { "epoch \(epoch + 1), step \(step + 1) of \(steps)" }
    }

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

    /// The losses and gradients of a batch, and a step of the optimizer with the last batch of each step; `nil` if the batch
    /// says nothing about any task.
    ///
    /// - Parameter accumulated: batches whose gradients the parameters hold.
    func step(
        _ batch: Batch,
        _ rate: Double,
        _ place: StepPlace,
        _ accumulated: inout Int
    ) throws -> StepReport? {
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
        let isLast = place.step + 1 == place.steps
        guard !losses.isEmpty else {
            if isLast, accumulated > 0 { _ = try move(rate, batch, place, &accumulated) }
            return nil
        }
        let loss = losses.total.item
        guard loss.isFinite, losses.parts.allSatisfy(\.value.isFinite) else {
            let culprits = losses.parts.filter { !$0.value.isFinite }.map { "\($0.name) is \($0.value)" }
            let what = culprits.isEmpty ? "the loss is \(loss)" : "the loss of \(culprits.joined(separator: ", "))"
            throw diverged(what, batch, place)
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
        accumulated += 1
        let isStep = isLast || accumulated == settings.accumulation
        let norm = isStep ? try move(rate, batch, place, &accumulated) : try norm(accumulated, batch, place)
        return StepReport(
            epoch: place.epoch + 1,
            step: place.step + 1,
            imageCount: batch.count,
            loss: loss,
            parts: losses.parts,
            gradientNorm: norm,
            learningRate: rate
        )
    }

    /// The norm of the mean gradient of the batches since the last step.
    private func norm(_ accumulated: Int, _ batch: Batch, _ place: StepPlace) throws -> Double {
        let norm = optimizer.gradientNorm / Double(accumulated)
        guard norm.isFinite else {
            for parameter in optimizer.parameters { parameter.clearGradient() }
            throw diverged("the gradient's norm is \(norm)", batch, place)
        }
        return norm
    }

    /// One step of the optimizer. Returns the norm of its gradient before clipping.
    private func move(_ rate: Double, _ batch: Batch, _ place: StepPlace, _ accumulated: inout Int) throws -> Double {
        let norm = try norm(accumulated, batch, place)
        let clip = settings.gradientClip > 0 ? GradientClip.scale(norm, limit: settings.gradientClip) : 1
        let label = "optimizer `\(settings.optimizer.name)`"
        PluginContext.with(label) { optimizer.step(rate: rate, gradientScale: clip / Double(accumulated)) }
        for parameter in optimizer.parameters { parameter.clearGradient() }
        accumulated = 0
        if let average { average.add(model, step: place.updates(settings.accumulation)) }
        guard
            type(of: optimizer).keepsValuesFinite || !optimizer.parameters.contains(where: \.value.hasNonFiniteValues)
        else {
            throw SegmentationError(
                label,
                "it leaves weights that are not numbers in \(place.name), of a gradient whose norm is \(norm)",
                cure: "keep its divisors away from 0, or lower learningRate (\(rate) now)"
            )
        }
        return norm
    }

    private func diverged(_ what: String, _ batch: Batch, _ place: StepPlace) -> SegmentationError {
        let damaged = batch.identifiers.indices.filter { batch.images.sliced(0, $0..<$0 + 1).hasNonFiniteValues }
        if !damaged.isEmpty {
            let names = damaged.map { batch.identifiers[$0] }.joined(separator: ", ")
            return SegmentationError(
                place.name,
                "\(what), and the images of \(names) hold values that are not numbers",
                cure: "correct or leave out these samples"
            )
        }
        let kept = checkpoint.map { ", and \($0.last.path) has the last good state" } ?? ""
        let clip =
            settings.gradientClip > 0 ? "lower gradientClip (\(settings.gradientClip) now)" : "set gradientClip to 1"
        return SegmentationError(
            place.name,
            "\(what) on the samples \(batch.identifiers.joined(separator: ", "))\(kept)",
            cure: "lower learningRate (\(settings.learningRate) now) or \(clip)"
        )
    }
}

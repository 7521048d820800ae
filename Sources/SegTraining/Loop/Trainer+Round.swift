import SegCore
import SegData
import SegReplicas
import SegTensor

extension Trainer {
    /// The losses and gradients of a round's batches, and a step of the optimizer with the last round of each step.
    ///
    /// The gradients are added in the order of the batches, and each buffer becomes the mean of what the batches left in it,
    /// whichever ranks computed them.
    ///
    /// - Parameters:
    ///   - gathered: what the parameters hold.
    ///   - isCancelled: whether this rank is to stop instead.
    ///   - next: the batches that this rank computes, one after the other.
    /// - Returns: `nil` if a rank stopped; everything is then as it was before.
    func round(
        _ round: Round,
        _ rate: Double,
        _ gathered: inout GatheredBatches,
        isCancelled: Bool = false,
        _ next: () throws -> Batch
    ) throws -> RoundReport? {
        let isShared = !group.isAlone
        let buffers = round.places.count > 1 || isShared ? model.buffers.map(\.buffer) : []
        let start = buffers.map(\.values)
        let held = isShared ? takeGradient() : nil
        var message = RoundMessage(isCancelled: isCancelled)
        var batches: [Batch] = []
        var results: [[[Float]]] = []
        var gradients: [PartedGradient] = []
        for place in isCancelled ? [] : round.places(of: group) {
            for (buffer, values) in zip(buffers, start) { buffer.values = values }
            let batch = try next()
            let losses = try propagate(batch, place)
            batches.append(batch)
            results.append(buffers.map(\.values))
            if isShared { gradients.append(takeGradient()) }
            message.batches.append(
                RoundMessage.Batch(
                    identifiers: batch.identifiers,
                    loss: losses?.loss,
                    parts: losses?.parts ?? [],
                    isPresent: isShared ? gradients[gradients.count - 1].isPresent : []
                )
            )
        }
        let messages = try group.hear(message)
        guard !messages.contains(where: \.isCancelled) else {
            for (buffer, values) in zip(buffers, start) { buffer.values = values }
            return nil
        }
        let told = round.places.indices.map { messages[$0 % group.count].batches[$0 / group.count] }
        if let held {
            put(
                try group.sum(
                    held,
                    adding: gradients,
                    presence: told.map(\.isPresent),
                    lengths: model.parameters.map(\.parameter.shape.count)
                )
            )
        }
        try meet(buffers, results, batches: round.places.count)
        return try report(round, rate, told, batches, &gathered)
    }

    /// Leaves in each buffer the mean of what the batches left there.
    ///
    /// - Parameters:
    ///   - own: of each batch that this rank computed, the values of each buffer.
    ///   - batches: of the round.
    private func meet(_ buffers: [ModuleBuffer], _ own: [[[Float]]], batches: Int) throws {
        guard !buffers.isEmpty else { return }
        let lengths = buffers.map(\.values.count)
        let total = lengths.reduce(0, +)
        let all = try group.gathered(own.flatMap { $0.flatMap(\.self) })
        let mean = meanInOrder(
            (0..<batches).map { batch in
                let first = batch / group.count * total
                return Array(all[batch % group.count][first..<first + total])
            }
        )
        var first = 0
        for (buffer, length) in zip(buffers, lengths) {
            buffer.values = Array(mean[first..<first + length])
            first += length
        }
    }

    /// Steps if it is time to, and says what came of each batch.
    private func report(
        _ round: Round,
        _ rate: Double,
        _ told: [RoundMessage.Batch],
        _ batches: [Batch],
        _ gathered: inout GatheredBatches
    ) throws -> RoundReport {
        let speaking = told.count { $0.loss != nil }
        gathered.batches += speaking
        gathered.rounds += speaking > 0 ? 1 : 0
        let samples = StepSamples(identifiers: told.flatMap(\.identifiers), batches: batches)
        let isStep = round.isEndOfEpoch || speaking > 0 && gathered.rounds == settings.accumulation
        var norm = 0.0
        if isStep, gathered.batches > 0 {
            norm = try move(rate, samples, round.last, &gathered)
        } else if speaking > 0 {
            norm = try self.norm(gathered.batches, samples, round.last)
        }
        return RoundReport(
            images: told.reduce(0) { $0 + $1.identifiers.count },
            steps: zip(round.places, told).map { place, batch in
                batch.loss.map { loss in
                    StepReport(
                        epoch: place.epoch + 1,
                        step: place.step + 1,
                        imageCount: batch.identifiers.count,
                        loss: loss,
                        parts: batch.parts,
                        gradientNorm: norm,
                        learningRate: rate
                    )
                }
            }
        )
    }

    /// Takes the gradients from the parameters.
    private func takeGradient() -> PartedGradient {
        let parameters = model.parameters.map(\.parameter)
        var values: [Float] = []
        values.reserveCapacity(parameters.reduce(0) { $0 + $1.shape.count })
        for parameter in parameters {
            if let gradient = parameter.gradient {
                gradient.withValues { values.append(contentsOf: $0) }
            } else {
                values.append(contentsOf: repeatElement(0, count: parameter.shape.count))
            }
        }
        defer {
            for parameter in parameters { parameter.clearGradient() }
        }
        return PartedGradient(values: values, isPresent: parameters.map { $0.gradient != nil })
    }

    /// Leaves gradients on the parameters, which have none.
    private func put(_ gradient: PartedGradient) {
        var first = 0
        for (parameter, isPresent) in zip(model.parameters.map(\.parameter), gradient.isPresent) {
            let range = first..<first + parameter.shape.count
            first = range.upperBound
            guard isPresent else { continue }
            parameter.tensor.backward(from: Tensor(Array(gradient.values[range]), shape: parameter.shape))
        }
    }
}

import SegTensor

/// The gradients of all parameters, one after the other, and which of them there are.
///
/// A parameter that a batch says nothing about has no gradient, which is not the same as one of 0: an optimizer leaves it alone.
package struct PartedGradient: Sendable {
    /// Row-major, in the order of the parameters; 0 where there is none.
    package var values: [Float]
    /// Of each parameter.
    package var isPresent: [Bool]

    package init(values: [Float], isPresent: [Bool]) {
        self.values = values
        self.isPresent = isPresent
    }
}

extension TrainingGroup {
    /// Adds the gradients of a round's batches, in their order, to what is held of earlier ones, as one process does that
    /// propagates one batch after the other: the same bits, for any number of ranks.
    ///
    /// Each rank sums a piece of all gradients and gives it to the others. So a rank sends its own batches' gradients and about
    /// one sum, however many ranks there are. Follows a message in which no rank failed.
    ///
    /// - Parameters:
    ///   - held: the sum so far, the same on all ranks.
    ///   - own: of the batches that this rank computed, in their order.
    ///   - presence: of each batch of the round, in their order, which parameters it has a gradient of; batch `b` is that of
    ///     rank `b % count`.
    ///   - lengths: values of each parameter.
    package func sum(
        _ held: PartedGradient,
        adding own: [PartedGradient],
        presence: [[Bool]],
        lengths: [Int]
    ) throws -> PartedGradient {
        try Profiler.span("summing over ranks") { try summed(held, own, presence, lengths) }
    }

    private func summed(
        _ held: PartedGradient,
        _ own: [PartedGradient],
        _ presence: [[Bool]],
        _ lengths: [Int]
    ) throws -> PartedGradient {
        let total = held.values.count
        let pieces = (0..<count).map { total * $0 / count..<total * ($0 + 1) / count }
        let addends = try exchange(pieces.map { piece in own.flatMap { $0.values[piece] } })
        let piece = pieces[rank]
        var sum = Array(held.values[piece])
        var isPresent = held.isPresent
        for (batch, parameters) in presence.enumerated() {
            let first = batch / count * piece.count
            var start = 0
            for (parameter, length) in lengths.enumerated() {
                let range = (start..<start + length).clamped(to: piece)
                start += length
                guard parameters[parameter], !range.isEmpty else { continue }
                let places = range.lowerBound - piece.lowerBound..<range.upperBound - piece.lowerBound
                let isFirst = !isPresent[parameter]
                addends[batch % count].withUnsafeBufferPointer { addend in
                    sum.withUnsafeMutableBufferPointer { sum in
                        for place in places {
                            // The first is not added to 0, which would turn −0 into 0.
                            sum[place] = isFirst ? addend[first + place] : sum[place] + addend[first + place]
                        }
                    }
                }
            }
            for parameter in parameters.indices where parameters[parameter] { isPresent[parameter] = true }
        }
        return PartedGradient(values: try gathered(sum).flatMap(\.self), isPresent: isPresent)
    }
}

/// The mean of equally many values of each batch, in the order of the batches and in double precision.
///
/// - Formula: `v₀ + Σ (vᵢ − v₀) / n`, so that what is the same for all stays the same to the bit.
package func meanInOrder(_ batches: [[Float]]) -> [Float] {
    guard let first = batches.first, batches.count > 1 else { return batches.first ?? [] }
    return first.indices.map { place in
        let start = Double(first[place])
        let sum = batches.dropFirst().reduce(0) { $0 + (Double($1[place]) - start) }
        // What is the same for all stays so, −0 included.
        return sum == 0 ? first[place] : Float(start + sum / Double(batches.count))
    }
}

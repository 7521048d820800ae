import SegCore
import SegData
import SegTensor

extension Trainer {
    /// The probe of the settings; `nil` where interference is not measured, or fewer than two heads are trained.
    ///
    /// Its batches are those of the first steps of the first epoch, augmentation included: what the model trains on. A
    /// batch is made from nothing but seed, epoch and samples, so making them again takes no random number from
    /// training, and a resumed run makes the same ones.
    func interferenceProbe(_ maker: BatchMaker, _ sampler: BatchSampler) throws -> InterferenceProbe? {
        let settings = settings.diagnostics.interference
        guard settings.every > 0, model.heads.count(where: { $0.weight > 0 }) > 1 else { return nil }
        return InterferenceProbe(
            batches: try sampler.batches(epoch: 0).prefix(settings.batches).map { try maker.batch($0, epoch: 0) }
        )
    }

    /// What the terms and the balancing of tasks have learned so far; `nil` where there is nothing.
    func learnedValues() -> [String: Double]? {
        // A value that is not finite cannot be written into a checkpoint.
        let balanced =
            balancer.map { balancer in
                PluginContext.with(balancer.label) {
                    balancer.balancing.learnedValues().map { ("balancing.\($0.name)", $0.value) }
                }
            } ?? []
        let values = (model.learnedValues.map { ($0.name, Double($0.value)) } + balanced).filter(\.1.isFinite)
        return values.isEmpty ? nil : Dictionary(values) { first, _ in first }
    }
}

/// Means of losses over images, from those of batches.
struct LossMeans {
    private var sums: [String: (sum: Double, images: Int)] = [:]

    mutating func add(_ losses: LossBreakdown, images: Int) {
        guard !losses.isEmpty else { return }
        for part in losses.parts { add(part.name, Double(part.contribution), images) }
        add("total", Double(losses.total.item), images)
    }

    private mutating func add(_ name: String, _ value: Double, _ images: Int) {
        // A value that is not finite cannot be written into a checkpoint.
        guard value.isFinite else { return }
        let old = sums[name] ?? (0, 0)
        sums[name] = (old.sum + value * Double(images), old.images + images)
    }

    /// `nil` if no batch had a loss.
    var means: [String: Double]? { sums.isEmpty ? nil : sums.mapValues { $0.sum / Double($0.images) } }
}

import SegCore
import SegReplicas

/// Batches of a step of the optimizer that are computed side by side: each from the weights, running statistics and other
/// buffers that stood at the beginning.
struct Round {
    /// Of the batches, in their order.
    let places: [StepPlace]

    /// - Parameters:
    ///   - epoch: counted from 0.
    ///   - step: the first batch's, counted from 0 in its epoch.
    ///   - steps: batches of an epoch; its last round takes those that are left.
    init(epoch: Int, step: Int, steps: Int, replicas: Int) {
        places = (step..<min(step + replicas, steps)).map { StepPlace(epoch: epoch, step: $0, steps: steps) }
    }

    /// Where the optimizer steps, if it does after this round.
    var last: StepPlace { places[places.count - 1] }

    var isEndOfEpoch: Bool { last.step + 1 == last.steps }

    /// The places of the batches that a rank computes.
    func places(of group: TrainingGroup) -> [StepPlace] { places.filter { group.computes(batch: $0.step) } }
}

/// Where a batch stands, counted from 0.
struct StepPlace {
    var epoch: Int
    var step: Int
    var steps: Int

    /// Of all epochs, counted from 0.
    var number: Int { epoch * steps + step }

    /// Steps of the optimizer up to this one, if each takes so many batches and the last of an epoch what is left.
    func updates(_ batches: Int) -> Int {
        epoch * ((steps + batches - 1) / batches) + step / batches + 1
    }

    var name: String { "epoch \(epoch + 1), step \(step + 1) of \(steps)" }
}

/// What the parameters hold since the last step of the optimizer.
struct GatheredBatches {
    /// Rounds with a batch that says something.
    var rounds = 0
    /// Batches that say something.
    var batches = 0
}

/// What a rank says of the batches of a round that it computed.
struct RoundMessage: Codable {
    struct Batch: Codable {
        var identifiers: [String]
        /// The loss; `nil` if the batch says nothing about any task.
        var loss: Float?
        /// The parts of the loss.
        var parts: [LossBreakdown.Part]
        /// Of each parameter, whether it has a gradient; empty where one process has all batches.
        var isPresent: [Bool]
    }

    /// Whether a signal stopped it before it began.
    var isCancelled: Bool
    /// In their order.
    var batches: [Batch] = []
}

/// What came of a round.
struct RoundReport {
    /// Images of all batches.
    var images: Int
    /// Of each batch, in their order; `nil` for one that says nothing about any task.
    var steps: [StepReport?]
}

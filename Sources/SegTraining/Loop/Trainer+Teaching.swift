import SegCore

extension Trainer {
    /// Throws if a head with a weight had no loss in the whole first epoch: nothing in the training set says anything
    /// about its task, so it would be evaluated as it was initialized.
    ///
    /// Terms may wait: one that is warmed up may have nothing to say in the first epoch.
    func requireTaughtHeads(_ first: EpochHistory) throws {
        for head in model.heads where head.weight > 0 && first.losses[head.name] == nil {
            throw SegmentationError(
                "heads.\(head.name)",
                "none of the \(training.count) training images has what the head learns from: it had no loss in the first "
                    + "epoch",
                cure: "train on a data set that has it, or turn the head off"
            )
        }
    }
}

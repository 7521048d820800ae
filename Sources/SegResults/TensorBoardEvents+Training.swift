package import SegInterop

extension TensorBoardEvents {
    /// A training's curves, one step an epoch: losses by task in training and validation, validation scores, the learning
    /// rate, what terms have learned, and how the tasks' gradients agree in the epochs that measured it.
    ///
    /// - Units: `start` is seconds since 1970, `seconds` the training's wall time. Epochs share it evenly, for a record
    ///   keeps no time of its own: read the curves over their steps.
    package init(_ training: TrainingRecord, start: Double, seconds: Double) {
        self.init(wallTime: start)
        for (index, epoch) in training.epochs.enumerated() {
            var scalars = epoch.losses.sorted { $0.key < $1.key }.map { Scalar("loss/\($0.key)", $0.value) }
            if let dice = epoch.validationDice { scalars.append(Scalar("validation/dice", dice)) }
            if let area = epoch.validationAUROC { scalars.append(Scalar("validation/auroc", area)) }
            if let rate = epoch.learningRate { scalars.append(Scalar("learning_rate", rate)) }
            scalars += epoch.diagnostics.map { Scalar($0.tag, $0.value) }
            let share = Double(index + 1) / Double(training.epochs.count)
            append(scalars, step: epoch.epoch, wallTime: start + seconds * share)
        }
    }
}

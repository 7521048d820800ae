public import SegTensor

/// A loss that ties the tasks of a model to each other.
///
/// The term of arXiv 2511.15968 asks the predicted malignancy to agree with a prior computed from the shape of the
/// predicted mask.
///
/// Conformance is checked by `SegTestKit`'s `checkConsistencyTerm(_:)`.
public protocol ConsistencyTerm: Module {
    /// What a configuration can set. A plain struct; every property needs a default value.
    associatedtype Settings: PluginSettings

    /// The name in configurations, checkpoints and loss curves: `birads`.
    static var name: String { get }

    /// One line for `segkit plugins`.
    static var summary: String { get }

    init(_ settings: Settings) throws

    /// Learns frozen statistics from the training set's true masks, once, before training. Default: nothing.
    ///
    /// Never sees validation or external data.
    func prepare(_ trainingBatches: [Batch]) throws

    /// The same, for a term that can take the batches one after the other: each is made when its turn comes, in every pass anew,
    /// so that memory does not grow with the training set. This is what trainings call. Default: ``prepare(_:)`` with
    /// all batches at once.
    func prepare(streaming trainingBatches: some Sequence<Batch>) throws

    /// Learns statistics from the predictions of a training step, once in each step and before its penalty. Default:
    /// nothing.
    ///
    /// Not called where a model is evaluated: what it says of an image must not depend on the images before. What is
    /// learned belongs into buffers, so that checkpoints carry it.
    func observe(_ outputs: Outputs, _ batch: Batch)

    /// The disagreement of the predictions with each other, a scalar; `nil` if it does not apply to this batch.
    ///
    /// - Parameter progress: how far training is, for terms that are warmed up.
    func penalty(_ outputs: Outputs, _ batch: Batch, _ progress: TrainingProgress) -> Tensor?

    /// Numbers worth reporting for each image of a batch, by name: feature values, the prior. Default: none.
    func report(_ outputs: Outputs, _ batch: Batch) -> [(name: String, values: [Float])]

    /// Single numbers that the term has learned so far, by name, for curves over the epochs: the weights of a prior.
    /// Default: none.
    ///
    /// As they act, not as they are stored: a weight that passes through a softplus is reported after it.
    func learnedValues() -> [(name: String, value: Float)]

    /// How the term fares on the validation part, at the end of each epoch. Default: nothing.
    ///
    /// - Parameters:
    ///   - cases: the images that show or may show a lesion, with what ``report(_:_:)`` said of them.
    ///   - progress: how far training is. Early on nothing has been learned, and little of it is a fault.
    func diagnosis(_ cases: [TermCase], _ progress: TrainingProgress) -> TermDiagnosis
}

extension ConsistencyTerm {
    public func prepare(_ trainingBatches: [Batch]) throws {}

    public func prepare(streaming trainingBatches: some Sequence<Batch>) throws { try prepare(Array(trainingBatches)) }

    public func observe(_ outputs: Outputs, _ batch: Batch) {}

    public func report(_ outputs: Outputs, _ batch: Batch) -> [(name: String, values: [Float])] { [] }

    public func learnedValues() -> [(name: String, value: Float)] { [] }

    public func diagnosis(_ cases: [TermCase], _ progress: TrainingProgress) -> TermDiagnosis { TermDiagnosis() }
}

/// How far training is.
public struct TrainingProgress: Hashable, Sendable {
    /// Epochs completed, with the fraction of the one under way: 2.5 is the middle of the third epoch.
    public var epoch: Double
    /// Epochs in all.
    public var epochs: Int

    public init(epoch: Double, epochs: Int) {
        self.epoch = epoch
        self.epochs = epochs
    }

    /// Rises from 0 to 1 over the first `length` epochs, then stays: the factor of a term that is warmed up.
    public func warmUp(over length: Double) -> Float {
        length <= 0 ? 1 : Float(min(1, max(0, epoch / length)))
    }
}

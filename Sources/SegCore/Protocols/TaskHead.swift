public import SegTensor

/// One task of a multi-task model: predicts from features, and says how wrong it was.
public protocol TaskHead: Module {
    /// What a configuration can set. A plain struct; every property needs a default value.
    associatedtype Settings: PluginSettings

    /// The name in configurations, checkpoints and loss curves: `segmentation`.
    static var name: String { get }

    /// One line for `segkit plugins`.
    static var summary: String { get }

    /// A head with freshly initialized weights, sized to a backbone.
    init(_ settings: Settings, backbone: PyramidOutline, initializer: inout WeightInitializer) throws

    /// Adds this head's predictions to `outputs`.
    func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs)

    /// The task's loss, a scalar; `nil` if the batch says nothing about the task.
    func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor?

    /// What the head says about each image of a batch in numbers, classes or maps, for results, report and predictions, with
    /// the truth where the batch's records state it. Default: nothing.
    ///
    /// The lesion's mask and the probability of malignancy are known without it.
    func report(_ outputs: Outputs, _ batch: Batch) -> [CaseReport]

    /// Predictions of other heads that ``predict(_:phase:into:)`` reads. The heads that make them predict before this one, in
    /// whatever order a configuration names them. Default: none.
    var reads: Set<Outputs.Key> { get }

    /// What ``predict(_:phase:into:)`` adds in training and inference alike, for other heads to read. Default: nothing is
    /// stated, and heads that read what nobody states predict after this one.
    var provides: Set<Outputs.Key> { get }

    /// The finest of ``FeaturePyramid/levels`` whose values ``predict(_:phase:into:)`` reads at inference, 0 for
    /// ``FeaturePyramid/dense`` too; `nil` for a head that reads none of them. What no head of a model reads, a decoder may
    /// leave out. Default: 0.
    var finestLevel: Int? { get }
}

extension TaskHead {
    public func report(_ outputs: Outputs, _ batch: Batch) -> [CaseReport] { [] }
    public var reads: Set<Outputs.Key> { [] }
    public var provides: Set<Outputs.Key> { [] }
    public var finestLevel: Int? { 0 }
}

/// What the heads of a model predict for a batch, by name.
public struct Outputs {
    /// Names a prediction. The well-known ones are ``lesion`` and ``malignancy``; a head may define its own.
    public struct Key: Hashable, Sendable, ExpressibleByStringLiteral {
        public let name: String

        public init(stringLiteral name: String) { self.name = name }

        /// Logits of the lesion, `[batch, 1, height, width]`.
        public static let lesion: Key = "lesion"

        /// Logits of malignancy, `[batch]`.
        public static let malignancy: Key = "malignancy"
    }

    private var tensors: [Key: Tensor] = [:]

    /// Notes what is asked for and missing, to say why a head or a term does not apply.
    package var misses: Misses?

    public init() {}

    /// Names of predictions that somebody wanted and no head made.
    package final class Misses {
        package private(set) var keys: Set<Key> = []

        package init() {}

        func note(_ key: Key) { keys.insert(key) }
    }

    /// A prediction, `nil` if no head made it.
    public subscript(key: Key) -> Tensor? {
        get {
            let tensor = tensors[key]
            if tensor == nil { misses?.note(key) }
            return tensor
        }
        set { tensors[key] = newValue }
    }

    /// The names of all predictions, sorted.
    public var keys: [Key] { tensors.keys.sorted { $0.name < $1.name } }

    /// The probability of lesion at each pixel, `[batch, 1, height, width]`: the soft mask.
    public var lesionProbability: Tensor? { self[.lesion]?.sigmoid() }

    /// The probability of malignancy, `[batch]`.
    public var malignancyProbability: Tensor? { self[.malignancy]?.sigmoid() }
}

public import SegCore

/// Decides at every step how much each task's gradient counts.
///
/// A task is a head or a consistency term whose loss has a weight above 0; its loss and gradient have that weight. Each
/// task's gradient gets two factors: one for the parameters that at least two heads depend on, one for all others.
/// Whatever is a linear combination of the tasks' gradients can be said so: weights that are learned, and conflicts that are
/// projected away.
public protocol TaskBalancing: AnyObject, SendableMetatype {
    /// What a configuration can set. A plain struct; every property needs a default value, and
    /// ``SegCore/PluginSettings/validate()`` refuses what is out of range.
    associatedtype Settings: PluginSettings

    /// The name in configurations and checkpoints: `pcgrad`.
    static var name: String { get }

    /// One line for `segkit plugins`.
    static var summary: String { get }

    /// - Parameter tasks: the names of all tasks, heads first.
    init(_ settings: Settings, tasks: [String])

    /// Whether losses are summed with the weights of the configuration, so that ``factors(_:)`` need not be asked. Default:
    /// `false`.
    static var keepsWeights: Bool { get }

    /// Whether ``factors(_:)`` looks at ``BalancingStep/products``, for which each task is propagated on its own: a step
    /// then takes as long as one step for each task. Where it does not, all tasks are propagated at once, and
    /// ``TaskFactor/own`` applies to all parameters.
    var readsGradients: Bool { get }

    /// The factors of the step's tasks, in their order. Called once for each batch; state that learns, learns here.
    func factors(_ step: BalancingStep) -> [TaskFactor]

    /// All that a resumed training needs, by name: finite numbers, with the same names and counts from the beginning on.
    /// Default: nothing.
    var state: [String: [Double]] { get }

    /// Puts back what ``state`` was. Default: does nothing.
    func restore(_ state: [String: [Double]])

    /// Single numbers that were learned so far, for history and report. Default: none.
    func learnedValues() -> [(name: String, value: Double)]
}

extension TaskBalancing {
    public static var keepsWeights: Bool { false }
    public var readsGradients: Bool { false }
    public var state: [String: [Double]] { [:] }
    public func restore(_ state: [String: [Double]]) {}
    public func learnedValues() -> [(name: String, value: Double)] { [] }
}

/// What a step knows of its tasks: those that its batch says something about.
public struct BalancingStep: Sendable {
    /// Their places among all tasks.
    public var tasks: [Int]
    /// Their losses, weight included.
    public var losses: [Double]
    /// The inner products of their gradients on the shared parameters, row by row; empty unless asked for.
    public var products: [[Double]]
    /// Chance, the same whenever the step is made again.
    public var stream: RandomStream

    public init(tasks: [Int], losses: [Double], products: [[Double]] = [], stream: RandomStream) {
        self.tasks = tasks
        self.losses = losses
        self.products = products
        self.stream = stream
    }
}

/// What a task's gradient is multiplied by.
public struct TaskFactor: Hashable, Sendable {
    /// On the parameters that the losses of at least two heads depend on, in this batch.
    public var shared: Double
    /// On all others.
    public var own: Double

    public init(shared: Double, own: Double) {
        self.shared = shared
        self.own = own
    }

    /// The same on all parameters.
    public init(_ both: Double) { self.init(shared: both, own: both) }
}

/// The study's weights and nothing else.
public final class FixedWeights: TaskBalancing {
    public static let name = "fixed"
    public static let summary = "The weights of the study only"
    public static let keepsWeights = true
    public init(_ settings: NoSettings = NoSettings(), tasks: [String]) {}
    public func factors(_ step: BalancingStep) -> [TaskFactor] { step.tasks.map { _ in TaskFactor(1) } }
}

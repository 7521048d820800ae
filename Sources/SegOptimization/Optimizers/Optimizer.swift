public import SegCore
public import SegTensor

/// Moves the parameters of a model along their gradients.
///
/// ```swift
/// final class SignDescent: Optimizer {
///     static let name = "sign-descent"
///     static let summary = "One step of fixed length against the sign of each gradient"
///     let parameters: [Parameter]
///     init(_ settings: NoSettings, parameters: [Parameter], weightDecay: Double) { self.parameters = parameters }
///
///     func step(rate: Double, gradientScale: Double) {
///         for parameter in parameters {
///             guard let gradient = parameter.gradient else { continue }
///             let signs = Tensor(gradient.values().map { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }, shape: gradient.shape)
///             parameter.value = parameter.value - signs * Float(rate)
///         }
///     }
/// }
/// ```
public protocol Optimizer: AnyObject, SendableMetatype {
    /// What a configuration can set. A plain struct; every property needs a default value, and
    /// ``SegCore/PluginSettings/validate()`` refuses what is out of range.
    associatedtype Settings: PluginSettings

    /// The name in configurations and checkpoints: `adamw`.
    static var name: String { get }

    /// One line for `segkit plugins`.
    static var summary: String { get }

    /// - Parameter weightDecay: `training.weightDecay`; spares parameters whose ``SegTensor/Parameter/decays`` is off.
    init(_ settings: Settings, parameters: [Parameter], weightDecay: Double)

    /// What it moves, in the order of its state.
    var parameters: [Parameter] { get }

    /// Whether finite gradients always leave finite values, so that the trainer need not look for others. Default: `false`.
    static var keepsValuesFinite: Bool { get }

    /// Moves every parameter that has a gradient. The trainer clears gradients afterwards.
    ///
    /// - Parameters:
    ///   - rate: the learning rate of this step.
    ///   - gradientScale: multiplies all gradients first: below 1 where they are clipped or accumulated.
    func step(rate: Double, gradientScale: Double)

    /// All that a resumed training needs, as it is now; the same slots and sizes from the beginning on, all values finite.
    /// Default: nothing.
    var state: OptimizerState { get }

    /// Puts back what ``state`` was, with the same slots and sizes. Default: does nothing.
    func restore(_ state: OptimizerState)
}

extension Optimizer {
    public static var keepsValuesFinite: Bool { false }
    public var state: OptimizerState { OptimizerState() }
    public func restore(_ state: OptimizerState) {}

    /// The Euclidean norm of all gradients together; not finite where one of them is not.
    public var gradientNorm: Double {
        parameters.reduce(0) { $0 + $1.gradientSumOfSquares }.squareRoot()
    }
}

/// What an optimizer keeps from step to step.
public struct OptimizerState: Hashable, Sendable {
    /// Values of the size of each parameter, under a name.
    public struct Slot: Hashable, Sendable {
        /// The name in checkpoints: `first`.
        public var name: String
        /// Row-major, in the order of the parameters.
        public var values: [[Float]]

        public init(_ name: String, _ values: [[Float]]) {
            self.name = name
            self.values = values
        }
    }

    /// The slots; may be none.
    public var slots: [Slot]
    /// Steps that each parameter took; empty for an optimizer that does not count.
    public var steps: [Int]

    public init(slots: [Slot] = [], steps: [Int] = []) {
        self.slots = slots
        self.steps = steps
    }
}

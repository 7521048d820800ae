public import SegTensor

/// Something with parameters: a layer, a backbone, a head, a consistency term.
///
/// Parameters are found by an explicit visitor, under paths that stay the same from version to version, so that
/// checkpoints can be read years later.
public protocol Module: AnyObject, SendableMetatype {
    /// Shows the visitor every parameter, every buffer and every part, each under its name.
    ///
    /// ```swift
    /// func visit(_ visitor: inout ModuleVisitor) {
    ///     visitor.part("convolution", convolution)
    ///     visitor.parameter("scale", scale)
    /// }
    /// ```
    func visit(_ visitor: inout ModuleVisitor)
}

extension Module {
    /// A module without parameters shows nothing.
    public func visit(_ visitor: inout ModuleVisitor) {}

    /// Every parameter with its path, in the order of the visit.
    public var parameters: [(path: String, parameter: Parameter)] {
        var visitor = ModuleVisitor()
        visit(&visitor)
        return visitor.parameters
    }

    /// What the learning rate of each of ``parameters`` is multiplied by, in their order.
    public var learningRateFactors: [Double] {
        var visitor = ModuleVisitor()
        visit(&visitor)
        return visitor.learningRateFactors
    }

    /// Every buffer with its path: state that is saved but not trained, such as running means.
    public var buffers: [(path: String, buffer: ModuleBuffer)] {
        var visitor = ModuleVisitor()
        visit(&visitor)
        return visitor.buffers
    }
}

/// Collects what a ``Module`` shows, with paths like `encoder.2.convolution.weight`.
public struct ModuleVisitor {
    /// What was shown so far.
    public private(set) var parameters: [(path: String, parameter: Parameter)] = []
    /// What was shown so far.
    public private(set) var buffers: [(path: String, buffer: ModuleBuffer)] = []
    /// Of each of ``parameters``, in their order; 1 but within ``scalingLearningRate(by:_:)``.
    public private(set) var learningRateFactors: [Double] = []

    private var factor = 1.0
    private var prefix = ""
    private var names: Set<String> = []

    public init() {}

    /// Shows a parameter. Ends the process if the name was shown before: a checkpoint could not distinguish the two.
    public mutating func parameter(_ name: String, _ parameter: Parameter) {
        parameters.append((unique(name), parameter))
        learningRateFactors.append(factor)
    }

    /// Shows a buffer.
    public mutating func buffer(_ name: String, _ buffer: ModuleBuffer) {
        buffers.append((unique(name), buffer))
    }

    /// Shows a part, whose paths start with `name`.
    public mutating func part(_ name: String, _ module: any Module) {
        let outer = prefix
        prefix += name + "."
        module.visit(&self)
        prefix = outer
    }

    /// Shows parts that learn faster or slower than the rest: the learning rate of their parameters is multiplied by a factor,
    /// whatever the optimizer.
    public mutating func scalingLearningRate(by factor: Double, _ body: (inout ModuleVisitor) -> Void) {
        let outer = self.factor
        self.factor *= factor
        body(&self)
        self.factor = outer
    }

    /// Shows a list of parts, named by their index.
    public mutating func parts(_ name: String, _ modules: [any Module]) {
        for (index, module) in modules.enumerated() { part("\(name).\(index)", module) }
    }

    private mutating func unique(_ name: String) -> String {
        let path = prefix + name
        requireOperands(
            names.insert(path).inserted,
            "two parameters or buffers are called `\(path)`",
            cure: "show each once, under a name of its own",
            operation: "visit"
        )
        return path
    }
}

/// State of a module that is saved in checkpoints but not trained.
///
/// `@unchecked Sendable`: it changes in training alone, which is of one thread at a time.
public final class ModuleBuffer: @unchecked Sendable {
    /// The values; their number never changes.
    public var values: [Float] {
        didSet {
            requireOperands(
                values.count == oldValue.count,
                "\(values.count) values do not fit a buffer of \(oldValue.count)",
                cure: "a buffer keeps its size",
                operation: "ModuleBuffer"
            )
        }
    }

    public init(_ values: [Float]) { self.values = values }
}

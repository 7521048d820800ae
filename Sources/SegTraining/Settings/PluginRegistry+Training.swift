import SegCore
public import SegSettings
public import SegTensor

/// Makes an optimizer from its configuration, for some parameters.
public typealias MakeOptimizer =
    @Sendable (
        _ configuration: ConfigurationValue, _ subject: String, _ parameters: [Parameter], _ weightDecay: Double
    ) throws -> any Optimizer

/// Makes a schedule of the learning rate from its configuration.
public typealias MakeSchedule =
    @Sendable (_ configuration: ConfigurationValue, _ subject: String) throws -> any LearningRateSchedule

/// Makes a balancing of tasks from its configuration, for tasks of these names.
public typealias MakeBalancing =
    @Sendable (_ configuration: ConfigurationValue, _ subject: String, _ tasks: [String]) throws -> any TaskBalancing

extension PluginKind where Make == MakeOptimizer {
    /// Moves parameters along their gradients.
    public static var optimizer: PluginKind { PluginKind("optimizer") }
}

extension PluginKind where Make == MakeSchedule {
    /// How the learning rate changes over a training.
    public static var schedule: PluginKind { PluginKind("schedule") }
}

extension PluginKind where Make == MakeBalancing {
    /// How much each task's gradient counts.
    public static var balancing: PluginKind { PluginKind("balancing") }
}

extension PluginRegistry {
    /// Adds an optimizer, under its type's name unless another is given. Throws if the name is taken.
    public mutating func add<Plugin: Optimizer>(optimizer: Plugin.Type, named name: String = Plugin.name) throws {
        try add(.optimizer, named: name, summary: Plugin.summary, settings: Plugin.Settings.self) {
            configuration,
            subject,
            parameters,
            weightDecay in
            try PluginContext.with("optimizer `\(name)`") {
                try Plugin(
                    Plugin.Settings(configuration, subject: subject),
                    parameters: parameters,
                    weightDecay: weightDecay
                )
            }
        }
    }

    /// Adds a schedule, under its type's name unless another is given. Throws if the name is taken.
    public mutating func add<Plugin: LearningRateSchedule>(
        schedule: Plugin.Type,
        named name: String = Plugin.name
    ) throws {
        try add(.schedule, named: name, summary: Plugin.summary, settings: Plugin.Settings.self) {
            configuration,
            subject in
            try PluginContext.with("schedule `\(name)`") {
                let settings = try Plugin.Settings(configuration, subject: subject)
                do {
                    return try Plugin(settings)
                } catch let error as SegmentationError {
                    throw error.within(subject)
                }
            }
        }
    }

    /// Adds a balancing of tasks, under its type's name unless another is given. Throws if the name is taken.
    public mutating func add<Plugin: TaskBalancing>(balancing: Plugin.Type, named name: String = Plugin.name) throws {
        try add(.balancing, named: name, summary: Plugin.summary, settings: Plugin.Settings.self) {
            configuration,
            subject,
            tasks in
            try PluginContext.with("balancing `\(name)`") {
                try Plugin(Plugin.Settings(configuration, subject: subject), tasks: tasks)
            }
        }
    }

    /// Adds the optimizers, schedules and balancings that the library ships. Throws if a name is taken.
    public mutating func addStandardTraining() throws {
        try add(optimizer: AdamW.self)
        try add(optimizer: SGD.self)
        try add(schedule: CosineSchedule.self)
        try add(schedule: PolynomialSchedule.self)
        try add(schedule: OneCycleSchedule.self)
        try add(schedule: ConstantSchedule.self)
        try add(balancing: FixedWeights.self)
        try add(balancing: UncertaintyWeighting.self)
        try add(balancing: GradNorm.self)
        try add(balancing: PCGrad.self)
        try add(balancing: CAGrad.self)
    }
}

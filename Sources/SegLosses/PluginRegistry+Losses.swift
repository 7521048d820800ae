import SegCore
public import SegSettings
import SegTensor

/// Makes a loss of masks from its configuration.
public typealias MakeLoss = @Sendable (_ configuration: ConfigurationValue, _ subject: String) throws -> any MaskLoss

extension PluginKind where Make == MakeLoss {
    /// A loss of predicted masks.
    public static var loss: PluginKind { PluginKind("loss") }
}

extension PluginRegistry {
    /// Adds a loss of masks, under its type's name unless another is given. Throws if the name is taken.
    public mutating func add<Plugin: MaskLoss>(loss: Plugin.Type, named name: String = Plugin.name) throws {
        try add(.loss, named: name, summary: Plugin.summary, settings: Plugin.Settings.self) { configuration, subject in
            try PluginContext.with("loss `\(name)`") {
                let settings = try Plugin.Settings(configuration, subject: subject)
                do {
                    return try Plugin(settings)
                } catch let error as SegmentationError {
                    throw error.within(subject)
                }
            }
        }
    }

    /// Adds the losses that the library ships. Throws if a name is taken.
    public mutating func addStandardLosses() throws {
        try add(loss: CrossEntropyLoss.self)
        try add(loss: SoftDiceLoss.self)
        try add(loss: JaccardLoss.self)
        try add(loss: TverskyLoss.self)
        try add(loss: FocalTverskyLoss.self)
        try add(loss: FocalLoss.self)
        try add(loss: LovaszLoss.self)
        try add(loss: BoundaryLoss.self)
        try add(loss: HausdorffLoss.self)
        try add(loss: MatthewsLoss.self)
    }

    /// The losses that a configuration names, with every default of their settings.
    ///
    /// - Parameter subject: where the list stands, for messages: `model.heads.segmentation.settings.losses`.
    ///
    /// - Throws: ``SegmentationError`` for a name that the registry lacks, a wrong setting, or a weight below 0.
    public func resolved(losses: [WeightedPlugin], subject: String) throws -> [WeightedPlugin] {
        guard !losses.isEmpty else { return [] }
        let resolved = try losses.enumerated().map { index, loss in
            let path = "\(subject)[\(index)]"
            try require("\(path).weight", Float(loss.weight), in: 0...)
            return WeightedPlugin(
                try self.resolved(.loss, loss.plugin, subject: path),
                weight: loss.weight
            )
        }
        guard losses.contains(where: { $0.weight > 0 }) else {
            throw SegmentationError(subject, "all weights are 0", cure: "give one loss a weight above 0")
        }
        return resolved
    }

    /// The weighted sum of the losses that a configuration names; `nil` if it names none.
    ///
    /// - Throws: as ``resolved(losses:subject:)``.
    public func makeLosses(_ losses: [WeightedPlugin], subject: String) throws -> WeightedMaskLoss? {
        guard !losses.isEmpty else { return nil }
        let parts = try resolved(losses: losses, subject: subject).enumerated().map { index, loss in
            let path = "\(subject)[\(index)]"
            let made = try find(.loss, loss.plugin.name, subject: path).make(loss.plugin.settings, "\(path).settings")
            return WeightedMaskLoss.Part(made, named: loss.plugin.name, weight: Float(loss.weight))
        }
        do {
            return try WeightedMaskLoss(parts: parts)
        } catch let error as SegmentationError {
            throw error.within(subject)
        }
    }
}

public import Foundation
public import SegCore
import SegTensor

/// Makes a data set's adapter from its configuration and, unless it is synthetic, a folder.
public typealias MakeDataset =
    @Sendable (_ configuration: ConfigurationValue, _ subject: String, _ folder: URL?) throws -> any DatasetAdapter

extension PluginKind where Make == MakeDataset {
    /// Images with their truth.
    public static var dataset: PluginKind { PluginKind("data set") }
}

extension PluginRegistry {
    /// Adds a data set whose adapter is made from a folder. Throws if the name is taken.
    public mutating func add(
        dataset name: String,
        summary: String = "",
        make: @escaping @Sendable (_ folder: URL) throws -> any DatasetAdapter
    ) throws {
        try add(dataset: name, summary: summary, settings: NoSettings.self) { _, folder in try make(folder) }
    }

    /// Adds a data set whose adapter is made from settings and a folder. Throws if the name is taken.
    public mutating func add<Settings: PluginSettings>(
        dataset name: String,
        summary: String = "",
        settings: Settings.Type,
        make: @escaping @Sendable (_ settings: Settings, _ folder: URL) throws -> any DatasetAdapter
    ) throws {
        try add(.dataset, named: name, summary: summary, settings: settings) { configuration, subject, folder in
            guard let folder else {
                throw SegmentationError(
                    "\(subject).folder",
                    "the data set `\(name)` needs a folder, and none was given",
                    cure: "add `folder: PATH` in a study file, or the folder's path to the command"
                )
            }
            return try PluginContext.with("data set `\(name)`") {
                try make(Settings(configuration, subject: "\(subject).settings"), folder)
            }
        }
    }

    /// Adds a data set that needs no folder, such as a synthetic one. Throws if the name is taken.
    public mutating func add<Settings: PluginSettings>(
        synthetic name: String,
        summary: String = "",
        settings: Settings.Type,
        make: @escaping @Sendable (_ settings: Settings) throws -> any DatasetAdapter
    ) throws {
        try add(.dataset, named: name, summary: summary, settings: settings) { configuration, subject, folder in
            guard folder == nil else {
                throw SegmentationError(
                    "\(subject).folder",
                    "the data set `\(name)` is made by the program and reads no folder",
                    cure: "remove this line"
                )
            }
            return try PluginContext.with("data set `\(name)`") {
                try make(Settings(configuration, subject: "\(subject).settings"))
            }
        }
    }

    /// The data set of that name.
    public func dataset(_ name: String, subject: String) throws -> Entry<MakeDataset> {
        try find(.dataset, name, subject: subject)
    }
}

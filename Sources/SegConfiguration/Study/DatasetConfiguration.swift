package import Foundation
public import SegCore
public import SegData
import SegFiles
import SegProgress
public import SegSettings
import SegTensor

/// A data set as a configuration names it.
///
/// ```yaml
/// dataset: busi
/// folder: ${SEGKIT_DATA}/BUSI
/// ```
///
/// `${NAME}` in a folder stands for the environment variable of that name. A relative folder is taken from the working
/// directory.
public struct DatasetConfiguration: Hashable, Sendable {
    /// The adapter's name in the registry.
    public var dataset: String
    /// The name shown in reports; the adapter's own if `nil`.
    public var name: String?
    /// The folder as written, with its variables; `nil` for synthetic data sets.
    public var folder: String?
    /// Every setting of the adapter.
    public var settings: ConfigurationValue
    /// Whether images without a lesion take part.
    public var normals: Bool
    /// Ids of images that take no part, such as those that an audit found in two data sets.
    public var exclude: [String]
    /// Kinds of errors of a check that do not stop a study, because the user knows of them.
    public var allowed: [CheckFinding.Kind]
    /// Whose patients it names, for the leakage audit; its adapter's kind decides if `nil`.
    public var patients: PatientNamespace?
    /// Whether a study goes on without it where its folder is not there. Only an external set may be missing.
    public var skipsIfMissing: Bool
    /// Its path in the configuration, for messages.
    public var path: String

    static let ifMissing = SettingDescription(
        ifMissingKey,
        "one of `error`, `skip`",
        default: "error",
        "Whether the study continues without the set if its folder does not exist"
    )
    private static let ifMissingKey = "ifMissing"
    static let keys: [SettingDescription] = [
        .init("dataset", "name", otherwise: SettingDescription.required, "A [data set](#data-set) by its name"),
        .init("name", "text", otherwise: "the data set's own", "The name that reports show"),
        .init(
            "folder",
            "path",
            "Where the data set lies, with `${NAME}` for environment variables; synthetic sets have none"
        ),
        .init("settings", "table", default: "{}", "The settings of the [data set](#data-set)"),
        .init("normals", "true or false", default: "true", "Whether images without a lesion take part"),
        .init("exclude", "list of texts", default: "[]", "Ids of images that take no part"),
        .init(
            "allow",
            "list of names",
            range: CheckFinding.Kind.allCases.filter(\.canBeAllowed).map { "`\($0.rawValue)`" }.joined(separator: ", "),
            default: "[]",
            "Kinds of errors of the check of a data set that do not stop the study"
        ),
        .init(
            "patients",
            "`own`, `shared`, or a name",
            otherwise: "`own` for published sets",
            "Whose patients the set names, for the leakage audit: sets of one name, or `shared`, may have patients in common"
        ),
    ]

    init(_ table: ConfigurationTable, registry: PluginRegistry) throws {
        dataset = try table.requiredText("dataset", cure: "name a data set; `segkit plugins` lists them")
        name = try table.text("name")
        folder = try table.text("folder")
        normals = try table.bool("normals") ?? true
        exclude = try (table.list("exclude") ?? []).enumerated().map { index, item in
            // As written: `010` is not 8.
            guard let id = item.name else {
                throw SegmentationError(
                    "\(table.subject("exclude"))[\(index)]",
                    "is \(item.kind) where an image's id is expected",
                    cure: "write the ids as `[case001, case002]`"
                )
            }
            return id
        }
        allowed = try (table.list("allow") ?? []).enumerated().map { index, item in
            guard case .text(let text) = item, let kind = CheckFinding.Kind(rawValue: text), kind.canBeAllowed else {
                let known = CheckFinding.Kind.allCases.filter(\.canBeAllowed).map(\.rawValue).joined(separator: ", ")
                throw SegmentationError(
                    "\(table.subject("allow"))[\(index)]",
                    "is not a kind of error that can be allowed",
                    cure: "use of: \(known)"
                )
            }
            return kind
        }
        patients = try table.text("patients").map(PatientNamespace.init(setting:))
        switch try table.text(Self.ifMissingKey) {
        case nil, "error": skipsIfMissing = false
        case "skip": skipsIfMissing = true
        case let other?:
            throw SegmentationError(
                table.subject(Self.ifMissingKey),
                "is `\(other)`",
                cure: "write `skip` to continue without the data set if it is missing, or `error` to stop"
            )
        }
        path = table.path
        let entry = try registry.dataset(dataset, subject: table.subject("dataset"))
        settings = try entry.resolve(table["settings"] ?? .null, table.subject("settings"))
    }

    /// A data set named on the command line.
    public init(
        dataset: String,
        name: String? = nil,
        folder: String?,
        settings: ConfigurationValue = .null,
        normals: Bool = true,
        exclude: [String] = [],
        allowed: [CheckFinding.Kind] = [],
        patients: PatientNamespace? = nil,
        path: String = "dataset",
        registry: PluginRegistry
    ) throws {
        self.dataset = dataset
        self.name = name
        self.folder = folder
        self.normals = normals
        self.exclude = exclude
        self.allowed = allowed
        self.patients = patients
        skipsIfMissing = false
        self.path = path
        let entry = try registry.dataset(dataset, subject: path)
        self.settings = try entry.resolve(settings, "\(path).settings")
    }

    /// Makes the adapter and lists the data set.
    ///
    /// - Throws: ``SegmentationError`` for an unset variable, a folder that does not exist, and whatever the adapter
    ///   finds wrong with the folder's content.
    public func open(_ registry: PluginRegistry, environment: [String: String]) throws -> OpenedDataset {
        let adapter = try adapter(registry, environment: environment)
        // A study has done nothing yet that could be saved.
        let all = try InterruptHandler.endingAtOnce { try PluginContext.with(adapter) { try adapter.records() } }
        let known = Set(all.map(\.id))
        if let index = exclude.firstIndex(where: { !known.contains($0) }) {
            throw SegmentationError(
                "\(path).exclude[\(index)]",
                "\(adapter.name) has no image `\(exclude[index])`",
                cure: "correct the id, or remove it"
            )
        }
        let records = all.filter { (normals || $0.pathology != .normal) && !exclude.contains($0.id) }
        let taken = Set(records.map(\.id))
        guard !records.isEmpty else {
            throw SegmentationError(
                folder ?? path,
                "the data set \(adapter.name) has no images",
                cure: "check that it was unpacked completely"
            )
        }
        let published = PluginContext.with(adapter) { adapter.documented?.publishedCounts }
        return OpenedDataset(
            name: name ?? adapter.name,
            adapter: adapter,
            records: records,
            leftOut: all.map(\.id).filter { !taken.contains($0) },
            listed: all,
            allowed: allowed,
            // What a published set calls a patient is nobody in another set.
            patients: patients ?? (published == nil ? .unknown : .own),
            path: path
        )
    }

    /// Why the data set is not there, in words; `nil` if its folder exists, with any content.
    public func absence(environment: [String: String]) -> String? {
        guard let folder else { return nil }
        do {
            let url = try Self.url(folder, subject: "\(path).folder", environment: environment)
            return FileManager.default.fileExists(atPath: url.path) ? nil : "the folder \(url.path) does not exist"
        } catch {
            return error.problem
        }
    }

    /// Makes the adapter, and lists nothing.
    ///
    /// - Throws: ``SegmentationError`` for an unset variable and for a folder that does not exist.
    public func adapter(_ registry: PluginRegistry, environment: [String: String]) throws -> any DatasetAdapter {
        let url = try folder.map { try Self.url($0, subject: "\(path).folder", environment: environment) }
        if let url, let folder {
            let isThere = FileManager.default.fileExists(atPath: url.path)
            // A damaged archive is a file here; the adapter says what is wrong with it.
            guard FileReading.isFolder(url) || (isThere && url.pathExtension.lowercased() == "zip") else {
                let start = isThere ? try? FileHandle(forReadingFrom: url).read(upToCount: 4) : nil
                if start == Data([0x50, 0x4B, 0x03, 0x04]) {
                    throw SegmentationError(
                        "\(path).folder",
                        "\(url.path) begins like a zip archive, but its name does not end in .zip",
                        cure: "rename it, or unpack it and give the folder"
                    )
                }
                throw SegmentationError(
                    "\(path).folder",
                    isThere
                        ? "\(url.path) is neither a folder nor a zip archive" : "the folder \(url.path) does not exist",
                    cure: folder.contains("${")
                        ? "correct the variable in `\(folder)`, or download the data set to there"
                        : "correct the path, or download the data set to there"
                )
            }
        }
        return try registry.dataset(dataset, subject: "\(path).dataset").make(settings, path, url)
    }

    /// A path with its variables replaced.
    package static func url(_ path: String, subject: String, environment: [String: String]) throws(SegmentationError)
        -> URL
    {
        var result = ""
        var rest = Substring(path)
        while let start = rest.range(of: "${") {
            result += rest[..<start.lowerBound]
            guard let end = rest[start.upperBound...].firstIndex(of: "}") else {
                throw SegmentationError(subject, "`\(path)` has a `${` without its `}`", cure: "write `${NAME}/folder`")
            }
            let variable = String(rest[start.upperBound..<end])
            guard let value = environment[variable], !value.isEmpty else {
                throw SegmentationError(
                    subject,
                    "the environment variable \(variable) is not set",
                    cure: "set it to the folder that holds the data, as in `\(variable)=<folder> segkit study …`"
                )
            }
            result += value
            rest = rest[rest.index(after: end)...]
        }
        let expanded = (result + rest as NSString).expandingTildeInPath
        return URL(fileURLWithPath: expanded).standardizedFileURL
    }

    /// The keys and values of the configuration.
    var resolved: ConfigurationMembers {
        var members: ConfigurationMembers = ["dataset": .text(dataset)]
        members["name"] = name.map(ConfigurationValue.text)
        members["folder"] = folder.map(ConfigurationValue.text)
        members["settings"] = settings
        members["normals"] = .bool(normals)
        if !exclude.isEmpty { members["exclude"] = .list(exclude.map { .text($0) }) }
        if !allowed.isEmpty { members["allow"] = .list(allowed.map { .text($0.rawValue) }) }
        members["patients"] = patients.map { .text($0.setting) }
        if skipsIfMissing { members[Self.ifMissingKey] = .text("skip") }
        return members
    }
}

/// A data set that was found and listed.
public struct OpenedDataset: Sendable {
    /// The name shown in reports.
    public var name: String
    /// Reads it.
    public var adapter: any DatasetAdapter
    /// Its images that take part.
    public var records: [SampleRecord]
    /// Ids of its images that the configuration leaves out.
    public var leftOut: [String]
    /// All images that its adapter lists, those left out as well: what its publication counts.
    public var listed: [SampleRecord]
    /// Kinds of errors of a check that do not stop a study.
    public var allowed: [CheckFinding.Kind]
    /// Whose patients it names.
    public var patients: PatientNamespace
    /// Its path in the configuration, for messages.
    public var path: String
}

extension PatientNamespace {
    /// The key `patients`: `shared`, `own`, or the name of those that share them.
    init(setting text: String) {
        switch text {
        case "shared": self = .shared
        case "own": self = .own
        default: self = .named(text)
        }
    }

    var setting: String {
        switch self {
        case .unknown: ""
        case .shared: "shared"
        case .own: "own"
        case .named(let name): name
        }
    }
}

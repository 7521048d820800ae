import ArgumentParser
import Foundation
import SegCache
import SegConfiguration
import SegCore
import SegData
import SegInference
import SegSettings
import SegStudy
import SegTensor
import SegTraining

/// How many threads to use.
struct ThreadOption: ParsableArguments {
    @Option(help: "Worker threads; the number of cores if left out. Results do not depend on it.")
    var threads: Int?

    func validate() throws {
        if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads must be from 1 to 1024.") }
    }

    func run<Result>(_ body: () throws -> Result) rethrows -> Result {
        guard let threads else { return try body() }
        return try WorkerPool.with(WorkerPool(threadCount: threads), body)
    }
}

/// Whether decoded images are kept from run to run.
struct CacheOptions: ParsableArguments {
    @Flag(help: "Decode every image again, and cache nothing. Results are the same; see `\(program) cache --help`.")
    var noCache = false

    /// The cache that the environment asks for.
    func open() throws -> TensorCache? {
        noCache ? nil : try TensorCache.standard { printToStandardError("warning: \($0)") }
    }
}

/// Which data set to read.
struct DatasetOptions: ParsableArguments {
    @Option(help: "The data set's name; `\(program) plugins` lists them.")
    var dataset: String

    @OptionGroup var details: DatasetDetails

    func configuration(_ registry: PluginRegistry) throws -> DatasetConfiguration {
        try details.configuration(of: dataset, registry)
    }
}

/// Where a data set lies, and what of it is read.
struct DatasetDetails: ParsableArguments {
    @Option(help: "The folder of the data set. `${NAME}` is replaced by an environment variable.")
    var folder: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "A setting of the data set, such as `--set count=50`. May be repeated.",
            valueName: "key=value"
        )
    )
    var settings: [String] = []

    @Flag(help: "Leave out images of the data set without a lesion.")
    var lesionsOnly = false

    var areGiven: Bool { folder != nil || !settings.isEmpty || lesionsOnly }

    func configuration(of dataset: String, _ registry: PluginRegistry) throws -> DatasetConfiguration {
        try DatasetConfiguration(
            dataset: dataset,
            folder: folder,
            settings: try settingsTable(settings),
            normals: !lesionsOnly,
            path: "--dataset \(dataset)",
            registry: registry
        )
    }
}

/// Which data set to read, by position.
struct DatasetArguments: ParsableArguments {
    @Argument(help: "The data set's name; `\(program) plugins` lists them.")
    var dataset: String

    @Argument(
        help: "The folder of the data set, or its zip archive. `${NAME}` is replaced by an environment variable."
    )
    var folder: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "A setting of the data set, such as `--set count=50`. May be repeated.",
            valueName: "key=value"
        )
    )
    var settings: [String] = []

    func configuration(_ registry: PluginRegistry, normals: Bool = true) throws -> DatasetConfiguration {
        try DatasetConfiguration(
            dataset: dataset,
            folder: folder,
            settings: try settingsTable(settings),
            normals: normals,
            path: dataset,
            registry: registry
        )
    }
}

/// Which training of a study, by position and options.
struct TrainingArguments: ParsableArguments {
    @Argument(help: "The study's file, YAML; the embedded study if left out.")
    var file: String?

    @Option(help: "The arm's name; the first arm if left out.")
    var arm: String?

    @Option(help: "The seed; the study's first if left out.")
    var seed: UInt64?

    @Option(help: "The fold to leave out, of a study with folds; its first if left out.")
    var fold: Int?
}

/// Which errors of a data set's check the user knows of.
struct AllowOption: ParsableArguments {
    @Option(
        help: ArgumentHelp("A kind of error to accept. May be repeated.", valueName: "kind"),
        transform: { name in
            guard let kind = CheckFinding.Kind(rawValue: name), kind.canBeAllowed else {
                throw ValidationError("there is no kind of error called `\(name)` that can be allowed")
            }
            return kind
        }
    )
    var allow: [CheckFinding.Kind] = []
}

/// A study's file, or the embedded study.
func studyDocument(_ file: String?) throws -> ConfigurationDocument {
    try file.map { try ConfigurationDocument(contentsOf: URL(fileURLWithPath: $0), name: $0) }
        ?? ConfigurationDocument(text: EmbeddedStudy.quick, name: "the embedded study")
}

/// `key=value` pairs as a table. Values are read as in YAML where they are words, numbers, lists, tables or quoted; anything
/// else, such as the pattern `{pathology}/{id}.png`, is text as it stands.
func settingsTable(_ pairs: [String]) throws -> ConfigurationValue {
    var members = ConfigurationMembers()
    for pair in pairs {
        let parts = pair.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw ValidationError("`\(pair)` is not a setting; write `--set key=value`.")
        }
        guard members[String(parts[0])] == nil else {
            throw ValidationError("The setting \(parts[0]) is given twice; give it once.")
        }
        members[String(parts[0])] = settingValue(String(parts[1]))
    }
    return .table(members)
}

private func settingValue(_ text: String) -> ConfigurationValue {
    let isWord = text.utf8.allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            || Array("_.+-".utf8).contains(byte)
    }
    guard isWord || text.first.map({ "[{\"'".contains($0) }) == true,
        let document = try? ConfigurationDocument(text: "value: \(text)", name: "--set"),
        let value = document.value.members?["value"]
    else { return .text(text) }
    return value
}

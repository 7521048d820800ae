public import Foundation
import SegCache
import SegCore
public import SegSettings
import SegTraining

extension StudyConfiguration {
    static let keys: [SettingDescription] = [
        .init("study", "name", otherwise: SettingDescription.required, "The short name, used in results and files"),
        .init("question", "text", "What the study asks, in a sentence or two, for the report"),
        .init(
            "seeds",
            "list of whole numbers",
            range: "0 or more each",
            default: "[1]",
            "Every arm is trained once with each of them"
        ),
        .init(
            "output",
            "path",
            otherwise: "`runs/` and the study's name",
            "The folder for everything that the study writes"
        ),
        .init(StudyIncludes.key, "path", "A [file of settings](#an-included-file) that lie under the study's own"),
        .init(
            "train",
            "table",
            otherwise: SettingDescription.required,
            "The [source](#train): what the arms are trained and validated on"
        ),
        .init("test", "list of tables", default: "[]", "The [external sets](#test) that arms are tested on at the end"),
        .init("metrics", "table", otherwise: SettingDescription.required, "The [conventions of the metrics](#metrics)"),
        .init("reference", "name", otherwise: "the first arm", "The arm that the others are compared with"),
        .init("model", "table", "The [model](#model) of all arms, unless they say otherwise"),
        .init("training", "table", "The [training](#training) of all arms, unless they say otherwise"),
        .init(
            InferenceConfiguration.key,
            "table",
            "How the models of all arms [are used together](#inference), unless they say otherwise"
        ),
        .init(
            "arms",
            "list of tables",
            otherwise: "one arm called `model`",
            "The [ways of training](#arms) that are compared"
        ),
        .init(
            AblationConfiguration.path,
            "table",
            "[Arms made of one arm](#ablations) by changing one thing at a time"
        ),
        .init(
            ChoiceConfiguration.path,
            "table",
            "How [one of the arms is chosen](#choice) by its figures on the source"
        ),
        .init(
            CardConfiguration.path,
            "table",
            "What the [card of each model file](#card) says in addition to what the software knows"
        ),
        .init(
            spreadsheetKey,
            "true or false",
            default: "false",
            "Whether texts in `cases.csv` that a spreadsheet would take for a formula, number or date begin with an apostrophe"
        ),
        .init(
            memoryKey,
            "size, such as `2G`",
            otherwise: "`SEGKIT_PREPARED_MEMORY`, else a quarter of the machine's memory",
            "The memory that prepared images take at most; [those that do not fit](Studies.md#more-images-than-memory) are read when "
                + "they are needed"
        ),
    ]

    static let spreadsheetKey = "spreadsheetSafe"

    package static let memoryKey = "preparedMemory"

    static let trainKeys =
        DatasetConfiguration.keys + SplitConfiguration.keys + [
            SettingDescription(
                "channels",
                "whole number",
                range: "1 or 3",
                default: "1",
                "What a model sees of an image: its gray, or red, green and blue"
            )
        ]

    static let testKeys = DatasetConfiguration.keys + [DatasetConfiguration.ifMissing]

    /// Reads a study file.
    ///
    /// - Throws: ``SegmentationError`` naming file, line and key, with the nearest valid key for an unknown one.
    public init(contentsOf file: URL, name: String? = nil, registry: PluginRegistry) throws {
        try self.init(ConfigurationDocument(contentsOf: file, name: name), registry: registry)
    }

    /// Reads a study from a document.
    public init(_ document: ConfigurationDocument, registry: PluginRegistry) throws {
        let includes = try StudyIncludes(document)
        do {
            try self.init(document.value, includes, registry: registry)
        } catch let error as SegmentationError {
            throw includes.placed(error, in: document) ?? document.placed(error)
        }
    }

    private init(_ value: ConfigurationValue, _ includes: StudyIncludes, registry: PluginRegistry) throws {
        let table = try ConfigurationTable(value, path: "", keys: Self.keys)
        study = try table.requiredText("study", cure: "give the study a short name, such as `study: breast-to-busi`")
        try Self.requireFileName(study, subject: "study")
        question = try table.text("question")
        output = try table.text("output") ?? "runs/\(study)"
        seeds = try Self.seeds(table)
        train = try Self.trainingSource(table, registry: registry)
        test = try (table.list("test") ?? []).enumerated().map { index, item in
            try DatasetConfiguration(
                ConfigurationTable(
                    item,
                    path: "test[\(index)]",
                    keys: Self.testKeys
                ),
                registry: registry
            )
        }
        metrics = try MetricSettings(table["metrics"] ?? .null, registry: registry)
        let reader = try ArmReader(table, includes, registry: registry)
        self.includes = includes.files
        arms = try reader.arms()
        remarks = []
        if let value = table["ablations"] {
            let ablations = try AblationConfiguration(value)
            let base = try table.text("reference").flatMap { name in arms.first { $0.name == name }?.name }
            (arms, remarks) = try reader.ablated(ablations, base: base ?? arms[0].name, among: arms)
        }
        reference = try Self.reference(table, arms: arms)
        card = try table[CardConfiguration.path].map { try CardConfiguration($0) }
        isSpreadsheetSafe = try table.bool(Self.spreadsheetKey) ?? false
        preparedMemory = try table[Self.memoryKey].map { try Self.bytes($0, table) }
        if let value = table["choice"] {
            choice = try ChoiceConfiguration(value, arms: arms.map(\.name), reference: reference)
            for name in Set(choice?.among.map { $0[0] } ?? []) { differences[name] = try reader.difference(of: name) }
        }
    }

    private static func bytes(_ value: ConfigurationValue, _ table: ConfigurationTable) throws -> Int {
        let text: String
        switch value.resolved {
        case .integer(let bytes): text = "\(bytes)"
        case .text(let size): text = size
        default: throw table.wrongKind(memoryKey, value, "a size such as 500M or 2G")
        }
        return try ByteSize.parse(text, subject: memoryKey)
    }

    private static func seeds(_ table: ConfigurationTable) throws -> [UInt64] {
        guard let items = try table.list("seeds") else { return [1] }
        let seeds = try items.enumerated().map { index, item in
            guard case .integer(let seed) = item.resolved, seed >= 0 else {
                throw SegmentationError(
                    "seeds[\(index)]",
                    "is not a whole number from 0 to 9223372036854775807",
                    cure: "write seeds as `[1, 2, 3]`"
                )
            }
            return UInt64(seed)
        }
        guard !seeds.isEmpty else { throw table.missing("seeds", cure: "name at least one seed, as in `seeds: [1]`") }
        guard Set(seeds).count == seeds.count else {
            throw SegmentationError("seeds", "a seed appears twice", cure: "name every seed once")
        }
        return seeds
    }

    private static func trainingSource(_ table: ConfigurationTable, registry: PluginRegistry) throws -> TrainingSource {
        guard let value = table["train"] else {
            throw table.missing("train", cure: "name the data set to train on, as in `train: {dataset: phantom}`")
        }
        let source = try ConfigurationTable(
            value,
            path: "train",
            keys: Self.trainKeys
        )
        let channels = try source.natural("channels") ?? 1
        guard channels == 1 || channels == 3 else {
            throw SegmentationError(
                source.subject("channels"),
                "is \(channels)",
                cure: "use 1 for gray, or 3 for red, green and blue"
            )
        }
        return TrainingSource(
            dataset: try DatasetConfiguration(source, registry: registry),
            split: try SplitConfiguration(source),
            channels: channels
        )
    }

    private static func reference(_ table: ConfigurationTable, arms: [ArmConfiguration]) throws -> String? {
        guard let name = try table.text("reference") else { return arms.count > 1 ? arms[0].name : nil }
        guard arms.contains(where: { $0.name == name }) else {
            throw SegmentationError.unknown("arm", called: name, at: "reference", among: arms.map(\.name))
        }
        return name
    }

    /// Names become file names.
    static func requireFileName(_ name: String, subject: String) throws {
        let allowed = name.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                || "-_. ".unicodeScalars.contains(scalar)
        }
        guard allowed, !name.hasPrefix("."), name.count <= 80 else {
            throw SegmentationError(
                subject,
                "`\(name)` cannot be part of a file's name",
                cure: "use letters, digits, `-` and `_`; a `title` may be anything"
            )
        }
    }
}

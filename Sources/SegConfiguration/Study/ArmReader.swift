import SegCore
import SegSettings
import SegTraining

/// Reads the arms of a study: what each says, laid over the arm that it extends, or over what the study says of all.
///
/// An arm is a tree with the keys `model` and `training`, as files have them, until it is decoded over the defaults.
struct ArmReader {
    let registry: PluginRegistry
    private let base: ConfigurationValue
    private let tables: [ConfigurationTable]
    private let names: [String]
    private let includes: StudyIncludes

    static let keys: [SettingDescription] = [
        .init("name", "name", otherwise: SettingDescription.required, "The short name; no other arm may have it"),
        .init("title", "text", otherwise: "the name", "The name that readers see"),
        .init("extends", "name", "The arm whose settings lie under this one's"),
        .init(StudyIncludes.key, "path", "A [file of settings](#an-included-file) that lie under the arm's own"),
        .init("model", "table", "What the arm says of its [model](#model)"),
        .init("training", "table", "What the arm says of its [training](#training)"),
        .init(InferenceConfiguration.key, "table", "What the arm says of its [inference](#inference)"),
    ]

    /// Reads the list `arms`; without one there is a single arm called `model`.
    init(_ study: ConfigurationTable, _ includes: StudyIncludes, registry: PluginRegistry) throws {
        self.registry = registry
        self.includes = includes
        // Plugins that are there without being named: settings alone are theirs, and none of another one's.
        let defaults = try ConfigurationValue(encoding: TrainingSettings()).members ?? [:]
        let plugins = defaults.filter { ["optimizer", "schedule", "balancing"].contains($0.key) }
        base = ConfigurationValue.table(["training": .table(plugins)]).overlaid(with: includes[study.path])
            .overlaid(with: Self.ownTree(of: study))
        // Checked on its own first, so that an error in what all arms share is reported where it stands.
        _ = try TrainingSettings(study["training"] ?? .null, subject: "training")
            .resolved(in: registry, subject: "training")
        _ = try InferenceConfiguration(study[InferenceConfiguration.key], path: InferenceConfiguration.key)
        if let model = study["model"] { _ = try ModelConfiguration(model, path: "model", registry: registry) }
        let items = try study.list("arms") ?? [.table(["name": .text("model")])]
        guard !items.isEmpty else {
            throw study.missing("arms", cure: "name at least one arm, as in `- name: baseline`")
        }
        tables = try items.enumerated().map { index, item in
            try ConfigurationTable(item, path: "arms[\(index)]", keys: Self.keys)
        }
        var names: [String] = []
        for arm in tables {
            let name = try arm.requiredText("name", cure: "give the arm a short name, such as `name: baseline`")
            try StudyConfiguration.requireFileName(name, subject: arm.subject("name"))
            guard !names.contains(name) else {
                throw SegmentationError(
                    arm.subject("name"),
                    "another arm is already called `\(name)`",
                    cure: "give every arm a name of its own"
                )
            }
            names.append(name)
        }
        self.names = names
    }

    /// The arms in the order of the file.
    ///
    /// - Throws: ``SegmentationError`` naming the key; what an arm inherits is blamed on the arm that says it.
    func arms() throws -> [StudyConfiguration.ArmConfiguration] {
        let chains = try tables.indices.map(chain)
        // An arm is read after those that it extends: a chain is longer than each of its parts.
        var arms: [Int: StudyConfiguration.ArmConfiguration] = [:]
        for index in tables.indices.sorted(by: { (chains[$0].count, $0) < (chains[$1].count, $1) }) {
            let arm = tables[index]
            arms[index] = try self.arm(
                names[index],
                title: try arm.text("title") ?? names[index],
                tree(chains[index]),
                path: arm.path
            )
        }
        return tables.indices.compactMap { arms[$0] }
    }

    /// What the arm of a name says, with everything that it inherits.
    func tree(of name: String) throws -> ConfigurationValue {
        guard let index = names.firstIndex(of: name) else { return base }
        return tree(try chain(index))
    }

    /// An arm from its tree, with every default filled in.
    func arm(
        _ name: String,
        title: String,
        _ tree: ConfigurationValue,
        path: String
    ) throws -> StudyConfiguration.ArmConfiguration {
        let subject = "\(path).training"
        let settings = try TrainingSettings(tree.members?["training"] ?? .null, subject: subject)
            .resolved(in: registry, subject: subject)
        return StudyConfiguration.ArmConfiguration(
            name: name,
            title: title,
            model: try ModelConfiguration(
                tree.members?["model"] ?? .null,
                path: "\(path).model",
                registry: registry
            ),
            training: settings,
            inference: try InferenceConfiguration(
                tree.members?[InferenceConfiguration.key],
                path: "\(path).\(InferenceConfiguration.key)"
            ),
            path: path,
            trainingValue: try ConfigurationValue(encoding: settings).sorted
        )
    }

    /// An arm's ancestors, from the one that extends nothing, and the arm itself.
    private func chain(_ index: Int) throws -> [Int] {
        var chain = [index]
        while let parent = try tables[chain[0]].text("extends") {
            let subject = tables[chain[0]].subject("extends")
            guard let next = names.firstIndex(of: parent) else {
                throw SegmentationError.unknown("arm", called: parent, at: subject, among: names)
            }
            guard !chain.contains(next) else {
                let circle = [names[next]] + chain[...(chain.firstIndex(of: next) ?? 0)].map { names[$0] }
                throw SegmentationError(
                    subject,
                    circle.count == 2
                        ? "the arm extends itself"
                        : "the arms extend one another in a circle: \(circle.reversed().joined(separator: " → "))",
                    cure: "remove `extends` from one of them"
                )
            }
            chain.insert(next, at: 0)
        }
        return chain
    }

    private func tree(_ chain: [Int]) -> ConfigurationValue {
        chain.reduce(base) { $0.overlaid(with: tree(of: tables[$1])) }
    }

    /// What makes an arm another one than the study's `model` and `training` are: all that it says, includes and inherits from
    /// other arms.
    func difference(of name: String) throws -> ConfigurationValue {
        guard let index = names.firstIndex(of: name) else { return .table([:]) }
        let (first, rest) = (try chain(index)[0], try chain(index).dropFirst())
        return rest.reduce(tree(of: tables[first])) { $0.overlaid(with: tree(of: tables[$1])) }
    }

    /// What an arm says, over what it includes.
    private func tree(of arm: ConfigurationTable) -> ConfigurationValue {
        includes[arm.path].overlaid(with: Self.ownTree(of: arm))
    }

    /// What a table says of model and training, without shorthands.
    static func ownTree(of table: ConfigurationTable) -> ConfigurationValue {
        var members: ConfigurationMembers = [
            "model": table["model"] ?? .null, "training": table["training"] ?? .null,
        ]
        if table.keys.contains(InferenceConfiguration.key) {
            members[InferenceConfiguration.key] = table[InferenceConfiguration.key]
        }
        return ModelConfiguration.writtenOut(.table(members))
    }
}

import SegCore
import SegSettings
import SegTraining

/// Reads the arms of a study: what each says, laid over the arm that it extends, or over what the study says of all.
struct ArmReader {
    /// An arm's settings as values, before defaults.
    struct Values {
        var model: ConfigurationValue
        var training: ConfigurationValue
    }

    let registry: PluginRegistry
    private let base: Values
    private let tables: [ConfigurationTable]
    private let names: [String]

    /// Reads the list `arms`; without one there is a single arm called `model`.
    init(_ study: ConfigurationTable, registry: PluginRegistry) throws {
        self.registry = registry
        base = Values(model: study["model"] ?? .null, training: study["training"] ?? .null)
        // Checked on its own first, so that an error in what all arms share is reported where it stands.
        _ = try TrainingSettings(base.training, subject: "training").resolved(in: registry, subject: "training")
        if study["model"] != nil { _ = try ModelConfiguration(base.model, path: "model", registry: registry) }
        let items = try study.list("arms") ?? [.table(["name": .text("model")])]
        guard !items.isEmpty else {
            throw study.missing("arms", cure: "name at least one arm, as in `- name: baseline`")
        }
        tables = try items.enumerated().map { index, item in
            try ConfigurationTable(
                item,
                path: "arms[\(index)]",
                keys: ["name", "title", "extends", "model", "training"]
            )
        }
        var names: [String] = []
        for arm in tables {
            let name = try arm.requiredText("name", cure: "give the arm a short name, such as `name: baseline`")
            try StudyConfiguration.requireFileName(name, subject: arm.subject("name"))
            guard !names.contains(name) else {
                throw SegmentationError(
                    arm.subject("name"),
                    "another arm is called `\(name)` too",
                    cure: "give every arm a name of its own"
                )
            }
            names.append(name)
        }
        self.names = names
    }

    /// The arms in the order of the file.
    ///
    /// Throws: ``SegmentationError`` naming the key; what an arm inherits is blamed on the arm that says it.
    func arms() throws -> [StudyConfiguration.ArmConfiguration] {
        let chains = try tables.indices.map(chain)
        // An arm is read after those that it extends: a chain is longer than each of its parts.
        var arms: [Int: StudyConfiguration.ArmConfiguration] = [:]
        for index in tables.indices.sorted(by: { (chains[$0].count, $0) < (chains[$1].count, $1) }) {
            let arm = tables[index]
            arms[index] = try self.arm(
                names[index],
                title: try arm.text("title") ?? names[index],
                values(chains[index]),
                path: arm.path
            )
        }
        return tables.indices.compactMap { arms[$0] }
    }

    /// What the arm of a name says, with everything that it inherits.
    func values(of name: String) throws -> Values {
        guard let index = names.firstIndex(of: name) else { return base }
        return values(try chain(index))
    }

    /// An arm from its values, with every default filled in.
    func arm(
        _ name: String,
        title: String,
        _ values: Values,
        path: String
    ) throws -> StudyConfiguration.ArmConfiguration {
        let subject = "\(path).training"
        let settings = try TrainingSettings(values.training, subject: subject)
            .resolved(in: registry, subject: subject)
        return StudyConfiguration.ArmConfiguration(
            name: name,
            title: title,
            model: try ModelConfiguration(values.model, path: "\(path).model", registry: registry),
            training: settings,
            path: path,
            trainingValue: try ConfigurationValue(encoding: settings)
        )
    }

    /// An arm's ancestors, from the one that extends nothing, and the arm itself.
    private func chain(_ index: Int) throws -> [Int] {
        var chain = [index]
        while let parent = try tables[chain[0]].text("extends") {
            let subject = tables[chain[0]].subject("extends")
            guard let next = names.firstIndex(of: parent) else {
                throw SegmentationError(
                    subject,
                    "there is no arm called `\(parent)`",
                    cure: SegmentationError.unknown(parent, among: names).cure
                )
            }
            guard !chain.contains(next) else {
                let circle = [names[next]] + chain[...(chain.firstIndex(of: next) ?? 0)].map { names[$0] }
                throw SegmentationError(
                    subject,
                    circle.count == 2
                        ? "the arm extends itself"
                        : "the arms extend one another in a circle: \(circle.reversed().joined(separator: " → "))",
                    cure: "have one of them stand without `extends`"
                )
            }
            chain.insert(next, at: 0)
        }
        return chain
    }

    private func values(_ chain: [Int]) -> Values {
        chain.reduce(base) { $0.laid(under: tables[$1]["model"] ?? .null, tables[$1]["training"] ?? .null) }
    }
}

extension ArmReader.Values {
    /// These values with others laid over them.
    func laid(under model: ConfigurationValue, _ training: ConfigurationValue) -> Self {
        Self(
            model: ModelConfiguration.merged(self.model, with: model),
            training: TrainingSettings.merged(self.training, with: training)
        )
    }
}

import SegCore
import SegSettings

/// Arms that a study makes of one arm by changing one thing at a time.
///
/// ```yaml
/// ablations:
///   base: consistency                                 # the reference arm if left out
///   drop: [terms, features]                           # an arm without each consistency term, and each of its features
///   only: features                                    # an arm for each feature alone
///   sweep: {model.terms.birads.weight: [0, 0.1, 10]}  # an arm for each value; several keys are varied one at a time
/// ```
struct AblationConfiguration {
    /// What is dropped or left alone.
    enum Target: String, CaseIterable {
        /// The consistency terms.
        case terms
        /// The entries of a term's setting `features`.
        case features
    }

    static let path = "ablations"

    static let keys: [SettingDescription] = {
        let targets = Target.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        return [
            .init("base", "name", otherwise: "the reference arm", "The arm that is changed"),
            .init("drop", "one or more of \(targets)", default: "[]", "An arm without each of them"),
            .init("only", "one or more of \(targets)", default: "[]", "An arm with each of them alone"),
            .init(
                "sweep",
                "table of lists",
                default: "{}",
                "Values by the path of an arm's key, such as `model.terms.birads.weight`: an arm for each value"
            ),
        ]
    }()

    /// The arm that is changed; `nil` for the reference arm.
    var base: String?
    var drop: [Target]
    var only: [Target]
    /// Values by the path of a key within the arm, in the order of the paths.
    var sweep: [(path: String, values: [ConfigurationValue])]

    init(_ value: ConfigurationValue) throws {
        let table = try ConfigurationTable(value, path: Self.path, keys: Self.keys)
        base = try table.text("base")
        drop = try Self.targets(table, "drop")
        only = try Self.targets(table, "only")
        let sweeps = try ConfigurationTable(table["sweep"] ?? .null, path: table.subject("sweep"))
        sweep = try sweeps.keys.map { path in
            guard ["model.", "training."].contains(where: { path.hasPrefix($0) }), !path.hasSuffix(".") else {
                throw SegmentationError(
                    sweeps.subject(path),
                    "is not the path of an arm's key",
                    cure: "write it out, as in `model.terms.birads.weight` or `training.learningRate`"
                )
            }
            guard let values = try sweeps.list(path), !values.isEmpty else {
                throw sweeps.wrongKind(path, sweeps[path] ?? .null, "a list of values")
            }
            return (path, values)
        }
        guard !drop.isEmpty || !only.isEmpty || !sweep.isEmpty else {
            throw SegmentationError(
                Self.path,
                "does not say what to change",
                cure: "name one or more of `drop`, `only` and `sweep`, as in `ablations: {drop: terms}`"
            )
        }
    }

    /// One name or a list of names.
    private static func targets(_ table: ConfigurationTable, _ key: String) throws -> [Target] {
        let names: [ConfigurationValue]
        switch table[key] {
        case nil, .null: return []
        case .list(let items)?: names = items
        case let name?: names = [name]
        }
        return try names.map { name in
            let valid = Target.allCases.map(\.rawValue)
            guard case .text(let text) = name else { throw table.wrongKind(key, name, valid.joined(separator: " or ")) }
            guard let target = Target(rawValue: text) else {
                throw SegmentationError.unknown("part", called: text, at: table.subject(key), among: valid)
            }
            return target
        }
    }
}

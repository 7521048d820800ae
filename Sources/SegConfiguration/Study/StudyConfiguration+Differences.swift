import SegCore
public import SegSettings

extension StudyConfiguration {
    /// What an arm changes against the reference arm, one line a key: `model.terms.birads.weight: 0 → 1`.
    ///
    /// A head or term that one of the two lacks is one line, with its weight and the settings that are not its defaults.
    public func differences(of arm: ArmConfiguration, registry: PluginRegistry = .standard) -> [String] {
        guard let base = arms.first(where: { $0.name == reference }), base.name != arm.name else { return [] }
        return Self.differences(base.model.resolved, arm.model.resolved, path: "model", registry)
            + Self.differences(base.trainingValue, arm.trainingValue, path: "training", registry)
            + Self.differences(
                base.inference?.resolved ?? .null,
                arm.inference?.resolved ?? .null,
                path: InferenceConfiguration.key,
                registry
            )
    }

    private static func differences(
        _ left: ConfigurationValue,
        _ right: ConfigurationValue,
        path: String,
        _ registry: PluginRegistry
    ) -> [String] {
        if let first = left.members, let second = right.members {
            return Set(first.keys).union(second.keys).sorted().flatMap { key in
                differences(first[key] ?? .null, second[key] ?? .null, path: "\(path).\(key)", registry)
            }
        }
        let (before, after) = (text(left, path: path, registry), text(right, path: path, registry))
        return before == after ? [] : ["\(path): \(before) → \(after)"]
    }

    /// A value on one line; of a head or term what a reader needs to know it by.
    private static func text(_ value: ConfigurationValue, path: String, _ registry: PluginRegistry) -> String {
        let keys = path.split(separator: ".").map(String.init)
        guard keys.count == 3, keys[1] == "heads" || keys[1] == "terms" else { return value.brief }
        guard let members = value.members else { return "off" }
        let resolve =
            try? keys[1] == "heads"
            ? registry.head(keys[2], subject: path).resolve : registry.term(keys[2], subject: path).resolve
        let defaults = (try? resolve?(ConfigurationValue.null, path))?.members ?? [:]
        let settings: ConfigurationMembers = (members["settings"]?.members ?? [:])
            .filter { (defaults[$0.key] ?? .null).firstDifference(from: $0.value) != nil }
        let changed = settings.sorted { $0.key < $1.key }.map { ", \($0.key) \($0.value.brief)" }
        return "weight \(members["weight"]?.brief ?? "1")" + changed.joined()
    }
}

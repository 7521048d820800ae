import SegCore

extension ConfigurationValue {
    /// This tree with another laid over it: defaults under a study, a study under its arms, an arm under its ablations.
    ///
    /// - Tables are laid over one another member by member. What stands only in the other comes after. A member in its former
    ///   spelling and one in its present spelling are one member.
    /// - Nothing (`key:`) leaves what is there.
    /// - A list, a scalar (`off` among them) and a table over either replace what is there.
    /// - A plugin of another name replaces the first one with its settings, which do not apply to it. Its bare name,
    ///   of the same plugin, leaves the settings; settings alone are those of the plugin that is there.
    package func overlaid(with other: ConfigurationValue) -> ConfigurationValue {
        switch (self, other) {
        case (_, .null):
            return self
        case (.table(let below), .table(let above)):
            if let name = namedPlugin, let next = other.namedPlugin, next != name { return other }
            return .table(below.merging(above.spelled(like: below)) { $0.overlaid(with: $1) })
        case (.table, .text(let name)) where name == namedPlugin:
            return self
        case (.text, .table(let above)) where above["settings"] != nil && above["name"] == nil:
            return ConfigurationValue.table(["name": self]).overlaid(with: other)
        default:
            return other
        }
    }

    /// The name in `{name: …}`, `{name: …, settings: …}` or `{name: …, weight: …, settings: …}`; `nil` for anything else.
    private var namedPlugin: String? {
        guard let members, members.keys.allSatisfy(["name", "weight", "settings"].contains) else { return nil }
        return members["name"]?.name
    }

    /// Checks that a table of settings names only what these defaults have, and names nothing without saying what.
    ///
    /// - Parameter subject: where the table stands, for messages.
    ///
    /// - Throws: ``SegmentationError`` for an unknown name, with the nearest one, for `key:` with nothing after it, and
    ///   for anything but a table.
    func requireKnown(_ configuration: ConfigurationValue, subject: String) throws {
        if case .null = configuration { return }
        guard let given = configuration.members else {
            throw SegmentationError(
                subject,
                "is \(configuration.kind) where a table of settings is expected",
                cure: "write one `name: value` a line below it"
            )
        }
        let defaults = members ?? [:]
        for (key, value) in given.spelled(like: defaults).sorted(by: { $0.key < $1.key }) {
            guard let known = defaults[key] else {
                throw SegmentationError.unknown(key, in: subject, among: defaults.keys)
            }
            if value == .null, known != .null {
                let standard = known.members == nil ? ": the default is \(known.brief)" : " for the defaults"
                throw SegmentationError(
                    "\(subject).\(key)",
                    "has no value",
                    cure: "write one after `\(key):`, or remove the line\(standard)"
                )
            }
            // What another plugin's settings are called, its own reader knows.
            if known.members != nil, known.namedPlugin == nil, value.members != nil {
                try known.requireKnown(value, subject: "\(subject).\(key)")
            }
        }
    }
}

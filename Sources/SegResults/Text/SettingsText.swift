import SegCore
package import SegSettings

/// The settings of an arm, read back from its text and put into words.
///
/// Whatever a plugin's parts are set to is worded by the same rules, so that none needs a text of its own.
package struct SettingsText {
    /// A table; empty where the text cannot be read, as in results that were written by hand.
    let value: ConfigurationValue

    package init(_ arm: ArmDescription) {
        let document = try? ConfigurationDocument(text: arm.settings, name: arm.name)
        value = document?.value ?? .table(ConfigurationMembers())
    }

    /// The value at a path: `model.backbone.name`.
    package subscript(path: String) -> ConfigurationValue? {
        path.split(separator: ".").reduce(value as ConfigurationValue?) { $0?.members?[String($1)] }?.resolved
    }

    /// A scalar at a path, as it is written.
    func text(_ path: String) -> String? { self[path].flatMap(\.name) }

    func number(_ path: String) -> Double? { self[path].flatMap(Self.number) }

    /// The named members of a table that are not switched off: heads, terms.
    func parts(_ path: String) -> [(name: String, value: ConfigurationValue)] {
        (self[path]?.members ?? ConfigurationMembers()).compactMap { name, value in
            if value.resolved == .bool(false) || value.resolved == .null { return nil }
            return (name, value)
        }
    }

    static func number(_ value: ConfigurationValue) -> Double? {
        switch value.resolved {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// A value in words: `depth 5, normalization batch`; a plugin by its name with its settings in brackets.
    static func words(_ value: ConfigurationValue) -> String {
        switch value.resolved {
        case .bool(let isOn): return isOn ? "on" : "off"
        case .null: return "none"
        case .list(let items): return items.isEmpty ? "none" : items.map(words).joined(separator: " + ")
        case .table(let members):
            // The settings of a part stand beside its weight.
            var shown = members.filter { $0.key != "name" && $0.key != "settings" }
            for (key, value) in members["settings"]?.members ?? ConfigurationMembers() { shown[key] = value }
            let text = shown.map { "\(words(key: $0)) \(nested($1))" }.joined(separator: ", ")
            guard let name = members["name"]?.name else { return text.isEmpty ? "none" : text }
            return text.isEmpty ? name : "\(name) (\(text))"
        default: return value.name ?? ""
        }
    }

    private static func nested(_ value: ConfigurationValue) -> String {
        guard let members = value.resolved.members, members["name"] == nil, !members.isEmpty else {
            return words(value)
        }
        return "(\(words(value)))"
    }

    /// A key as words: `batchSize` as `batch size`.
    static func words(key: String) -> String {
        var result = ""
        for character in key {
            if character.isUppercase, result.last?.isLowercase == true { result.append(" ") }
            result += character.isUppercase ? character.lowercased() : String(character)
        }
        return result
    }

    /// Where another arm's settings are not these: `model.heads.classification: weight 1 instead of off`.
    func differences(of other: SettingsText) -> [String] { Self.differences(value, other.value, path: "") }

    private static func differences(_ own: ConfigurationValue, _ other: ConfigurationValue, path: String) -> [String] {
        if let first = own.resolved.members, let second = other.resolved.members {
            let keys = first.keys + second.keys.filter { first[$0] == nil }
            return keys.flatMap { key -> [String] in
                differences(
                    first[key] ?? .bool(false),
                    second[key] ?? .bool(false),
                    path: path.isEmpty ? key : "\(path).\(key)"
                )
            }
        }
        if let first = number(own), let second = number(other), first == second { return [] }
        guard own.resolved != other.resolved else { return [] }
        return ["\(path): \(words(other)) instead of \(words(own))"]
    }
}

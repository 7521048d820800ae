package import SegCore

/// Reads a table of a configuration key by key, with errors that name the key.
package struct ConfigurationTable {
    /// The table's path: `arms[0]`; empty at the top.
    package let path: String
    private let members: ConfigurationMembers

    /// - Throws: ``SegmentationError`` if the value is not a table, or has a key that is not among `keys`.
    package init(_ value: ConfigurationValue, path: String, keys: [String]) throws {
        try self.init(value, path: path)
        for key in members.keys.sorted() where !keys.contains(key) {
            throw SegmentationError.unknown(key, in: path, among: keys)
        }
    }

    /// - Throws: ``SegmentationError`` if the value is not a table, or has a key that is not described.
    package init(_ value: ConfigurationValue, path: String, keys: [SettingDescription]) throws {
        try self.init(value, path: path, keys: keys.map(\.key))
    }

    /// A table whose keys are free names.
    package init(_ value: ConfigurationValue, path: String) throws {
        self.path = path
        if case .null = value {
            members = [:]
            return
        }
        guard let members = value.members else {
            throw SegmentationError(
                path.isEmpty ? "the file" : path,
                "is \(value.kind) where a table is expected",
                cure: "write one `name: value` a line"
            )
        }
        self.members = members
    }

    /// All keys, sorted.
    package var keys: [String] { members.keys.sorted() }

    package subscript(key: String) -> ConfigurationValue? { members[key] }

    package func subject(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    package func text(_ key: String) throws -> String? {
        switch members[key] {
        case nil, .null: return nil
        case .some(let value):
            // A name such as `2024_01` is read as a number, and was meant as a name.
            guard let text = value.name else { throw wrongKind(key, value, "text") }
            return text
        }
    }

    package func requiredText(_ key: String, cure: String) throws -> String {
        guard let text = try text(key), !text.isEmpty else { throw missing(key, cure: cure) }
        return text
    }

    package func number(_ key: String) throws -> Double? {
        switch members[key]?.resolved {
        case nil, .null: return nil
        case .integer(let value): return Double(value)
        case .number(let value): return value
        case .some(let value): throw wrongKind(key, value, "a number")
        }
    }

    package func bool(_ key: String) throws -> Bool? {
        switch members[key]?.resolved {
        case nil, .null: return nil
        case .bool(let value): return value
        case .some(let value): throw wrongKind(key, value, "true or false")
        }
    }

    /// A whole number that is not negative.
    package func natural(_ key: String) throws -> Int? {
        switch members[key]?.resolved {
        case nil, .null: return nil
        case .integer(let value) where value >= 0: return value
        case .integer(let value):
            throw SegmentationError(subject(key), "\(value) is out of range", cure: "choose a whole number, 0 or more")
        case .some(let value): throw wrongKind(key, value, "a whole number, 0 or more")
        }
    }

    package func list(_ key: String) throws -> [ConfigurationValue]? {
        switch members[key] {
        case nil, .null: return nil
        case .list(let items): return items
        case .some(let value): throw wrongKind(key, value, "a list")
        }
    }

    package func missing(_ key: String, cure: String) -> SegmentationError {
        SegmentationError(subject(key), "is missing", cure: cure)
    }

    package func wrongKind(_ key: String, _ value: ConfigurationValue, _ expected: String) -> SegmentationError {
        SegmentationError(
            subject(key),
            "is \(value.kind) where \(expected) is expected",
            cure: "write \(expected) after `\(key):`"
        )
    }
}

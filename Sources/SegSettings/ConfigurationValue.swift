import SegCore

/// A value in a configuration file, in any format: a tree whose tables keep the order of their members.
public enum ConfigurationValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([ConfigurationValue])
    case table(ConfigurationMembers)
    /// A scalar that is not written as its value is, with that value: `010`, `1e3`, `0x10`, `no`. As a name it is its text.
    indirect case written(String, ConfigurationValue)

    /// The value in any notation.
    public var resolved: ConfigurationValue {
        if case .written(_, let value) = self { return value }
        return self
    }

    /// A table without the members that are null; any other value as it is.
    var withoutNulls: ConfigurationValue { members.map { .table($0.filter { $0.value != .null }) } ?? self }

    /// The same tree with the members of every table sorted by name.
    package var sorted: ConfigurationValue {
        switch self {
        case .list(let items): .list(items.map(\.sorted))
        case .table(let members):
            .table(ConfigurationMembers(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sorted) }))
        default: self
        }
    }

    /// A scalar as a name, which is taken as it is written; `nil` for nothing, lists and tables.
    public var name: String? {
        switch self {
        case .text(let text), .written(let text, _): text
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .number(let value): "\(value)"
        case .null, .list, .table: nil
        }
    }

    /// The members of a table; `nil` for anything else.
    public var members: ConfigurationMembers? {
        if case .table(let members) = self { return members }
        return nil
    }

    /// The name of the value's kind, for messages.
    public var kind: String {
        switch self {
        case .null: "nothing"
        case .bool: "true or false"
        case .integer: "a whole number"
        case .number: "a number"
        case .text: "text"
        case .list: "a list"
        case .table: "a table"
        case .written(_, let value): value.kind
        }
    }
}

extension ConfigurationValue: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([ConfigurationValue].self) {
            self = .list(value)
        } else {
            self = .table(try container.decode(ConfigurationMembers.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let value): try container.encode(value)
        case .table(let value): try container.encode(value)
        case .written(_, let value): try container.encode(value)
        }
    }
}

extension ConfigurationValue {
    /// Any encodable value as a configuration value.
    public init(encoding value: some Encodable) throws { self = try ConfigurationEncoder.encode(value) }
}

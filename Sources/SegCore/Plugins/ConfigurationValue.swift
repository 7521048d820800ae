import Foundation

/// A value in a configuration file, whatever the file's format.
public enum ConfigurationValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([ConfigurationValue])
    case table([String: ConfigurationValue])

    /// The members of a table; `nil` for anything else.
    public var members: [String: ConfigurationValue]? {
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
            self = .table(try container.decode([String: ConfigurationValue].self))
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
        }
    }
}

extension ConfigurationValue {
    /// Any encodable value as a configuration value.
    public init(encoding value: some Encodable) throws {
        let data = try JSONEncoder().encode(value)
        self = try JSONDecoder().decode(ConfigurationValue.self, from: data)
    }
}

extension PluginSettings {
    /// Settings from a configuration: the defaults, overlaid with what the configuration names.
    ///
    /// - Parameter subject: where the configuration stands, for messages: `arms[0].backbone`.
    ///
    /// Throws: ``SegmentationError`` for an unknown name (with the nearest valid one), a value of the wrong kind, or a
    /// value out of range.
    public init(_ configuration: ConfigurationValue, subject: String) throws {
        let defaults = try ConfigurationValue(encoding: Self())
        let merged = try Self.overlaid(defaults, with: configuration, subject: subject)
        do {
            self = try Self.decoded(merged)
        } catch let error as DecodingError {
            throw Self.misfit(in: configuration, of: defaults, subject: subject)
                ?? Self.explained(error, subject: subject)
        }
        do {
            try validate()
        } catch let error as SegmentationError {
            throw SegmentationError("\(subject).\(error.subject)", error.problem, cure: error.cure)
        }
    }

    private static func decoded(_ value: ConfigurationValue) throws -> Self {
        try JSONDecoder().decode(Self.self, from: JSONEncoder().encode(value))
    }

    /// The error for a number where a whole one is expected, whose place Foundation does not tell: the first key that
    /// alone, over the defaults, cannot be read.
    private static func misfit(
        in configuration: ConfigurationValue,
        of defaults: ConfigurationValue,
        subject: String
    ) -> SegmentationError? {
        for (path, value) in leaves(of: configuration, path: []) {
            guard case .number(let number) = value else { continue }
            let alone = path.reversed().reduce(value) { .table([$1: $0]) }
            guard let merged = try? overlaid(defaults, with: alone, subject: subject), (try? decoded(merged)) == nil
            else { continue }
            return SegmentationError(
                ([subject] + path).joined(separator: "."),
                "is \(number)",
                cure: "see `segkit plugins` for names, kinds and defaults; is a whole number meant?"
            )
        }
        return nil
    }

    private static func leaves(
        of value: ConfigurationValue,
        path: [String]
    ) -> [(path: [String], value: ConfigurationValue)] {
        guard let members = value.members else { return [(path, value)] }
        return members.sorted { $0.key < $1.key }.flatMap { leaves(of: $0.value, path: path + [$0.key]) }
    }

    private static func overlaid(
        _ defaults: ConfigurationValue,
        with configuration: ConfigurationValue,
        subject: String
    ) throws -> ConfigurationValue {
        if case .null = configuration { return defaults }
        guard let given = configuration.members else {
            throw SegmentationError(
                subject,
                "is \(configuration.kind) where a table of settings is expected",
                cure: "write one `name: value` a line below it"
            )
        }
        var result = defaults.members ?? [:]
        for (key, value) in given.sorted(by: { $0.key < $1.key }) {
            guard let known = result[key] else {
                throw unknownKey(key, subject: subject, valid: Array(result.keys))
            }
            if known.members != nil, value.members != nil {
                result[key] = try overlaid(known, with: value, subject: "\(subject).\(key)")
            } else {
                result[key] = value
            }
        }
        return .table(result)
    }

    private static func explained(_ error: DecodingError, subject: String) -> SegmentationError {
        let context: DecodingError.Context
        var problem = "has a value of the wrong kind"
        switch error {
        case .typeMismatch(let type, let where_):
            context = where_
            problem = "has a value that is not of type \(type)"
        case .valueNotFound(let type, let where_):
            context = where_
            problem = "has no value where \(type) is expected"
        case .keyNotFound(_, let where_): context = where_
        case .dataCorrupted(let where_):
            context = where_
            problem = where_.debugDescription
        @unknown default: return SegmentationError(subject, "\(error)", cure: "correct the configuration")
        }
        let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
        return SegmentationError(subject + path, problem, cure: "see `segkit plugins` for names, kinds and defaults")
    }
}

/// The error for a key that does not exist, naming the nearest one that does.
public func unknownKey(_ key: String, subject: String, valid: [String]) -> SegmentationError {
    let nearest = valid.map { (distance: editDistance(key.lowercased(), $0.lowercased()), name: $0) }
        .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
    let suggestion =
        if let nearest, nearest.distance <= max(2, key.count / 2) {
            "did you mean `\(nearest.name)`?"
        } else if valid.isEmpty {
            "remove it: nothing can be set here"
        } else {
            "use one of: \(valid.sorted().joined(separator: ", "))"
        }
    return SegmentationError(subject.isEmpty ? key : "\(subject).\(key)", "is not known", cure: suggestion)
}

/// Insertions, deletions, substitutions and exchanges of neighbours from one text to the other.
package func editDistance(_ left: String, _ right: String) -> Int {
    let a = Array(left)
    let b = Array(right)
    var rows = [Array(0...b.count)]
    for i in 0..<a.count {
        var row = [i + 1]
        for j in 0..<b.count {
            var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[i - 1][j - 1] + 1) }
            row.append(best)
        }
        rows.append(row)
    }
    return rows[a.count][b.count]
}

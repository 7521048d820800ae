/// The members of a table in a configuration, in the order in which they were written.
///
/// Names are unique. Two tables are equal if they hold the same values under the same names, whatever their order: a file
/// whose lines were moved says the same.
public struct ConfigurationMembers: Sendable {
    /// The names, in order.
    public private(set) var keys: [String] = []
    private var values: [String: ConfigurationValue] = [:]

    /// No members.
    public init() {}

    /// Members in their order; of two with one name the first counts.
    public init(_ members: some Sequence<(String, ConfigurationValue)>) {
        for (key, value) in members where values[key] == nil { self[key] = value }
    }

    /// The value of a name. A new name is written after the others; `nil` removes a member.
    ///
    /// - Complexity: constant, and linear in the number of members where one is removed.
    public subscript(key: String) -> ConfigurationValue? {
        get { values[key] }
        set {
            let before = values[key]
            values[key] = newValue
            switch (before, newValue) {
            case (nil, .some): keys.append(key)
            case (.some, nil): keys.removeAll { $0 == key }
            default: break
            }
        }
    }

    /// The same names with other values.
    public func mapValues(_ transform: (ConfigurationValue) throws -> ConfigurationValue) rethrows -> Self {
        var result = self
        result.values = try values.mapValues(transform)
        return result
    }

    /// The members that fulfill a condition.
    public func filter(_ isIncluded: (Element) throws -> Bool) rethrows -> Self {
        var result = Self()
        for (key, value) in self where try isIncluded((key, value)) { result[key] = value }
        return result
    }

    /// These members with others after them; where both have a name, it keeps its place and `combine` makes its value of
    /// the two.
    public func merging(
        _ others: Self,
        combine: (ConfigurationValue, ConfigurationValue) throws -> ConfigurationValue
    ) rethrows -> Self {
        var result = self
        for (key, value) in others { result[key] = try result[key].map { try combine($0, value) } ?? value }
        return result
    }
}

extension ConfigurationMembers: RandomAccessCollection {
    public typealias Element = (key: String, value: ConfigurationValue)

    public var startIndex: Int { keys.startIndex }
    public var endIndex: Int { keys.endIndex }

    public subscript(position: Int) -> Element { (keys[position], values[keys[position]] ?? .null) }
}

extension ConfigurationMembers: Hashable {
    public static func == (left: Self, right: Self) -> Bool { left.values == right.values }

    public func hash(into hasher: inout Hasher) { hasher.combine(values) }
}

extension ConfigurationMembers: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral members: (String, ConfigurationValue)...) { self.init(members) }
}

extension ConfigurationMembers: Codable {
    /// A member's name.
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Members of any format, sorted: Foundation's readers of JSON do not keep the order, and its writers sort.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
            self[key.stringValue] = try container.decode(ConfigurationValue.self, forKey: key)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        for (key, value) in self { try container.encode(value, forKey: Name(stringValue: key)) }
    }
}

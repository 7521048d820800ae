import SegCore
import Yams

/// A configuration whose tables keep the order in which a reader wants to see them.
package indirect enum OrderedConfiguration {
    case value(ConfigurationValue)
    case list([OrderedConfiguration])
    case table([(String, OrderedConfiguration)])

    /// The configuration without its order.
    package var value: ConfigurationValue {
        switch self {
        case .value(let value): value
        case .list(let items): .list(items.map(\.value))
        case .table(let members): .table(Dictionary(members.map { ($0.0, $0.1.value) }) { first, _ in first })
        }
    }

    /// As YAML that reads back as the same values.
    package func yaml() throws -> String { try Yams.serialize(node: node, width: 100, allowUnicode: true) }

    private var node: Node {
        switch self {
        case .value(let value): Self.node(value)
        case .list(let items): .sequence(.init(items.map(\.node), .implicit, .block))
        case .table(let members):
            .mapping(.init(members.map { (Node($0.0), $0.1.node) }, .implicit, members.isEmpty ? .flow : .block))
        }
    }

    private static func node(_ value: ConfigurationValue) -> Node {
        switch value {
        case .null: return Node("null", Tag(.null))
        case .bool(let value): return Node(value ? "true" : "false", Tag(.bool))
        case .integer(let value): return Node(String(value), Tag(.int))
        case .number(let value): return Node(text(of: value), Tag(.float))
        case .text(let text):
            // Quoted where a plain scalar would be read as a number, a truth value or nothing.
            let plain = Node(text)
            let isPlain = Resolver.default.resolveTag(of: plain) == .str
            return Node(text, Tag(.str), isPlain ? .any : .doubleQuoted)
        case .written(_, let value): return node(value)
        case .list(let items):
            return .sequence(.init(items.map(node), .implicit, .flow))
        case .table(let members):
            let pairs = members.sorted { $0.key < $1.key }.map { (Node($0.key), node($0.value)) }
            return .mapping(.init(pairs, .implicit, pairs.isEmpty ? .flow : .block))
        }
    }

    /// The fewest digits that read back to the same number; whole numbers without a fraction.
    package static func text(of value: Double) -> String {
        if value.isNaN { return ".nan" }
        if value.isInfinite { return value < 0 ? "-.inf" : ".inf" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }
}

import Yams

extension ConfigurationValue {
    /// As YAML that reads back as the same values, in the order of the tree. A list stands on one line, as in `[1, 2]`.
    ///
    /// - Parameter lists: the paths of those lists whose items have lines of their own: `metrics.extra`.
    package func yaml(itemsOnLines lists: Set<String> = []) throws -> String {
        try Yams.serialize(node: node(path: "", lists), width: 100, allowUnicode: true)
    }

    private func node(path: String, _ lists: Set<String>) -> Node {
        switch self {
        case .null: return Node("null", Tag(.null))
        case .bool(let value): return Node(value ? "true" : "false", Tag(.bool))
        case .integer(let value): return Node(String(value), Tag(.int))
        case .number(let value): return Node(Self.text(of: value), Tag(.float))
        case .text(let text):
            // Quoted where a plain scalar would be read as a number, a truth value or nothing.
            let plain = Node(text)
            let isPlain = Resolver.default.resolveTag(of: plain) == .str
            return Node(text, Tag(.str), isPlain ? .any : .doubleQuoted)
        case .written(_, let value): return value.node(path: path, lists)
        case .list(let items):
            let nodes = items.map { $0.node(path: path, lists) }
            return .sequence(.init(nodes, .implicit, lists.contains(path) ? .block : .flow))
        case .table(let members):
            let pairs = members.map { key, value in
                (Node(key), value.node(path: path.isEmpty ? key : "\(path).\(key)", lists))
            }
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

extension ConfigurationValue {
    /// The value as a person writes it on one line: `0.1`, `off`, `[a, b]`.
    package var brief: String {
        switch self {
        case .null: "none"
        case .bool(let value): value ? "on" : "off"
        case .integer(let value): String(value)
        case .number(let value): Self.text(of: value)
        case .text(let text): text
        case .written(_, let value): value.brief
        case .list(let items): "[\(items.map(\.brief).joined(separator: ", "))]"
        case .table(let members):
            "{\(members.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.brief)" }.joined(separator: ", "))}"
        }
    }
}

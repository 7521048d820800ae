import Foundation

/// A hash of the values that something holds, looked at from outside.
package enum StateHash {
    /// Deeper than any settings; ends references that lead back to where they came from.
    private static let maximumDepth = 16

    /// `nil` if it holds anything whose value cannot be seen, such as a function.
    package static func of(_ value: Any) -> ContentHash? { hash(value, depth: 0) }

    private static func hash(_ value: Any, depth: Int) -> ContentHash? {
        guard depth < maximumDepth else { return nil }
        var components = CacheKey.Components()
        components.add("type", "\(type(of: value))")
        switch value {
        case let text as String: components.add("text", text)
        case let flag as Bool: components.add("flag", flag ? 1 : 0)
        case let number as any BinaryInteger: components.add("integer", "\(number)")
        case let number as Double: components.add("number", number)
        case let number as Float: components.add("number", Double(number))
        case let url as URL: components.add("url", url.absoluteString)
        case let data as Data: components.add("data", ContentHash(of: data))
        default:
            let mirror = Mirror(reflecting: value)
            var children = mirror.children.map { ($0.label, $0.value) }
            var ancestor = mirror.superclassMirror
            while let mirror = ancestor {
                children += mirror.children.map { ($0.label, $0.value) }
                ancestor = mirror.superclassMirror
            }
            switch mirror.displayStyle {
            case .enum where children.isEmpty: components.add("case", "\(value)")
            case .struct, .class, .tuple, .enum, .optional, .collection:
                for (label, child) in children {
                    guard let hash = hash(child, depth: depth + 1) else { return nil }
                    components.add(label ?? "", hash)
                }
            case .dictionary, .set:
                var hashes: [String] = []
                for (_, child) in children {
                    guard let hash = hash(child, depth: depth + 1) else { return nil }
                    hashes.append(hash.description)
                }
                // In an order that does not change from run to run.
                components.add("members", hashes.sorted().joined())
            default: return nil
            }
        }
        return components.key.hash
    }
}

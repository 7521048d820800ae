public import SegCore
import Synchronization

/// The types that decoding settings asks for, in words, noted by key while ``current`` is set.
final class TypeNotes: Sendable {
    @TaskLocal static var current: TypeNotes?

    private let state = Mutex([String: String]())

    /// The types in words, by path; none for those that are tables of their own.
    var names: [String: String] { state.withLock { $0 } }

    func note(_ path: [any CodingKey], _ type: Any.Type) {
        guard let name = Self.name(of: type) else { return }
        let key = path.map(\.stringValue).joined(separator: ".")
        state.withLock { $0[key] = name }
    }

    private static func name(of type: Any.Type) -> String? {
        switch type {
        case let type as any OptionalSettingType.Type: name(of: type.wrappedType)
        case let type as any NamedSettingType.Type: type.typeName
        case is Bool.Type: "true or false"
        case is String.Type: "text"
        case is any FixedWidthInteger.Type: "whole number"
        case is any BinaryFloatingPoint.Type: "number"
        case let type as any ListType.Type: name(of: type.elementType).map { "list of \(plural($0))" }
        case let type as any TableType.Type: name(of: type.valueType).map { "table of names, each with: \($0)" }
        case let type as any CaseIterable.Type:
            choices(of: type).map { "one of " + $0.map { "`\($0)`" }.joined(separator: ", ") }
        default: nil
        }
    }

    private static func plural(_ name: String) -> String {
        if name.hasPrefix("name, or ") { return "names, or of " + name.dropFirst("name, or ".count) }
        return name.hasSuffix("number") || name.hasSuffix("text") ? name + "s" : name
    }

    private static func choices<Choices: CaseIterable>(of type: Choices.Type) -> [String]? {
        let names = type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
        return names.isEmpty ? nil : names
    }
}

private protocol ListType { static var elementType: Any.Type { get } }
private protocol TableType { static var valueType: Any.Type { get } }

extension Array: ListType { fileprivate static var elementType: Any.Type { Element.self } }
extension Dictionary: TableType { fileprivate static var valueType: Any.Type { Value.self } }

extension NamedPlugin: NamedSettingType {
    public static var typeName: String { "name, or `{name, settings}`" }
}

extension WeightedPlugin: NamedSettingType {
    public static var typeName: String { "name, or `{name, weight, settings}`" }
}

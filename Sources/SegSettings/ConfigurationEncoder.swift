import Foundation
import SegCore

/// Encodes a value as a ``ConfigurationValue``.
///
/// Numbers are kept as a file would write them: a whole number is an integer, and a 32-bit number has the digits that it
/// prints with.
struct ConfigurationEncoder {
    static func encode(_ value: some Encodable) throws -> ConfigurationValue {
        let target = Target()
        try value.encode(to: Writer(target, codingPath: []))
        return target.value
    }

    /// What is being written at one place; a table or list grows as its members come.
    private final class Target {
        var scalar: ConfigurationValue?
        var members: [(key: String, target: Target)]?
        var items: [Target]?

        var value: ConfigurationValue {
            if let members { return .table(ConfigurationMembers(members.map { ($0.key, $0.target.value) })) }
            if let items { return .list(items.map(\.value)) }
            return scalar ?? .table([:])
        }

        func member(_ key: String) -> Target {
            let target = Target()
            // What is encoded twice counts as it was encoded last.
            members = (members ?? []).filter { $0.key != key } + [(key, target)]
            return target
        }

        func item() -> Target {
            let target = Target()
            items = items ?? []
            items?.append(target)
            return target
        }
    }

    private struct Writer: Encoder {
        let target: Target
        let codingPath: [any CodingKey]
        var userInfo: [CodingUserInfoKey: Any] { [:] }

        init(_ target: Target, codingPath: [any CodingKey]) {
            self.target = target
            self.codingPath = codingPath
        }

        func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
            target.members = target.members ?? []
            return KeyedEncodingContainer(Table(target: target, codingPath: codingPath))
        }

        func unkeyedContainer() -> any UnkeyedEncodingContainer {
            target.items = target.items ?? []
            return List(target: target, codingPath: codingPath)
        }

        func singleValueContainer() -> any SingleValueEncodingContainer {
            Scalar(target: target, codingPath: codingPath)
        }
    }

    private struct Table<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let target: Target
        let codingPath: [any CodingKey]

        func encodeNil(forKey key: Key) { target.member(key.stringValue).scalar = .null }

        func encode(_ value: some Encodable, forKey key: Key) throws {
            try ConfigurationEncoder.write(value, to: target.member(key.stringValue), codingPath + [key])
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type,
            forKey key: Key
        ) -> KeyedEncodingContainer<Nested> {
            Writer(target.member(key.stringValue), codingPath: codingPath + [key]).container(keyedBy: type)
        }

        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
            Writer(target.member(key.stringValue), codingPath: codingPath + [key]).unkeyedContainer()
        }

        func superEncoder() -> any Encoder { Writer(target.member("super"), codingPath: codingPath) }

        func superEncoder(forKey key: Key) -> any Encoder {
            Writer(target.member(key.stringValue), codingPath: codingPath + [key])
        }
    }

    private struct List: UnkeyedEncodingContainer {
        let target: Target
        let codingPath: [any CodingKey]
        var count: Int { target.items?.count ?? 0 }

        func encodeNil() { target.item().scalar = .null }

        func encode(_ value: some Encodable) throws {
            try ConfigurationEncoder.write(value, to: target.item(), codingPath)
        }

        func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
            Writer(target.item(), codingPath: codingPath).container(keyedBy: type)
        }

        func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
            Writer(target.item(), codingPath: codingPath).unkeyedContainer()
        }

        func superEncoder() -> any Encoder { Writer(target.item(), codingPath: codingPath) }
    }

    private struct Scalar: SingleValueEncodingContainer {
        let target: Target
        let codingPath: [any CodingKey]

        func encodeNil() { target.scalar = .null }

        func encode(_ value: some Encodable) throws {
            try ConfigurationEncoder.write(value, to: target, codingPath)
        }
    }

    private static func write(_ value: some Encodable, to target: Target, _ path: [any CodingKey]) throws {
        if let value = value as? ConfigurationValue {
            target.scalar = written(value)
        } else if let value = value as? Bool {
            target.scalar = .bool(value)
        } else if let value = value as? String {
            target.scalar = .text(value)
        } else if let value = value as? Double {
            target.scalar = number(value)
        } else if let value = value as? Float {
            target.scalar = number(Double("\(value)") ?? Double(value))
        } else if let value = value as? any BinaryInteger {
            guard let integer = Int(exactly: value) else {
                let context = EncodingError.Context(codingPath: path, debugDescription: "\(value) is too large")
                throw EncodingError.invalidValue(value, context)
            }
            target.scalar = .integer(integer)
        } else {
            try value.encode(to: Writer(target, codingPath: path))
        }
    }

    private static func number(_ value: Double) -> ConfigurationValue {
        Int(exactly: value).map(ConfigurationValue.integer) ?? .number(value)
    }

    /// A value as a file would write it.
    private static func written(_ value: ConfigurationValue) -> ConfigurationValue {
        switch value {
        case .number(let value): number(value)
        case .list(let items): .list(items.map(written))
        case .table(let members): .table(members.mapValues(written))
        default: value
        }
    }
}

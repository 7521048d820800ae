import SegCore

/// Decodes a value from a ``ConfigurationValue``, with errors that know the key.
struct ConfigurationDecoder: Decoder {
    let value: ConfigurationValue
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ value: ConfigurationValue, codingPath: [any CodingKey] = []) {
        self.value = value
        self.codingPath = codingPath
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from value: ConfigurationValue) throws -> Value {
        try ConfigurationDecoder(value).read(type)
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let members = value.members else { throw mismatch(ConfigurationMembers.self, "a table") }
        return KeyedDecodingContainer(Table(members: members, codingPath: codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .list(let items) = value else { throw mismatch([ConfigurationValue].self, "a list") }
        return List(items: items, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { Scalar(decoder: self) }

    /// The value as a number, a text, a truth value, or whatever decodes itself.
    fileprivate func read<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let result: Any?
        switch value {
        case _ where type == ConfigurationValue.self: result = value
        case _ where type == String.self && value.name != nil: result = value.name
        case .written(_, let meant): return try ConfigurationDecoder(meant, codingPath: codingPath).read(type)
        case .bool(let flag) where type == Bool.self: result = flag
        case .integer(let whole) where type == Double.self: result = Double(whole)
        case .integer(let whole) where type == Float.self: result = Float(whole)
        case .number(let number) where type == Double.self: result = number
        case .number(let number) where type == Float.self: result = Float(number)
        default:
            guard let integer = type as? any FixedWidthInteger.Type else {
                guard !Self.isScalar(type) else { throw mismatch(type, Self.name(type)) }
                return try Value(from: self)
            }
            result = try self.integer(integer)
        }
        guard let result = result as? Value else { throw mismatch(type, Self.name(type)) }
        return result
    }

    private static func isScalar(_ type: any Any.Type) -> Bool {
        type == Bool.self || type == String.self || type == Double.self || type == Float.self
    }

    private func integer<Whole: FixedWidthInteger>(_ type: Whole.Type) throws -> Any {
        switch value {
        case .integer(let whole):
            if let result = Whole(exactly: whole) { return result }
        case .number(let number):
            if let result = Whole(exactly: number) { return result }
            throw DecodingError.dataCorrupted(
                .init(codingPath: codingPath, debugDescription: "is \(number) where a whole number is expected")
            )
        default: break
        }
        throw mismatch(type, "a whole number")
    }

    fileprivate func mismatch(_ type: any Any.Type, _ expected: String) -> DecodingError {
        let text = "is \(value.kind) where \(expected) is expected"
        return .typeMismatch(type, .init(codingPath: codingPath, debugDescription: text))
    }

    private static func name(_ type: any Any.Type) -> String {
        switch type {
        case is Bool.Type: "true or false"
        case is String.Type: "text"
        case is any FixedWidthInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type: "a number"
        default: "\(type)"
        }
    }
}

extension ConfigurationDecoder {
    private struct Table<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let members: ConfigurationMembers
        let codingPath: [any CodingKey]

        var allKeys: [Key] { members.keys.compactMap { Key(stringValue: $0) } }

        func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }

        func decodeNil(forKey key: Key) throws -> Bool { try member(key).value == .null }

        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            TypeNotes.current?.note(codingPath + [key], type)
            return try member(key).read(type)
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type,
            forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> {
            try member(key).container(keyedBy: type)
        }

        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            try member(key).unkeyedContainer()
        }

        func superDecoder() throws -> any Decoder { ConfigurationDecoder(.table(members), codingPath: codingPath) }

        func superDecoder(forKey key: Key) throws -> any Decoder { try member(key) }

        private func member(_ key: Key) throws -> ConfigurationDecoder {
            guard let value = members[key.stringValue] else {
                let context = DecodingError.Context(codingPath: codingPath + [key], debugDescription: "is missing")
                throw DecodingError.keyNotFound(key, context)
            }
            return ConfigurationDecoder(value, codingPath: codingPath + [key])
        }
    }

    private struct List: UnkeyedDecodingContainer {
        let items: [ConfigurationValue]
        let codingPath: [any CodingKey]
        private(set) var currentIndex = 0

        init(items: [ConfigurationValue], codingPath: [any CodingKey]) {
            self.items = items
            self.codingPath = codingPath
        }

        var count: Int? { items.count }
        var isAtEnd: Bool { currentIndex >= items.count }

        mutating func decodeNil() throws -> Bool {
            guard !isAtEnd, items[currentIndex] == .null else { return false }
            currentIndex += 1
            return true
        }

        mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try next().read(type) }

        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type
        ) throws -> KeyedDecodingContainer<Nested> {
            try next().container(keyedBy: type)
        }

        mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }

        mutating func superDecoder() throws -> any Decoder { try next() }

        private mutating func next() throws -> ConfigurationDecoder {
            guard !isAtEnd else {
                let context = DecodingError.Context(codingPath: codingPath, debugDescription: "the list is too short")
                throw DecodingError.valueNotFound(ConfigurationValue.self, context)
            }
            defer { currentIndex += 1 }
            return ConfigurationDecoder(items[currentIndex], codingPath: codingPath + [Index(currentIndex)])
        }
    }

    private struct Scalar: SingleValueDecodingContainer {
        let decoder: ConfigurationDecoder
        var codingPath: [any CodingKey] { decoder.codingPath }

        func decodeNil() -> Bool { decoder.value == .null }

        func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try decoder.read(type) }
    }

    private struct Index: CodingKey {
        let intValue: Int?
        var stringValue: String { intValue.map(String.init) ?? "" }

        init(_ index: Int) { intValue = index }
        init?(stringValue: String) { nil }
        init?(intValue: Int) { self.intValue = intValue }
    }
}

/// A setting that a resolved configuration names only where it is set, so that configurations from before it stay what
/// they were, to the byte.
@propertyWrapper
public struct OptionalSetting<Value: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
    /// The value; `nil` where the configuration does not name it.
    public var wrappedValue: Value?

    public init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = container.decodeNil() ? nil : try container.decode(Value.self)
    }

    /// Writes a null where there is no value: the name is known, without a value.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
    }
}

public import SegCore

/// A step whose properties are a table in a study's `augmentation`, under the step's name.
///
/// Every property has a default; with the default probability of 0 the step is off.
public protocol ConfigurableStep: PluginSettings, Hashable {
    /// The key in configurations: `elastic`.
    static var name: String { get }

    /// How often, `0...1`.
    var probability: Float { get set }
}

extension KeyedDecodingContainer {
    /// A missing key leaves the value as it is.
    func read<Value: Decodable>(_ key: Key, into value: inout Value) throws {
        value = try decodeIfPresent(Value.self, forKey: key) ?? value
    }
}

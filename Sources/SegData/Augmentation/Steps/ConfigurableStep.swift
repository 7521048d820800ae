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

extension ConfigurableStep {
    /// Throws: ``SegmentationError``, its subject the key, if the value is not in the range.
    func check(_ key: String, _ value: Float, _ range: ClosedRange<Float>) throws {
        // A NaN is in no range.
        guard range.contains(value) else {
            throw SegmentationError(
                key,
                "\(value) is out of range",
                cure: "choose a value from \(range.lowerBound) to \(range.upperBound)"
            )
        }
    }
}

extension KeyedDecodingContainer {
    /// A missing key leaves the value as it is.
    func read<Value: Decodable>(_ key: Key, into value: inout Value) throws {
        value = try decodeIfPresent(Value.self, forKey: key) ?? value
    }
}

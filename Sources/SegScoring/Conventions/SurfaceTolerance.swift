import Foundation
public import SegCore
public import SegMetrics

/// How far a boundary may be off and still count as right in the normalized surface Dice: a length in px or mm.
///
/// In mm it means the same on every scanner, and only images have the metric whose pixels' size is known.
public struct SurfaceTolerance: Hashable, Sendable {
    /// The length, above 0.
    public let value: Double
    public let unit: LengthUnit

    /// `nil` unless the length is above 0 and finite.
    public init?(_ value: Double, _ unit: LengthUnit) {
        guard value > 0, value.isFinite else { return nil }
        self.value = value
        self.unit = unit
    }

    private init(pixels: Double) {
        value = pixels
        unit = .pixels
    }

    /// 2 px.
    public static let standard = SurfaceTolerance(pixels: 2)
}

extension SurfaceTolerance: LosslessStringConvertible {
    /// As it is written: `2 px`, `0.5 mm`.
    public var description: String {
        let number = value == value.rounded() && value < 1e6 ? String(Int(value)) : String(value)
        return "\(number) \(unit.rawValue)"
    }

    /// Reads `2 px` and `0.5 mm`, with or without the space; a number alone is in px.
    public init?(_ text: String) {
        let text = text.trimmingCharacters(in: .whitespaces)
        let unit = LengthUnit.allCases.first { text.hasSuffix($0.rawValue) }
        let number = text.dropLast(unit?.rawValue.count ?? 0).trimmingCharacters(in: .whitespaces)
        guard let value = Double(number) else { return nil }
        self.init(value, unit ?? .pixels)
    }
}

extension SurfaceTolerance: NamedSettingType {
    public static var typeName: String { "length in px or mm" }
}

extension SurfaceTolerance: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let tolerance = SurfaceTolerance(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "this is not a length in px or mm")
        }
        self = tolerance
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

public import SegTensor

/// A setting that is one of some names: an enumeration whose decoding lists them when it meets another.
public protocol NamedChoice: RawRepresentable, CaseIterable, Codable, Hashable, Sendable where RawValue == String {}

extension NamedChoice {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let name = try container.decode(String.self)
        guard let choice = Self(rawValue: name) ?? Self(rawValue: FormerSpelling.present(name)) else {
            let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "`\(name)` is not one of \(known)"
            )
        }
        self = choice
    }
}

extension Precision: NamedChoice {}

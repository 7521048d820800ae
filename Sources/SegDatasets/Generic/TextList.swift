public import SegCore

/// A setting that is one text or a list of them.
public struct TextList: Hashable, Sendable, Codable, ExpressibleByArrayLiteral, NamedSettingType {
    public var texts: [String]

    public init(_ texts: [String]) { self.texts = texts }

    public init(arrayLiteral texts: String...) { self.texts = texts }

    public static var typeName: String { "text, or list of texts" }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            texts = [text]
        } else {
            texts = try container.decode([String].self)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(texts)
    }
}

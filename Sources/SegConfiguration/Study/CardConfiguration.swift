import SegCore
import SegSettings

/// What a study says of its models to those who will use them: the table `card`.
///
/// ```yaml
/// card:
///   license: CC-BY-4.0
///   intendedUse: Outlines lesions for readers who check every contour.
///   limits: [One hospital and one scanner, No lesions above 5 cm]
///   contact: ultrasound@example.org
/// ```
public struct CardConfiguration: Hashable, Sendable {
    /// The license of the weights, preferably as its SPDX identifier; `nil` where none is stated.
    public var license: String?
    /// What the models are for; `nil` for ``ModelCard/standardUse``.
    public var intendedUse: String?
    /// What they cannot do, or must not be used for, a sentence each; they stand before what the software knows of it.
    public var limits: [String] = []
    /// Whom to ask.
    public var contact: String?

    public init() {}
}

extension CardConfiguration {
    static let path = "card"

    static let keys: [SettingDescription] = [
        .init(
            "license",
            "text",
            otherwise: "not stated",
            "The license of the weights, preferably as its SPDX identifier"
        ),
        .init("intendedUse", "text", otherwise: "research, not a medical device", "What the models are for"),
        .init(
            "limits",
            "text, or list of texts",
            default: "[]",
            "What the models cannot do, in addition to what the software knows of it"
        ),
        .init("contact", "text", "Whom to ask about the models"),
    ]

    init(_ value: ConfigurationValue) throws {
        let table = try ConfigurationTable(value, path: Self.path, keys: Self.keys)
        license = try Self.text(table, "license")
        intendedUse = try Self.text(table, "intendedUse")
        contact = try Self.text(table, "contact")
        switch table["limits"] {
        case nil, .null: break
        case .list(let items):
            limits = try items.enumerated().map { index, item in
                guard let text = item.name, !text.isEmpty else {
                    throw SegmentationError(
                        "\(table.subject("limits"))[\(index)]",
                        "is \(item.kind) where text is expected",
                        cure: "write a sentence, in quotes where it holds `: ` or `#`"
                    )
                }
                return text
            }
        case .some: limits = try Self.text(table, "limits").map { [$0] } ?? []
        }
    }

    /// - Throws: ``SegmentationError`` for a text without anything in it, which a card would show as if something were said.
    private static func text(_ table: ConfigurationTable, _ key: String) throws -> String? {
        guard let text = try table.text(key) else { return nil }
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw SegmentationError(table.subject(key), "is empty", cure: "write a text, or leave `\(key)` out")
        }
        return text
    }

    /// The table as it reads back.
    var resolved: ConfigurationValue {
        var members: ConfigurationMembers = [:]
        members["license"] = license.map(ConfigurationValue.text)
        members["intendedUse"] = intendedUse.map(ConfigurationValue.text)
        if !limits.isEmpty { members["limits"] = .list(limits.map(ConfigurationValue.text)) }
        members["contact"] = contact.map(ConfigurationValue.text)
        return .table(members)
    }
}

import Foundation
import SegCore

#if canImport(FoundationXML)
import FoundationXML
#endif

/// Walks through the elements of an XML part of a workbook, by their names without prefix, in memory that does not grow
/// with the part.
final class SpreadsheetXML: NSObject, XMLParserDelegate {
    /// An element that begins: its name, and its attributes by name without prefix.
    struct Element {
        var name: String
        var attributes: [String: String]

        subscript(name: String) -> String? { attributes[name] }
    }

    private var begin: (Element) throws -> Void = { _ in }
    private var end: (_ name: String, _ text: String) throws -> Void = { _, _ in }
    private var text = ""
    /// Elements that are open, and whether any was: a part that is cut short is not reported as an error everywhere.
    private var depth = 0
    private var hasRoot = false
    private var failure: (any Error)?

    /// Calls `begin` for every element, and `end` with the text since it, or since the last element in it.
    ///
    /// - Returns: whether the part is well-formed.
    /// - Throws: what the closures throw.
    static func walk(
        _ data: Data,
        begin: @escaping (Element) throws -> Void,
        end: @escaping (_ name: String, _ text: String) throws -> Void = { _, _ in }
    ) throws -> Bool {
        guard isReadable(data) else { return false }
        let walker = SpreadsheetXML()
        (walker.begin, walker.end) = (begin, end)
        let parser = XMLParser(data: data)
        parser.delegate = walker
        let isWhole = parser.parse()
        if let failure = walker.failure { throw failure }
        return isWhole && walker.hasRoot && walker.depth == 0
    }

    /// Whether a part is what the parser reads safely: UTF-8, as every workbook's is, and without a document type, whose
    /// entities grow into gigabytes. Foundation's parser traps on attributes in bytes that are not UTF-8.
    private static func isReadable(_ data: Data) -> Bool {
        guard String(validating: data, as: UTF8.self) != nil, data.range(of: Data("<!DOCTYPE".utf8)) == nil else {
            return false
        }
        let declaration = String(decoding: data.prefix(256).prefix { $0 != UInt8(ascii: ">") }, as: UTF8.self)
            .lowercased()
        guard declaration.contains("<?xml"), let start = declaration.firstRange(of: "encoding") else { return true }
        return declaration[start.upperBound...].contains("utf-8")
    }

    private static func local(_ name: String) -> String {
        name.lastIndex(of: ":").map { String(name[name.index(after: $0)...]) } ?? name
    }

    func parser(
        _ parser: XMLParser,
        didStartElement name: String,
        namespaceURI: String?,
        qualifiedName: String?,
        attributes: [String: String]
    ) {
        text = ""
        (depth, hasRoot) = (depth + 1, true)
        var own: [String: String] = [:]
        // `r:id` beside `id` is another attribute: what has a prefix keeps a colon before its name.
        for (key, value) in attributes {
            own[key.contains(":") && !key.hasPrefix("xml") ? ":" + Self.local(key) : key] = value
        }
        attempt(parser) { try begin(Element(name: Self.local(name), attributes: own)) }
    }

    func parser(
        _ parser: XMLParser,
        didEndElement name: String,
        namespaceURI: String?,
        qualifiedName: String?
    ) {
        depth -= 1
        attempt(parser) { try end(Self.local(name), text) }
        text = ""
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

    func parser(_ parser: XMLParser, foundCDATA data: Data) { text += String(decoding: data, as: UTF8.self) }

    private func attempt(_ parser: XMLParser, _ body: () throws -> Void) {
        guard failure == nil else { return }
        do {
            try body()
        } catch {
            failure = error
            parser.abortParsing()
        }
    }
}

/// Texts of SpreadsheetML (ECMA-376 part 1, section 22.9.2.19), in which `_x000D_` stands for a character that XML cannot
/// hold.
enum SpreadsheetText {
    static func unescaped(_ text: String) -> String {
        guard text.contains("_x") else { return text }
        return text.replacing(/_x([0-9A-Fa-f]{4})_/) { match in
            guard let code = UInt32(match.1, radix: 16), let scalar = UnicodeScalar(code) else {
                return String(match.0)
            }
            return String(scalar)
        }
    }
}

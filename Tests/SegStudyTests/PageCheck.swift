import Foundation

#if canImport(FoundationXML)
import FoundationXML
#endif

/// What a strict XML parser finds in a page.
final class PageCheck: NSObject, XMLParserDelegate {
    private(set) var elements: [String: Int] = [:]
    private(set) var identifiers: [String] = []
    private(set) var links: [String] = []
    private(set) var sources: [String] = []
    private(set) var alternatives: [String] = []
    private(set) var geometry: [String] = []
    private(set) var text = ""
    private(set) var headings: [Int] = []
    private(set) var unnamedPictures = 0
    /// Pictures drawn as SVG that say something.
    private(set) var charts = 0
    /// What describes them.
    private(set) var descriptions = 0
    /// What scrolls but cannot be reached by keyboard, or breaks the keyboard's order.
    private(set) var unreachable = 0
    private(set) var problem: String?

    /// Parses a page whole: unbalanced tags, bare `<` or `&` and repeated attributes are errors to this parser.
    init(_ page: String) {
        super.init()
        let parser = XMLParser(data: Data(page.utf8))
        parser.delegate = self
        if !parser.parse() { problem = "line \(parser.lineNumber): \(String(describing: parser.parserError))" }
    }

    func parser(
        _ parser: XMLParser,
        didStartElement name: String,
        namespaceURI: String?,
        qualifiedName: String?,
        attributes: [String: String] = [:]
    ) {
        elements[name, default: 0] += 1
        if let id = attributes["id"] { identifiers.append(id) }
        if let link = attributes["href"] { links.append(link) }
        if let source = attributes["src"] { sources.append(source) }
        if let alternative = attributes["alt"] { alternatives.append(alternative) }
        if name.count == 2, name.first == "h", let level = name.last?.wholeNumberValue { headings.append(level) }
        if name == "img" && (attributes["alt"] ?? "").isEmpty { unnamedPictures += 1 }
        if name == "svg" && attributes["aria-hidden"] == nil {
            charts += 1
            if (attributes["aria-label"] ?? "").isEmpty || attributes["role"] != "img" { unnamedPictures += 1 }
        }
        if name == "desc" { descriptions += 1 }
        if attributes["class"] == "scroll" && attributes["tabindex"] != "0" { unreachable += 1 }
        if attributes["tabindex"].map({ $0 != "0" }) ?? false { unreachable += 1 }
        for key in ["d", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "transform"] {
            if let value = attributes[key] { geometry.append(value) }
        }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}

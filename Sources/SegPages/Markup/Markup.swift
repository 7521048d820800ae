/// A piece of a page: every text is escaped and every element is closed by construction.
package indirect enum Markup: Sendable, ExpressibleByStringInterpolation {
    /// Text, escaped when written.
    case text(String)
    /// An element with its attributes in order.
    case element(name: String, attributes: [Attribute], children: [Markup])
    /// Siblings.
    case group([Markup])
    /// A style sheet of ours, written as it stands.
    case style(String)

    /// A name and a value, escaped when written.
    package struct Attribute: Sendable {
        package var name: String
        package var value: String
    }

    package init(stringLiteral value: String) { self = .text(value) }

    /// The markup as text that is both HTML and well-formed XML.
    package func rendered() -> String {
        var output = ""
        write(to: &output)
        return output
    }

    private func write(to output: inout String) {
        switch self {
        case .text(let text): Self.escape(text, into: &output)
        case .group(let children): for child in children { child.write(to: &output) }
        case .style(let sheet): output += "<style>\n\(sheet)</style>\n"
        case .element(let name, let attributes, let children):
            output += "<\(name)"
            for attribute in attributes {
                output += " \(attribute.name)=\""
                Self.escape(attribute.value, into: &output)
                output += "\""
            }
            if children.isEmpty && Self.selfClosing.contains(name) {
                output += "/>"
            } else {
                output += ">"
                for child in children { child.write(to: &output) }
                output += "</\(name)>"
            }
            if Self.blocks.contains(name) { output += "\n" }
        }
    }

    /// Void elements of HTML, and the shapes of SVG.
    private static let selfClosing: Set<String> = ["meta", "img", "br", "hr", "path", "line", "rect", "circle"]
    private static let blocks: Set<String> = [
        "head", "meta", "title", "body", "header", "nav", "main", "section", "footer", "h1", "h2", "h3", "p", "ul",
        "li", "table", "caption", "thead", "tbody", "tr", "figure", "div", "svg", "details", "pre", "dl", "dd",
    ]

    private static func escape(_ text: String, into output: inout String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "'": output += "&#39;"
            case "\n", "\t": output.unicodeScalars.append(scalar)
            case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{FFFE}", "\u{FFFF}":
                // Forbidden in a page; shown rather than dropped.
                output.unicodeScalars.append("\u{FFFD}")
            default: output.unicodeScalars.append(scalar)
            }
        }
    }
}

/// An element; attributes whose value is `nil` are left out.
package func tag(
    _ name: String,
    _ attributes: KeyValuePairs<String, String?> = [:],
    _ children: [Markup] = []
) -> Markup {
    .element(
        name: name,
        attributes: attributes.compactMap { name, value in value.map { .init(name: name, value: $0) } },
        children: children
    )
}

/// An element with one child.
package func tag(_ name: String, _ attributes: KeyValuePairs<String, String?> = [:], _ child: Markup) -> Markup {
    tag(name, attributes, [child])
}

/// An element with text.
package func tag(_ name: String, _ attributes: KeyValuePairs<String, String?> = [:], text: String) -> Markup {
    tag(name, attributes, [.text(text)])
}

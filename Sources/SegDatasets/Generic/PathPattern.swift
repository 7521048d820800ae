import SegCore

/// A pattern of paths below a folder, such as `{patient}/images/{id}.png`.
///
/// Within a name, `{id}` and the other placeholders stand for one character or more, and `*` for any number; a
/// placeholder that stands twice is the same text twice. `**` as a name stands for any number of folders, also none.
struct PathPattern: Hashable, Sendable {
    /// What a pattern can name.
    enum Placeholder: String, CaseIterable, Sendable {
        case id, patient, pathology
    }

    typealias Values = [Placeholder: String]

    private enum Part: Hashable {
        case literal([Character])
        case placeholder(Placeholder)
        case anything
    }

    private enum Segment: Hashable {
        case name([Part])
        case folders
    }

    let text: String
    private let segments: [Segment]

    /// - Parameter subject: the setting's name, for messages.
    ///
    /// - Throws: ``SegmentationError`` for an unknown placeholder, a brace that does not close, or an empty name.
    init(_ text: String, subject: String) throws {
        self.text = text
        segments = try text.split(separator: "/", omittingEmptySubsequences: false).map { name in
            if name == "**" { return .folders }
            return .name(try Self.parts(name, of: text, subject: subject))
        }
        if case .folders? = segments.last {
            throw SegmentationError(subject, "`\(text)` names no file", cure: "end it as in `**/{id}.png`")
        }
    }

    private static func parts(_ name: Substring, of text: String, subject: String) throws -> [Part] {
        guard !name.isEmpty, name != ".", name != ".." else {
            throw SegmentationError(
                subject,
                "`\(text)` is not a path below the folder",
                cure: "write it as in `images/{id}.png`"
            )
        }
        var parts: [Part] = []
        var literal: [Character] = []
        var rest = name[...]
        while let first = rest.popFirst() {
            guard first == "{" || first == "*" else {
                literal.append(first)
                continue
            }
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal = []
            if first == "*" {
                parts.append(.anything)
                continue
            }
            guard let end = rest.firstIndex(of: "}"), let placeholder = Placeholder(rawValue: String(rest[..<end]))
            else {
                let known = Placeholder.allCases.map { "{\($0.rawValue)}" }.joined(separator: ", ")
                throw SegmentationError(
                    subject,
                    "`\(text)` has an unknown placeholder",
                    cure: "use one of: \(known)"
                )
            }
            rest = rest[rest.index(after: end)...]
            parts.append(.placeholder(placeholder))
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        return parts
    }

    /// What the pattern names.
    var placeholders: Set<Placeholder> {
        Set(
            segments.flatMap { segment -> [Placeholder] in
                guard case .name(let parts) = segment else { return [] }
                return parts.compactMap { if case .placeholder(let placeholder) = $0 { placeholder } else { nil } }
            }
        )
    }

    /// How many folders deep a path can lie; `nil` for any number.
    var depth: Int? { segments.contains(.folders) ? nil : segments.count - 1 }

    /// What the placeholders stand for in a path, for every way in which the path fits, those first in which what
    /// stands left is short.
    func matches(_ path: String) -> [Values] {
        let names = path.split(separator: "/").map { Array($0) }
        var found: [Values] = []
        match(segments[...], names[...], [:]) { found.append($0) }
        return found
    }

    private func match(
        _ segments: ArraySlice<Segment>,
        _ names: ArraySlice<[Character]>,
        _ values: Values,
        _ found: (Values) -> Void
    ) {
        guard let segment = segments.first else {
            if names.isEmpty { found(values) }
            return
        }
        switch segment {
        case .folders:
            for count in 0...names.count { match(segments.dropFirst(), names.dropFirst(count), values, found) }
        case .name(let parts):
            guard let name = names.first else { return }
            match(parts[...], name[...], values) {
                match(segments.dropFirst(), names.dropFirst(), $0, found)
            }
        }
    }

    private func match(
        _ parts: ArraySlice<Part>,
        _ name: ArraySlice<Character>,
        _ values: Values,
        _ found: (Values) -> Void
    ) {
        guard let part = parts.first else {
            if name.isEmpty { found(values) }
            return
        }
        let rest = parts.dropFirst()
        switch part {
        case .literal(let text):
            if name.starts(with: text) { match(rest, name.dropFirst(text.count), values, found) }
        case .anything:
            for count in 0...name.count { match(rest, name.dropFirst(count), values, found) }
        case .placeholder(let placeholder):
            if let known = values[placeholder] {
                if name.starts(with: known) { match(rest, name.dropFirst(known.count), values, found) }
                return
            }
            for count in stride(from: 1, through: name.count, by: 1) {
                var values = values
                values[placeholder] = String(name.prefix(count))
                match(rest, name.dropFirst(count), values, found)
            }
        }
    }
}

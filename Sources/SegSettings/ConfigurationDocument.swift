public import Foundation
public import SegCore
import Yams

/// A YAML file as values, which remembers the line of every key for messages.
public struct ConfigurationDocument: Sendable {
    /// The file's name as messages show it.
    public let name: String
    /// The content.
    public let value: ConfigurationValue
    /// Where the paths that it names begin: the file's own folder, or the current one where it is not a file.
    package private(set) var folder = URL(fileURLWithPath: FileManager.default.currentDirectoryPath, isDirectory: true)
    /// Lines by path: `arms[1].model` stands in line 31.
    private let lines: [String: Int]

    /// Reads a YAML file.
    ///
    /// - Throws: ``SegmentationError`` naming the file, and the line where it is not YAML.
    public init(contentsOf file: URL, name: String? = nil) throws {
        let data: Data
        do {
            data = try Self.bytes(of: file)
        } catch {
            let isThere = FileManager.default.fileExists(atPath: file.path)
            throw SegmentationError(
                name ?? file.path,
                isThere ? "the file cannot be read" : "the file does not exist",
                cure: isThere ? "check its permissions" : "check the path"
            )
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw SegmentationError(name ?? file.path, "this is not text", cure: "name a study file, in YAML and UTF-8")
        }
        try self.init(text: text, name: name ?? file.path)
        // What comes through a pipe has no folder of its own.
        if !["/dev/", "/proc/"].contains(where: file.path.hasPrefix) { folder = file.deletingLastPathComponent() }
    }

    /// The bytes of a file or of what comes through a pipe. Foundation's handle ends at a read that a signal interrupts.
    private static func bytes(of file: URL) throws -> Data {
        let handle = try FileHandle(forReadingFrom: file)
        var data = Data()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(handle.fileDescriptor, &buffer, buffer.count)
            if count > 0 {
                data.append(contentsOf: buffer[..<count])
            } else if count == 0 {
                return data
            } else if errno != EINTR {
                throw CocoaError(.fileReadUnknown)
            }
        }
    }

    /// Reads YAML from a text.
    public init(text: String, name: String) throws {
        self.name = name
        do {
            try Self.requireShallow(text, name: name)
            guard let node = try Yams.compose(yaml: text) else {
                throw SegmentationError(name, "the file is empty", cure: "start from `segkit study --print-example`")
            }
            var state = Conversion(name: name)
            value = try Self.convert(node, path: "", into: &state)
            lines = state.lines
        } catch let error as YamlError {
            throw Self.explained(error, name: name)
        }
    }

    /// The error with its subject made `file:line: key`, as far as the key is known.
    public func located(_ error: SegmentationError) -> SegmentationError {
        guard let line = line(of: error.subject) else { return error }
        return error.within("\(name):\(line)", separator: ": ")
    }

    /// The error with its subject made `file:line: key`, or `file: key` for a key that the file lacks.
    package func placed(_ error: SegmentationError) -> SegmentationError {
        let located = located(error)
        return located == error ? error.within(name, separator: ": ") : located
    }

    /// The line in which the document itself has a key.
    package func ownLine(of path: String) -> Int? { lines[path] }

    /// The line of a key or, failing that, of what it stands in; `nil` if the subject is not a key of this file.
    package func line(of path: String) -> Int? {
        // What an arm does not set comes from the arm that it extends, or from the study's own `model` or `training`.
        var candidates = [path]
        if path.hasPrefix("arms["), let dot = path.firstIndex(of: ".") {
            let key = path[path.index(after: dot)...]
            candidates += extendedArms(by: path[..<dot]).map { "\($0).\(key)" } + [String(key)]
        }
        for candidate in candidates {
            if let line = lines[candidate] { return line }
        }
        for candidate in candidates {
            var parent = Substring(candidate)
            while let end = parent.lastIndex(where: { $0 == "." || $0 == "[" }) {
                parent = parent[..<end]
                if let line = lines[String(parent)] { return line }
            }
        }
        return nil
    }

    /// The arms that an arm derives from, nearest first.
    private func extendedArms(by arm: Substring) -> [String] {
        guard case .list(let arms)? = value.members?["arms"], var index = Int(arm.dropFirst(5).dropLast()) else {
            return []
        }
        var chain: [Int] = []
        while arms.indices.contains(index), let parent = arms[index].members?["extends"],
            let next = arms.firstIndex(where: { $0.members?["name"]?.name == parent.name }), !chain.contains(next)
        {
            chain.append(next)
            index = next
        }
        return chain.map { "arms[\($0)]" }
    }

    /// More values than any study has; aliases that repeat aliases make as many as they like.
    private static let mostValues = 100_000
    /// Of all values' paths together: aliases repeat long keys as well.
    private static let mostPathBytes = 1 << 24
    /// Deeper than any study is nested.
    private static let mostLevels = 200
    /// What is indented further is nested, or not written by a person.
    private static let mostIndentation = 1000

    /// What a document has become so far.
    private struct Conversion {
        let name: String
        var lines: [String: Int] = [:]
        var count = 0
        var pathBytes = 0
    }

    private static func convert(_ node: Node, path: String, into state: inout Conversion) throws -> ConfigurationValue {
        state.count += 1
        state.pathBytes += path.utf8.count
        guard state.count <= mostValues, state.pathBytes <= mostPathBytes else {
            let grown =
                state.count > mostValues
                ? "more than \(mostValues) values"
                : "values whose keys' paths together take more than \(mostPathBytes >> 20) MB"
            throw SegmentationError(
                node.mark.map { "\(state.name):\($0.line)" } ?? state.name,
                "the document grows to \(grown), as its aliases repeat what repeats",
                cure: "write the values out, without `&` and `*`"
            )
        }
        switch node {
        case .scalar(let scalar):
            return value(of: node, text: scalar.string)
        case .sequence(let sequence):
            var items: [ConfigurationValue] = []
            for (index, item) in sequence.enumerated() {
                let itemPath = "\(path)[\(index)]"
                state.lines[itemPath] = item.mark?.line
                items.append(try convert(item, path: itemPath, into: &state))
            }
            return .list(items)
        case .mapping(let mapping):
            var members = ConfigurationMembers()
            for (key, item) in mapping {
                guard let text = key.string else {
                    throw SegmentationError(
                        key.mark.map { "\(state.name):\($0.line)" } ?? state.name,
                        "a key is not a plain name",
                        cure: "write `name: value`"
                    )
                }
                let itemPath = path.isEmpty ? text : "\(path).\(text)"
                state.lines[itemPath] = key.mark?.line ?? item.mark?.line
                members[text] = try convert(item, path: itemPath, into: &state)
            }
            return .table(members)
        case .alias:
            throw SegmentationError(path, "is a YAML alias, which study files do not have", cure: "write the value out")
        }
    }

    /// - Throws: ``SegmentationError`` naming the line where brackets, dashes or indentation are nested deeper than a
    ///   stack may be.
    private static func requireShallow(_ text: String, name: String) throws {
        var (depth, line) = (0, 1)
        var (dashes, indentation) = (0, 0)
        var isAtStart = true
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\n"): (line, dashes, indentation, isAtStart) = (line + 1, 0, 0, true)
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
            case UInt8(ascii: "-") where isAtStart, UInt8(ascii: "?") where isAtStart: dashes += 1
            case UInt8(ascii: " ") where isAtStart: indentation += 1
            default: isAtStart = false
            }
            guard depth <= mostLevels, dashes <= mostLevels, indentation <= mostIndentation else {
                throw SegmentationError(
                    "\(name):\(line)",
                    "it is nested more than \(mostLevels) deep",
                    cure: "name a study file; none is nested like that"
                )
            }
        }
    }

    /// A scalar by its tag, with its text where that is not how the value is written.
    private static func value(of node: Node, text: String) -> ConfigurationValue {
        // `010` is not 10 and `1:30` not a number to whoever writes them, but 8 and 90 by YAML's rules: text, which names may be and
        // numbers not.
        let digits = text.drop { $0 == "-" || $0 == "+" }
        if text.contains(":") || digits.hasPrefix("0") && digits.dropFirst().first?.isNumber == true {
            return .text(text)
        }
        let value: ConfigurationValue? =
            switch node.tag.description {
            case Tag.Name.null.rawValue: .null
            case Tag.Name.bool.rawValue: node.bool.map(ConfigurationValue.bool)
            case Tag.Name.int.rawValue: node.int.map(ConfigurationValue.integer)
            case Tag.Name.float.rawValue: node.float.map(ConfigurationValue.number)
            default: nil
            }
        guard let value else { return .text(text) }
        return value == .null || value.name == text ? value : .written(text, value)
    }

    private static func explained(_ error: YamlError, name: String) -> SegmentationError {
        let cure = "correct the line; YAML is `key: value`, indented by spaces"
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            if problem.contains("another document") {
                return SegmentationError(
                    "\(name):\(mark.line)",
                    "a second document begins here (`---`)",
                    cure: "keep one study in a file"
                )
            }
            return SegmentationError("\(name):\(mark.line)", "this is not YAML: \(problem)", cure: cure)
        case .duplicatedKeysInMapping(let duplicates, let context):
            return SegmentationError(
                "\(name):\(context.mark.line)",
                "the same key appears twice: \(duplicates.joined(separator: ", "))",
                cure: "remove one"
            )
        default:
            let firstLine = "\(error)".split(separator: "\n").first.map(String.init) ?? "unknown trouble"
            return SegmentationError(name, "this is not YAML: \(firstLine)", cure: cure)
        }
    }
}

public import Foundation
public import SegCore
import Yams

/// A YAML file as values, which remembers the line of every key for messages.
public struct ConfigurationDocument: Sendable {
    /// The file's name as messages show it.
    public let name: String
    /// The content.
    public let value: ConfigurationValue
    /// Lines by path: `arms[1].model` stands in line 31.
    private let lines: [String: Int]

    /// Reads a YAML file.
    ///
    /// Throws: ``SegmentationError`` naming the file, and the line where it is not YAML.
    public init(contentsOf file: URL, name: String? = nil) throws {
        let data: Data
        do {
            // A handle also reads what comes through a pipe.
            data = try FileHandle(forReadingFrom: file).readToEnd() ?? Data()
        } catch {
            let isThere = FileManager.default.fileExists(atPath: file.path)
            throw SegmentationError(
                name ?? file.path,
                isThere ? "the file cannot be read" : "there is no such file",
                cure: isThere ? "check its permissions" : "check the path"
            )
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw SegmentationError(name ?? file.path, "this is not text", cure: "name a study file, in YAML and UTF-8")
        }
        try self.init(text: text, name: name ?? file.path)
    }

    /// Reads YAML from a text.
    public init(text: String, name: String) throws {
        self.name = name
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw SegmentationError(name, "the file is empty", cure: "start from `segkit study --print-example`")
            }
            var lines: [String: Int] = [:]
            value = try Self.convert(node, path: "", name: name, lines: &lines)
            self.lines = lines
        } catch let error as YamlError {
            throw Self.explained(error, name: name)
        }
    }

    /// The error with its subject made `file:line: key`, as far as the key is known.
    public func located(_ error: SegmentationError) -> SegmentationError {
        guard let line = line(of: error.subject) else { return error }
        return SegmentationError("\(name):\(line): \(error.subject)", error.problem, cure: error.cure)
    }

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
            let next = arms.firstIndex(where: { $0.members?["name"] == parent }), !chain.contains(next)
        {
            chain.append(next)
            index = next
        }
        return chain.map { "arms[\($0)]" }
    }

    private static func convert(
        _ node: Node,
        path: String,
        name: String,
        lines: inout [String: Int]
    ) throws -> ConfigurationValue {
        switch node {
        case .scalar(let scalar):
            return value(of: node, text: scalar.string)
        case .sequence(let sequence):
            var items: [ConfigurationValue] = []
            for (index, item) in sequence.enumerated() {
                let itemPath = "\(path)[\(index)]"
                lines[itemPath] = item.mark?.line
                items.append(try convert(item, path: itemPath, name: name, lines: &lines))
            }
            return .list(items)
        case .mapping(let mapping):
            var members: [String: ConfigurationValue] = [:]
            for (key, item) in mapping {
                guard let text = key.string else {
                    throw SegmentationError(
                        key.mark.map { "\(name):\($0.line)" } ?? name,
                        "a key is not a plain name",
                        cure: "write `name: value`"
                    )
                }
                let itemPath = path.isEmpty ? text : "\(path).\(text)"
                lines[itemPath] = key.mark?.line ?? item.mark?.line
                members[text] = try convert(item, path: itemPath, name: name, lines: &lines)
            }
            return .table(members)
        case .alias:
            throw SegmentationError(path, "is a YAML alias, which study files do not have", cure: "write the value out")
        }
    }

    private static func value(of node: Node, text: String) -> ConfigurationValue {
        switch node.tag.description {
        case Tag.Name.null.rawValue: return .null
        case Tag.Name.bool.rawValue: return node.bool.map(ConfigurationValue.bool) ?? .text(text)
        case Tag.Name.int.rawValue: return node.int.map(ConfigurationValue.integer) ?? .text(text)
        case Tag.Name.float.rawValue: return node.float.map(ConfigurationValue.number) ?? .text(text)
        default: return .text(text)
        }
    }

    private static func explained(_ error: YamlError, name: String) -> SegmentationError {
        let cure = "correct the line; YAML is `key: value`, indented by spaces"
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return SegmentationError("\(name):\(mark.line)", "this is not YAML: \(problem)", cure: cure)
        case .duplicatedKeysInMapping(let duplicates, let context):
            return SegmentationError(
                "\(name):\(context.mark.line)",
                "the same key stands here twice: \(duplicates.joined(separator: ", "))",
                cure: "remove one"
            )
        default:
            let firstLine = "\(error)".split(separator: "\n").first.map(String.init) ?? "unknown trouble"
            return SegmentationError(name, "this is not YAML: \(firstLine)", cure: cure)
        }
    }
}

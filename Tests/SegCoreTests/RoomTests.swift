import Foundation
import Testing

@Suite("The targets' proportions")
struct RoomTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Lines of Swift in each folder of `Sources`.
    private static func rooms() throws -> [String: Int] {
        let sources = root.appending(path: "Sources")
        var lines: [String: Int] = [:]
        for room in try FileManager.default.contentsOfDirectory(atPath: sources.path) {
            let folder = sources.appending(path: room)
            let files = try #require(FileManager.default.enumerator(atPath: folder.path))
            lines[room] = 0
            for case let file as String in files where file.hasSuffix(".swift") {
                let bytes = try Data(contentsOf: folder.appending(path: file))
                lines[room, default: 0] += bytes.count { $0 == UInt8(ascii: "\n") }
            }
        }
        return lines
    }

    @Test("No target has more than 5,000 lines but SegTensor, and SegCore has about 1,000")
    func sizes() throws {
        let rooms = try Self.rooms()
        #expect(rooms.count > 30)
        for (room, lines) in rooms where room != "SegTensor" {
            #expect(
                lines <= 5_000,
                "\(room) has \(lines) lines: move what answers another question to a target of its own"
            )
        }
        let core = try #require(rooms["SegCore"])
        #expect(
            (500...1_100).contains(core),
            "SegCore has \(core) lines: values that know no plugin belong in SegValues"
        )
    }

    @Test("The architecture names every target and no other, from the lowest up as the manifest has them")
    func architecture() throws {
        func text(_ path: String) throws -> String {
            try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
        }
        let rows = try text("Documentation/Architecture.md").split(separator: "\n").filter { $0.hasPrefix("| `") }
        let named = rows.flatMap { row in
            row.split(separator: "|")[0].matches(of: /`(\w+)`/).map { String($0.output.1) }
        }
        let rooms = try Self.rooms()
        #expect(Set(named) == Set(rooms.keys))
        #expect(named.count == Set(named).count)
        let listed = try text("Package.swift").matches(of: /module\(\s*"(\w+)"/).map { String($0.output.1) }
        #expect(listed.count > 20 && named.filter(listed.contains) == listed)
    }

    @Test("The folders of a target know each other in one direction")
    func circles() throws {
        for target in try Self.rooms().keys.sorted() {
            let folders = try Self.folders(of: target)
            let edges = Self.edges(folders)
            for (folder, known) in edges {
                for other in known.keys where folder < other && edges[other]?[folder] != nil {
                    let names = "\(known[other] ?? "") there, \(edges[other]?[folder] ?? "") here"
                    Issue.record("\(target): \(folder) and \(other) know each other: \(names)")
                }
            }
            // What is left are longer circles: take away folders that know no other, until none is left.
            var open = edges
            while let free = open.keys.sorted().first(where: { open[$0]?.isEmpty == true }) {
                open[free] = nil
                for folder in Array(open.keys) { open[folder]?[free] = nil }
            }
            #expect(open.isEmpty, "\(target): \(open.keys.sorted()) know each other in a circle")
        }
    }

    /// The code of a target's folders without comments and texts; files beside the folders belong to none.
    private static func folders(of target: String) throws -> [String: String] {
        let root = root.appending(path: "Sources/\(target)")
        var folders: [String: String] = [:]
        for case let file as String in try #require(FileManager.default.enumerator(atPath: root.path)) {
            let parts = file.split(separator: "/")
            guard parts.count > 1, file.hasSuffix(".swift") else { continue }
            var code = try String(contentsOf: root.appending(path: file), encoding: .utf8)
            code.replace(/(?s)""".*?"""/, with: "")
            code.replace(/\/\/[^\n]*/, with: "")
            code.replace(/"(?:\\.|[^"\\\n])*"/, with: "")
            folders[String(parts[0]), default: ""] += code + "\n"
        }
        return folders
    }

    /// The folders that each folder knows, with a type that it names.
    private static func edges(_ folders: [String: String]) -> [String: [String: String]] {
        let declaration =
            /(?m)^(?:(?:public|package|internal|final|indirect|@\w+(?:\([^)]*\))?)\s+)*(?:struct|class|enum|protocol|actor|typealias)\s+(\w+)/
        var owners: [Substring: Set<String>] = [:]
        for (folder, code) in folders {
            for match in code.matches(of: declaration) { owners[match.output.1, default: []].insert(folder) }
        }
        var edges = folders.mapValues { _ in [String: String]() }
        for (folder, code) in folders {
            for match in code.matches(of: /\b[A-Z]\w*/.wordBoundaryKind(.simple)) {
                guard let owner = owners[match.output], owner.count == 1, let other = owner.first, other != folder,
                    match.startIndex == code.startIndex || code[code.index(before: match.startIndex)] != "."
                else { continue }
                edges[folder]?[other] = String(match.output)
            }
        }
        return edges
    }
}

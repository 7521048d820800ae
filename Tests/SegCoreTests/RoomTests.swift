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
}

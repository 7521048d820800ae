import Foundation
import Testing

/// Every link between the documents leads to a file, and to a heading of it.
@Suite("Links of the documents")
struct DocumentLinkTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func documents() throws -> [URL] {
        try ["", "Documentation", "Examples"].flatMap { folder in
            let place = folder.isEmpty ? root : root.appending(path: folder)
            return try FileManager.default.contentsOfDirectory(at: place, includingPropertiesForKeys: nil)
                .filter { $0.pathExtension == "md" }
        }
    }

    /// The text without its blocks of code.
    private static func text(_ file: URL) throws -> String {
        let parts = try String(contentsOf: file, encoding: .utf8).split(
            separator: /(?m)^ *```.*$/,
            omittingEmptySubsequences: false
        )
        return parts.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element).joined(separator: "\n")
    }

    /// The anchors of the headings, as code hosts make them.
    private static func anchors(_ file: URL) throws -> Set<String> {
        let headings = try text(file).matches(of: /(?m)^#{1,6} (.*)$/).map { String($0.output.1) }
        return Set(
            headings.map { heading in
                heading.replacing(/\[([^\]]*)\]\([^)]*\)/) { $0.output.1 }.lowercased()
                    .filter { $0.isLetter || $0.isNumber || "-_ ".contains($0) }.replacing(" ", with: "-")
            }
        )
    }

    @Test("Links lead somewhere")
    func links() throws {
        let documents = try Self.documents()
        var anchors: [URL: Set<String>] = [:]
        #expect(documents.count > 15)
        for document in documents {
            for match in try Self.text(document).matches(of: /\]\(([^)\s]+)\)/) {
                let link = String(match.output.1)
                guard !link.hasPrefix("http") else { continue }
                let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                let file =
                    parts[0].isEmpty
                    ? document : document.deletingLastPathComponent().appending(path: parts[0]).standardizedFileURL
                let name = document.lastPathComponent
                guard FileManager.default.fileExists(atPath: file.path) else {
                    Issue.record("\(name): \(link) is not there")
                    continue
                }
                if parts.count == 2, file.pathExtension == "md" {
                    let known = try anchors[file] ?? Self.anchors(file)
                    anchors[file] = known
                    #expect(known.contains(parts[1]), "\(name): \(link)")
                }
            }
        }
    }

    @Test("README says what matters on few pages")
    func length() throws {
        let text = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 151)
    }
}

import Foundation
import Testing

/// The Swift code of the documents is code of this package, which is compiled.
@Suite("Code of the guides")
struct GuideCodeTests {
    /// Code without imports, comments and white space: a guide wraps lines and explains them as it needs.
    private static func essence(_ code: String) -> String {
        code.split(separator: "\n").filter { !$0.hasPrefix("import ") }
            .map { $0.replacing(#/(^|\s)//.*$/#, with: "") }.joined().filter { !$0.isWhitespace }
    }

    private static func sources() throws -> [String] {
        let folder = Guides.root.appending(path: "Examples")
        let files = try ["Sources", "Tests"].flatMap { part in
            try FileManager.default.subpathsOfDirectory(atPath: folder.appending(path: part).path)
                .filter { $0.hasSuffix(".swift") }.map { folder.appending(path: "\(part)/\($0)") }
        }
        return try (files + [folder.appending(path: "Package.swift")])
            .map { essence(try String(contentsOf: $0, encoding: .utf8)) }
    }

    @Test("Every block of Swift is compiled here")
    func swift() throws {
        let sources = try Self.sources()
        let blocks = try Guides.blocks("swift")
        #expect(blocks.count > 25)
        for block in blocks where !block.text.hasPrefix("// Package.swift") {
            // The guide's package has another name than this one.
            let code = Self.essence(block.text).replacing("withMyStudies", with: "withClinicPlugins")
            #expect(!code.isEmpty && sources.contains { $0.contains(code) }, "\(block) is not compiled")
        }
    }

    @Test("The manifest that README shows is this package's")
    func manifest() throws {
        let block = try #require(Guides.blocks("swift").first { $0.text.hasPrefix("// Package.swift") })
        let manifest = try String(contentsOf: Guides.root.appending(path: "Examples/Package.swift"), encoding: .utf8)
        let calls = block.text.replacing("/path/to/SegmentationKit", with: "..").matches(of: /\.\w+\([^)]*\)/)
        #expect(calls.count == 2)
        for call in calls { #expect(manifest.contains(call.output)) }
    }

    @Test("Blocks are of languages that are checked; JSON is JSON")
    func languages() throws {
        // Blocks without a language are commands, which the tests of the command read, and texts.
        #expect(Set(try Guides.blocks().map(\.language)) == ["swift", "yaml", "json", "python", "sh", ""])
        for block in try Guides.blocks("json") {
            #expect(throws: Never.self, "\(block)") {
                try JSONSerialization.jsonObject(with: Data(block.text.utf8))
            }
        }
    }
}

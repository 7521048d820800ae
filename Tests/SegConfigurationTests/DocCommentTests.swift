import Foundation
import Testing

/// Documentation comments have one form of callouts, the one that DocC reads.
@Suite("Documentation comments")
struct DocCommentTests {
    private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources")

    /// A callout's name at the start of a paragraph, or `Throws` after a sentence: without a list's hyphen it is running text.
    static func isRunningText(_ line: some StringProtocol) -> Bool {
        String(line).contains(
            #/^\s*/// (Throws|Returns|Breaks|Complexity|Determinism|Edge cases|Formula|Gradient|Shape|Source|Units|Parameter \w+):/#
        ) || String(line).contains(#/^\s*/// .*[.`)] Throws: /#)
    }

    /// A line from its `///` on, if that is what it begins with.
    private static func comment(_ line: Substring) -> Substring? {
        guard let start = line.utf8.firstIndex(where: { $0 != UInt8(ascii: " ") }) else { return nil }
        let comment = line[start...]
        return comment.utf8.starts(with: "///".utf8) ? comment : nil
    }

    @Test("Callouts are items of a list, as in `- Throws:`")
    func callouts() throws {
        let files = try FileManager.default.subpathsOfDirectory(atPath: Self.sources.path)
            .filter { $0.hasSuffix(".swift") }
        var count = 0
        for file in files {
            let text = try String(contentsOf: Self.sources.appending(path: file), encoding: .utf8)
            for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                // Expressions take their time, and most lines cannot match them.
                guard let comment = Self.comment(line), comment.utf8.contains(UInt8(ascii: ":")) else { continue }
                if comment.hasPrefix("/// - Throws:") { count += 1 }
                #expect(!Self.isRunningText(comment), "\(file):\(index + 1): \(line)")
            }
        }
        #expect(count > 200)
    }

    @Test("Another form is noticed")
    func wrong() {
        #expect(Self.isRunningText("    /// Throws: an error."))
        #expect(Self.isRunningText("/// Reads a file. Throws: an error."))
        #expect(!Self.isRunningText("    /// - Throws: an error."))
    }
}

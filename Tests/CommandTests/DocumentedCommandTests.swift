import Foundation
import TestSupport
import Testing

/// The command lines in documents and in the command's own help are ones that it accepts.
@Suite("Commands that documents show")
struct DocumentedCommandTests {
    private static let root = (0..<3).reduce(URL(fileURLWithPath: #filePath)) { url, _ in
        url.deletingLastPathComponent()
    }

    private static func outline() throws -> ParserOutline {
        let result = try segkit("--experimental-dump-help")
        return try JSONDecoder().decode(ParserOutline.self, from: Data(result.output.utf8))
    }

    private static func documents() throws -> [URL] {
        let named = ["README.md", "CONTRIBUTING.md", "Examples/README.md"].map { root.appending(path: $0) }
        return try named
            + FileManager.default.contentsOfDirectory(
                at: root.appending(path: "Documentation"),
                includingPropertiesForKeys: nil
            ).filter { $0.pathExtension == "md" }
    }

    /// The words of a line that calls the command, after its name; `nil` for any other line.
    ///
    /// Comments and variables set for the call are left out; brackets around what may be left out too.
    static func words(_ line: String) -> [String]? {
        var words: [String] = []
        var (word, quote, isOpen) = ("", nil as Character?, false)
        func end() {
            if isOpen || !word.isEmpty { words.append(word) }
            (word, isOpen) = ("", false)
        }
        for letter in line {
            if let current = quote {
                if letter == current { quote = nil } else { word.append(letter) }
            } else if letter == "'" || letter == "\"" {
                (quote, isOpen) = (letter, true)
            } else if letter == "#" && word.isEmpty || letter == "|" || letter == ">" || letter == ";" {
                break
            } else if letter.isWhitespace {
                end()
            } else if letter != "[" && letter != "]" {
                word.append(letter)
            }
        }
        end()
        let call = words.drop { $0.contains(/^[A-Z_]+=/) }
        guard let program = call.first, program.contains(/^(.*\/)?(segkit|my-studies)$/) else { return nil }
        return Array(call.dropFirst())
    }

    @Test("Command lines of blocks are complete, and have only options that there are")
    func blocks() throws {
        let outline = try Self.outline()
        var count = 0
        for document in try Self.documents() {
            let parts = try String(contentsOf: document, encoding: .utf8).split(
                separator: /(?m)^ *```.*$/,
                omittingEmptySubsequences: false
            )
            for (index, part) in parts.enumerated() where !index.isMultiple(of: 2) {
                for line in part.replacing("\\\n", with: " ").split(separator: "\n") {
                    guard let words = Self.words(String(line)) else { continue }
                    count += 1
                    let problem = outline.problem(of: words, isWhole: true)
                    #expect(problem == nil, "\(document.lastPathComponent): \(line)")
                }
            }
        }
        #expect(count > 35)
    }

    @Test("Commands named in the text exist, and so do their options")
    func text() throws {
        let outline = try Self.outline()
        var count = 0
        for document in try Self.documents() {
            let text = try String(contentsOf: document, encoding: .utf8)
            for match in text.matches(of: /`((?:[A-Z_]+=\S+ )?segkit[ \n][^`]+)`/) {
                let line = String(match.output.1).replacing("\n", with: " ")
                let words = try #require(Self.words(line.replacing("…", with: "")), "\(line)")
                count += 1
                #expect(
                    outline.problem(of: words, isWhole: false) == nil,
                    "\(document.lastPathComponent): \(line)"
                )
            }
        }
        #expect(count > 50)
    }

    @Test("The examples of each command's help are complete")
    func examples() throws {
        let outline = try Self.outline()
        var count = 0
        for command in outline.command.all {
            let examples = (command.discussion ?? "").components(separatedBy: "EXAMPLES").dropFirst().joined()
            for line in examples.replacing("\\\n", with: " ").split(separator: "\n") {
                guard let words = Self.words(String(line)) else { continue }
                count += 1
                #expect(outline.problem(of: words, isWhole: true) == nil, "\(line)")
            }
        }
        #expect(count > 30)
    }

    @Test("What the command does not accept is noticed")
    func wrong() throws {
        let outline = try Self.outline()
        for line in [
            "segkit stduy", "segkit study a.yaml --chekc", "segkit predict a.png --model", "segkit predict a.png -m m",
            "segkit predict a.png -m m -o o --maps bmp", "segkit study a.yaml b.yaml", "segkit data check",
        ] {
            #expect(outline.problem(of: try #require(Self.words(line)), isWhole: true) != nil, "\(line)")
        }
        #expect(Self.words("A=1 ./segkit x 'b c' # d") == ["x", "b c"])
    }
}

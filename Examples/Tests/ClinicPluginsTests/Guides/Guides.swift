import Foundation

/// The documents of the repository, and the code that they show.
enum Guides {
    /// A block of code in a document.
    struct Block: CustomStringConvertible {
        var document: String
        var line: Int
        var language: String
        var text: String

        var description: String { "\(document), line \(line)" }
    }

    static let root = (0..<5).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }

    /// README and the guides.
    static func blocks(_ language: String? = nil) throws -> [Block] {
        let guides = root.appending(path: "Documentation")
        let files =
            try [root.appending(path: "README.md")]
            + FileManager.default.contentsOfDirectory(at: guides, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "md" }.sorted { $0.path < $1.path }
        return try files.flatMap(blocks).filter { language == nil || $0.language == language }
    }

    private static func blocks(of file: URL) throws -> [Block] {
        var blocks: [Block] = []
        var open: Block?
        let lines = try String(contentsOf: file, encoding: .utf8).split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        for (index, line) in lines.enumerated() {
            let content = line.drop { $0 == " " }
            if content.hasPrefix("```") {
                if let block = open { blocks.append(block) }
                open =
                    open == nil
                    ? Block(
                        document: file.lastPathComponent,
                        line: index + 1,
                        language: String(content.dropFirst(3)),
                        text: ""
                    ) : nil
            } else {
                open?.text += line + "\n"
            }
        }
        return blocks
    }
}

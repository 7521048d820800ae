/// Text that Markdown shows as it stands.
package enum MarkdownText {
    package static func page(_ title: String, note: String, _ parts: [(heading: String, texts: [String])]) -> String {
        var lines = ["# \(escaped(title))", "", escaped(note)]
        for part in parts {
            lines += ["", "## \(escaped(part.heading))"]
            for text in part.texts { lines += ["", escaped(text)] }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// On one line, with what Markdown would take for marks or HTML written out.
    package static func escaped(_ text: String) -> String {
        let characters = Array(text.map { $0.isNewline ? " " : $0 })
        var result = ""
        for (index, character) in characters.enumerated() {
            func isWord(_ index: Int) -> Bool {
                characters.indices.contains(index) && (characters[index].isLetter || characters[index].isNumber)
            }
            let isMark =
                switch character {
                case "\\", "`", "*", "|": true
                // Within a word it is not a mark.
                case "_": !(isWord(index - 1) && isWord(index + 1))
                case "<": characters.indices.contains(index + 1) && !characters[index + 1].isWhitespace
                case "&": isWord(index + 1) || (characters.indices.contains(index + 1) && characters[index + 1] == "#")
                case "[", "]": true
                case "#", ">", "+", "-", "=", "~": index == 0
                default: false
                }
            result += isMark ? "\\\(character)" : String(character)
        }
        return result
    }
}

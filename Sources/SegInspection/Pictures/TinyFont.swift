import SegImageIO

/// Capitals, digits and some signs of 5×7 px, to label small pictures.
enum TinyFont {
    static let height = 7
    private static let advance = 6

    /// Width of a line of text, px.
    static func width(of text: String) -> Int { text.count * advance }

    /// Draws a line of text; what does not fit is cut off. Small letters are drawn as capitals, unknown signs as a box.
    static func draw(_ text: String, on picture: inout ColorImage, x: Int, y: Int, color: ColorImage.Color) {
        for (position, character) in text.uppercased().enumerated() {
            let left = x + position * advance
            for (row, bits) in (glyphs[character] ?? unknown).enumerated() where y + row < picture.height {
                for column in 0..<5 where bits >> (4 - column) & 1 == 1 && left + column < picture.width {
                    picture[left + column, y + row] = color
                }
            }
        }
    }

    /// The text with its middle replaced by two dots where it is wider: ids often differ at their ends.
    static func shortened(_ text: String, toWidth width: Int) -> String {
        let count = max(width / advance, 4)
        guard text.count > count else { return text }
        return text.prefix((count - 2) / 2) + ".." + text.suffix(count - 2 - (count - 2) / 2)
    }

    private static let unknown: [UInt8] = [31, 17, 17, 17, 17, 17, 31]

    /// Seven rows of five pixels, the leftmost in the highest bit.
    private static let glyphs: [Character: [UInt8]] = [
        " ": [0, 0, 0, 0, 0, 0, 0],
        "A": [14, 17, 17, 31, 17, 17, 17],
        "B": [30, 17, 17, 30, 17, 17, 30],
        "C": [14, 17, 16, 16, 16, 17, 14],
        "D": [28, 18, 17, 17, 17, 18, 28],
        "E": [31, 16, 16, 30, 16, 16, 31],
        "F": [31, 16, 16, 30, 16, 16, 16],
        "G": [14, 17, 16, 23, 17, 17, 15],
        "H": [17, 17, 17, 31, 17, 17, 17],
        "I": [14, 4, 4, 4, 4, 4, 14],
        "J": [7, 2, 2, 2, 2, 18, 12],
        "K": [17, 18, 20, 24, 20, 18, 17],
        "L": [16, 16, 16, 16, 16, 16, 31],
        "M": [17, 27, 21, 21, 17, 17, 17],
        "N": [17, 25, 21, 19, 17, 17, 17],
        "O": [14, 17, 17, 17, 17, 17, 14],
        "P": [30, 17, 17, 30, 16, 16, 16],
        "Q": [14, 17, 17, 17, 21, 18, 13],
        "R": [30, 17, 17, 30, 20, 18, 17],
        "S": [15, 16, 16, 14, 1, 1, 30],
        "T": [31, 4, 4, 4, 4, 4, 4],
        "U": [17, 17, 17, 17, 17, 17, 14],
        "V": [17, 17, 17, 17, 17, 10, 4],
        "W": [17, 17, 17, 21, 21, 27, 17],
        "X": [17, 17, 10, 4, 10, 17, 17],
        "Y": [17, 17, 10, 4, 4, 4, 4],
        "Z": [31, 1, 2, 4, 8, 16, 31],
        "0": [14, 17, 19, 21, 25, 17, 14],
        "1": [4, 12, 4, 4, 4, 4, 14],
        "2": [14, 17, 1, 6, 8, 16, 31],
        "3": [30, 1, 1, 14, 1, 1, 30],
        "4": [2, 6, 10, 18, 31, 2, 2],
        "5": [31, 16, 30, 1, 1, 17, 14],
        "6": [6, 8, 16, 30, 17, 17, 14],
        "7": [31, 1, 2, 4, 4, 8, 8],
        "8": [14, 17, 17, 14, 17, 17, 14],
        "9": [14, 17, 17, 15, 1, 2, 12],
        "(": [2, 4, 8, 8, 8, 4, 2],
        ")": [8, 4, 2, 2, 2, 4, 8],
        "-": [0, 0, 0, 31, 0, 0, 0],
        "_": [0, 0, 0, 0, 0, 0, 31],
        ".": [0, 0, 0, 0, 0, 12, 12],
        "/": [1, 1, 2, 4, 8, 16, 16],
    ]
}

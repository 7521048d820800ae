/// The state is written as one string of 64 hexadecimal digits: JSON readers that keep numbers as doubles would lose
/// bits of a 64-bit integer, and a resumed run would drift without a word.
extension RandomStream: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        let digits = Array(text.utf8)
        let words = stride(from: 0, to: digits.count, by: 16).compactMap { start in
            UInt64(String(decoding: digits[start..<min(start + 16, digits.count)], as: UTF8.self), radix: 16)
        }
        guard digits.count == 64, words.count == 4, words.contains(where: { $0 != 0 }) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "the state of a random stream is 64 hexadecimal digits, not all zero"
            )
        }
        (word0, word1, word2, word3) = (words[0], words[1], words[2], words[3])
    }

    public func encode(to encoder: any Encoder) throws {
        let words = [word0, word1, word2, word3].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        var container = encoder.singleValueContainer()
        try container.encode(words.joined())
    }
}

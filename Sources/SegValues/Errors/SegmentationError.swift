/// An error that a user can act on: what it is about, what is wrong, and the cure, in one line.
///
/// `subject` is a file path, a configuration key or the name of a plugin. The command line prints ``description``.
public struct SegmentationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the error is about: a file's path, a configuration key, a plugin's name.
    public var subject: String
    /// What is wrong with it.
    public var problem: String
    /// What the user can do about it.
    public var cure: String
    /// What a check of a data set files the error under; `nil` where it need not be distinguished from others.
    public var trouble: Trouble?

    /// Kinds of errors about an image of a data set that a check counts apart.
    public enum Trouble: Hashable, Sendable {
        /// A mask without a lesion, on an image that shows one.
        case emptyMask
        /// A mask, or an outline, made for an image of another size.
        case maskSize
        /// Values in a mask that the data set does not declare.
        case maskValues
    }

    public init(_ subject: String, _ problem: String, cure: String, trouble: Trouble? = nil) {
        self.subject = subject
        self.problem = problem
        self.cure = cure
        self.trouble = trouble
    }

    /// One line, even if a part quotes several.
    public var description: String { "\(subject): \(problem); \(cure)".onOneLine }
}

extension String {
    /// The text as one line that a terminal shows as it is: line ends and vertical tabs of a damaged file become blanks, and
    /// other control characters, such as those that color a terminal, are written out: `\x1b`.
    package var onOneLine: String {
        guard
            unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) })
                || contains(where: \.isNewline)
        else { return self }
        return reduce(into: "") { line, character in
            if character.isNewline {
                line += " "
            } else if let scalar = character.unicodeScalars.first, scalar.properties.generalCategory == .control {
                line += scalar == "\t" ? " " : "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            } else {
                line.append(character)
            }
        }
    }
}

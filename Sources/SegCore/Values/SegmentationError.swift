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

    public init(_ subject: String, _ problem: String, cure: String) {
        self.subject = subject
        self.problem = problem
        self.cure = cure
    }

    public var description: String { "\(subject): \(problem); \(cure)" }
}

/// One rule that a plugin breaks.
///
/// Suites return an array of these, empty for a plugin that keeps all rules, so that any test framework can use them:
/// `#expect(checkDatasetAdapter(MyAdapter(folder: folder)).isEmpty)`.
public struct ConformanceFailure: Hashable, Sendable, CustomStringConvertible {
    /// The rule, as a short stable name: `unique-ids`.
    public var rule: String
    /// What broke it, naming the record, file or shape.
    public var detail: String

    public init(_ rule: String, _ detail: String) {
        self.rule = rule
        self.detail = detail
    }

    public var description: String { "\(rule): \(detail)" }
}

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

extension [ConformanceFailure] {
    /// At most `limit` failures of each rule; the last of them says how many more there are.
    func toldOnce(limit: Int = 3) -> [ConformanceFailure] {
        var counts: [String: Int] = [:]
        for failure in self { counts[failure.rule, default: 0] += 1 }
        var told: [String: Int] = [:]
        return compactMap { failure in
            let (rule, count) = (failure.rule, counts[failure.rule] ?? 0)
            told[rule, default: 0] += 1
            guard let number = told[rule], number <= limit else { return nil }
            guard number == limit, count > limit else { return failure }
            return ConformanceFailure(rule, "\(failure.detail); and \(count - limit) more like it")
        }
    }
}

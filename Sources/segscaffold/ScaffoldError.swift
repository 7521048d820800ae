/// One line: what is wrong, and the cure.
struct ScaffoldError: Error, CustomStringConvertible {
    let description: String

    init(_ subject: String, _ problem: String, cure: String) { description = "\(subject): \(problem); \(cure)" }
}

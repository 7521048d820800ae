/// What the program's arguments ask to break: `head shapes` in a step of training, `study term observe` in a study.
enum Chosen {
    private static let arguments = Array(CommandLine.arguments.dropFirst())

    static let isStudy = arguments.first == "study"
    static let kind = isStudy ? arguments.dropFirst().first ?? "" : arguments.first ?? ""
    static let name = isStudy ? arguments.dropFirst(2).first ?? "" : arguments.dropFirst().first ?? ""

    /// The fault of plugins of a kind; `nil` if those are to be sound.
    static func fault<Fault: RawRepresentable>(of kind: String) -> Fault? where Fault.RawValue == String {
        kind == self.kind ? Fault(rawValue: name) : nil
    }

    /// Traps unless the count is negative: an index that no array has.
    @inline(never)
    static func breakIndex(_ count: Int) -> Float { [Float(1), 2][count + 2] }

    /// Uses up the stack.
    @inline(never)
    static func recurse(_ depth: Int) -> Int { depth < 0 ? 0 : recurse(depth + 1) + (depth % 7) }
}

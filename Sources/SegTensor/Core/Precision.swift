/// How activations are kept from the operator that writes them to those that read them, in the next layer and in the
/// backward pass. Arithmetic, weights and gradients have 32 bits in either case.
public enum Precision: String, CaseIterable, Sendable {
    /// As they were computed.
    case float32
    /// Rounded to bfloat16 (8 bits of precision, ties to even) in half the memory: outputs of convolutions on blocks of
    /// channels that have no bias, because a normalization follows. Its statistics are those of the rounded values.
    case bf16Storage = "bf16-storage"

    /// What holds here and now.
    @TaskLocal static var current = Precision.float32

    /// Whether activations are kept in fewer bits than they are computed in.
    package static var isReduced: Bool { current != .float32 }

    /// Runs `body` with its activations kept this way.
    public static func with<Result>(_ precision: Precision, _ body: () throws -> Result) rethrows -> Result {
        try $current.withValue(precision, operation: body)
    }

    /// The floats of memory that hold `count` values.
    func floats(_ count: Int) -> Int {
        switch self {
        case .float32: count
        case .bf16Storage: (count + 1) / 2
        }
    }
}

internal import CSegKernels
import Foundation

/// The instruction sets for which kernels exist, slowest first.
///
/// The best one that the machine has is used. The environment variable `SEGKIT_ISA` (`baseline`, `avx2`, `avx512`)
/// forces one for the whole process; ``InstructionSet/with(_:_:)`` forces one for a piece of code.
public enum InstructionSet: String, CaseIterable, Sendable, Comparable {
    /// What the compiler may use unasked: SSE2 on x86-64, NEON on arm64.
    case baseline
    /// AVX2 with FMA.
    case avx2
    /// AVX-512 (F, BW, VL, DQ).
    case avx512

    /// The best instruction set of this machine.
    public static let best: InstructionSet =
        switch seg_isa_detect() {
        case seg_isa_avx512: .avx512
        case seg_isa_avx2: .avx2
        default: .baseline
        }

    /// The instruction sets that this machine can run.
    public static var available: [InstructionSet] { allCases.filter { $0 <= best } }

    /// The instruction set in use here and now.
    public static var current: InstructionSet { forced ?? initial }

    @TaskLocal private static var forced: InstructionSet?

    private static let initial: InstructionSet = {
        guard let name = ProcessInfo.processInfo.environment["SEGKIT_ISA"], !name.isEmpty else { return best }
        guard let wanted = InstructionSet(rawValue: name) else {
            warn("SEGKIT_ISA=\(name): unknown; use one of \(available.map(\.rawValue).joined(separator: ", "))")
            return best
        }
        guard wanted <= best else {
            warn("SEGKIT_ISA=\(name): this machine has no such instructions; using \(best.rawValue)")
            return best
        }
        return wanted
    }()

    private static func warn(_ message: String) {
        FileHandle.standardError.write(Data((message + "\n").utf8))
    }

    /// Runs `body` with this instruction set's kernels. Traps if the machine does not have it.
    public static func with<Result>(_ instructionSet: InstructionSet, _ body: () throws -> Result) rethrows -> Result {
        precondition(instructionSet <= best, "this machine does not have \(instructionSet.rawValue)")
        return try $forced.withValue(instructionSet, operation: body)
    }

    public static func < (left: InstructionSet, right: InstructionSet) -> Bool { left.order < right.order }

    private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    var kernels: seg_kernels {
        let isa: seg_isa =
            switch self {
            case .baseline: seg_isa_baseline
            case .avx2: seg_isa_avx2
            case .avx512: seg_isa_avx512
            }
        guard let table = seg_kernels_for(isa) else { preconditionFailure("no kernels were compiled for \(rawValue)") }
        return table.pointee
    }
}

enum Kernels {
    /// The kernels in use here and now. Operators fetch the table once and hand it to their tasks.
    static var current: seg_kernels { InstructionSet.current.kernels }
}

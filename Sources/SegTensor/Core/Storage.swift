import Foundation

/// Floats in 64-byte aligned memory, which goes back to a pool when the last tensor lets go of it.
///
/// `@unchecked Sendable`: the operator that takes the memory writes it, its tasks each to their own places, before
/// anyone else has it; afterwards it is only read.
package final class Storage: @unchecked Sendable {
    /// The first value. Written only while one owner has it.
    package let pointer: UnsafeMutablePointer<Float>
    /// Values that fit.
    package let count: Int

    private let bucket: Int
    /// The run without computing that it was made in.
    private let dryRun: DryRun?

    /// Memory for `count` values, not initialized.
    package convenience init(count: Int) { self.init(count, bucket: StoragePool.bucket(for: max(count, 1))) }

    private init(_ count: Int, bucket: Int) {
        self.count = count
        self.bucket = bucket
        dryRun = DryRun.current
        pointer = dryRun?.take(bucket) ?? StoragePool.shared.take(bucket)
    }

    /// Memory for the length of one operator, not initialized: in huge pages, so that the 36 planes of Winograd's algorithm
    /// do not need as many entries of the processor's page cache.
    package convenience init(scratch count: Int) {
        self.init(count, bucket: StoragePool.scratchBucket(for: max(count, 1)))
    }

    /// `count` zeros.
    package convenience init(zeros count: Int) {
        self.init(count: count)
        fill(with: 0)
    }

    deinit {
        if let dryRun { dryRun.give(pointer, bucket) } else { StoragePool.shared.give(pointer, bucket) }
    }

    /// Sets every value, before anyone else has the memory.
    func fill(with value: Float) {
        // What is large would be given memory by the system.
        guard dryRun == nil || count <= 4096 else { return }
        pointer.update(repeating: value, count: count)
    }

    private struct DerivedKey: Hashable {
        var type: ObjectIdentifier
        var instructionSet: InstructionSet
    }

    private let derived = Locked<[DerivedKey: any Sendable]>([:])

    /// What was made of the values before, or is made of them now: for layouts of weights that many images use.
    ///
    /// Kept for each instruction set by itself: layouts differ, and where they do not, roundings do.
    func derived<Value: Sendable>(for instructionSet: InstructionSet, _ make: () -> Value) -> Value {
        let key = DerivedKey(type: ObjectIdentifier(Value.self), instructionSet: instructionSet)
        if let known = derived.withLock({ $0[key] }) as? Value { return known }
        let value = make()
        derived.withLock { $0[key] = value }
        return value
    }

    /// To be called when the values change.
    func forgetDerived() { derived.withLock { $0 = [:] } }
}

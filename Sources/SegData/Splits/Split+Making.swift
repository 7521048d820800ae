public import SegCore

extension Split {
    /// Holds a fraction of the records out for validation.
    ///
    /// No patient is divided, nor are records that are linked; among what that allows, each pathology's share comes as
    /// near to the fraction as a greedy search finds, large groups first. At least one group lies on each side. The
    /// result depends on the seed and on the records, not on their order.
    ///
    /// - Parameter linked: ids of records that must stay together beside those of one patient: duplicates of one
    ///   another, as ``DuplicateClusters`` finds them.
    ///
    /// - Throws: ``SegmentationError`` if the fraction is not between 0 and 1, an id occurs twice, a linked one is
    ///   unknown, or there are fewer than two groups.
    public static func holdOut(
        _ records: [SampleRecord],
        validationFraction: Double,
        seed: UInt64,
        linked: [[String]] = []
    ) throws -> Split {
        try require("validationFraction", validationFraction, in: .leastNonzeroMagnitude..<1)
        let groups = try GroupedRecords(records, linked: linked, seed: seed, purpose: "hold-out", needed: 2)
        let shares = [validationFraction, 1 - validationFraction]
        return Split(records: records, validation: groups.assign(shares: shares)[0])
    }

    /// Divides the records into folds, each of which validates once.
    ///
    /// Groups, strata and order as in ``holdOut(_:validationFraction:seed:linked:)``; every fold has at least one
    /// group.
    ///
    /// - Throws: ``SegmentationError`` if there are fewer than two folds or fewer groups than folds, an id occurs
    ///   twice, or a linked one is unknown.
    public static func folds(
        _ records: [SampleRecord],
        count: Int,
        seed: UInt64,
        linked: [[String]] = []
    ) throws -> [Split] {
        try parts(records, count: count, seed: seed, linked: linked, purpose: "folds")
            .map { Split(records: records, validation: $0) }
    }

    /// Divides the records into outer folds, each of which tests once, and what remains of each into inner folds, each
    /// of which validates once: `[outer][inner]`.
    ///
    /// What is chosen on the inner folds is tested on records that had no part in the choice.
    ///
    /// - Throws: as ``folds(_:count:seed:linked:)``, for either number of folds.
    public static func nested(
        _ records: [SampleRecord],
        outer: Int,
        inner: Int,
        seed: UInt64,
        linked: [[String]] = []
    ) throws -> [[Split]] {
        try parts(records, count: outer, seed: seed, linked: linked, purpose: "outer folds").map { test in
            let rest = records.indices.filter { !test.contains($0) }
            let known = Set(rest.map { records[$0].id })
            let inside = try parts(
                rest.map { records[$0] },
                count: inner,
                seed: seed,
                // A link never leaves an outer fold, so what remains of it is the whole of it or nothing.
                linked: linked.filter { known.isSuperset(of: $0) },
                purpose: "inner folds"
            )
            return inside.map { Split(records: records, validation: Set($0.map { rest[$0] }), test: test) }
        }
    }

    /// Divides the records into folds, each of which tests once, and holds a fraction of the other folds' records out for
    /// validation.
    ///
    /// The folds are those of ``nested(_:outer:inner:seed:linked:)``; groups, strata and order as in
    /// ``holdOut(_:validationFraction:seed:linked:)``.
    ///
    /// - Throws: as ``folds(_:count:seed:linked:)`` and ``holdOut(_:validationFraction:seed:linked:)``.
    public static func crossValidation(
        _ records: [SampleRecord],
        folds count: Int,
        validationFraction: Double,
        seed: UInt64,
        linked: [[String]] = []
    ) throws -> [Split] {
        try parts(records, count: count, seed: seed, linked: linked, purpose: "outer folds").map { test in
            let rest = records.indices.filter { !test.contains($0) }
            let known = Set(rest.map { records[$0].id })
            let inside = try holdOut(
                rest.map { records[$0] },
                validationFraction: validationFraction,
                seed: seed,
                // A link never leaves a fold, so what remains of it is the whole of it or nothing.
                linked: linked.filter { known.isSuperset(of: $0) }
            )
            return Split(records: records, validation: Set(inside.validation.map { rest[$0] }), test: test)
        }
    }

    private static func parts(
        _ records: [SampleRecord],
        count: Int,
        seed: UInt64,
        linked: [[String]],
        purpose: StreamKey
    ) throws -> [Set<Int>] {
        guard count >= 2 else {
            throw SegmentationError("folds", "\(count) folds do not divide anything", cure: "choose 2 or more")
        }
        return try GroupedRecords(records, linked: linked, seed: seed, purpose: purpose, needed: count)
            .assign(shares: Array(repeating: 1 / Double(count), count: count))
    }
}

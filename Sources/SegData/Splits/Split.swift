public import SegCore

/// Which records train a model and which validate it.
///
/// Written to a study's output: the indices point into the records as they were given, the ids hold for any order.
public struct Split: Hashable, Sendable, Codable {
    /// Indices of the training records, ascending.
    public let train: [Int]
    /// Indices of the validation records, ascending.
    public let validation: [Int]
    /// Ids of the training records, in the order of ``train``.
    public let trainIDs: [String]
    /// Ids of the validation records, in the order of ``validation``.
    public let validationIDs: [String]

    init(records: [SampleRecord], validation: Set<Int>) {
        train = records.indices.filter { !validation.contains($0) }
        self.validation = validation.sorted()
        trainIDs = train.map { records[$0].id }
        validationIDs = self.validation.map { records[$0].id }
    }

    /// Holds a fraction of the records out for validation.
    ///
    /// No group is divided; among what that allows, each pathology's share comes as near to the fraction as a greedy
    /// search finds, large groups first. At least one group lies on each side. The result depends on the seed and on
    /// the records, not on their order.
    ///
    /// Throws: ``SegmentationError`` if the fraction is not between 0 and 1, an id occurs twice, or there are fewer
    /// than two groups.
    public static func holdOut(
        _ records: [SampleRecord],
        validationFraction: Double,
        seed: UInt64
    ) throws -> Split {
        guard validationFraction > 0 && validationFraction < 1 else {
            throw SegmentationError(
                "validationFraction",
                "\(validationFraction) is out of range",
                cure: "choose a value between 0 and 1, such as 0.2"
            )
        }
        let groups = try GroupedRecords(records, seed: seed, purpose: "hold-out", needed: 2)
        let shares = [validationFraction, 1 - validationFraction]
        return Split(records: records, validation: groups.assign(shares: shares)[0])
    }

    /// Divides the records into folds, each of which validates once.
    ///
    /// Groups, strata and order as in ``holdOut(_:validationFraction:seed:)``; every fold has at least one group.
    ///
    /// Throws: ``SegmentationError`` if there are fewer than two folds or fewer groups than folds, or an id occurs
    /// twice.
    public static func folds(_ records: [SampleRecord], count: Int, seed: UInt64) throws -> [Split] {
        guard count >= 2 else {
            throw SegmentationError("folds", "\(count) folds do not divide anything", cure: "choose 2 or more")
        }
        let groups = try GroupedRecords(records, seed: seed, purpose: "folds", needed: count)
        return groups.assign(shares: Array(repeating: 1 / Double(count), count: count))
            .map { Split(records: records, validation: $0) }
    }
}

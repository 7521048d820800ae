import SegCore

/// Which records train a model, which validate it and which test it.
///
/// The indices point into the records as they were given; the ids hold for any order. ``SplitFile`` writes splits for
/// others to use.
public struct Split: Hashable, Sendable {
    /// Indices of the training records, ascending.
    public let train: [Int]
    /// Indices of the validation records, which choose epoch and thresholds; ascending.
    public let validation: [Int]
    /// Indices of the records that are tested on at the end, ascending; empty where all testing is on other data sets.
    public let test: [Int]
    /// Ids of the training records, in the order of ``train``.
    public let trainIDs: [String]
    /// Ids of the validation records, in the order of ``validation``.
    public let validationIDs: [String]
    /// Ids of the test records, in the order of ``test``.
    public let testIDs: [String]

    /// What is neither validation nor test trains.
    init(records: [SampleRecord], validation: Set<Int>, test: Set<Int> = []) {
        train = records.indices.filter { !validation.contains($0) && !test.contains($0) }
        self.validation = validation.sorted()
        self.test = test.sorted()
        trainIDs = train.map { records[$0].id }
        validationIDs = self.validation.map { records[$0].id }
        testIDs = self.test.map { records[$0].id }
    }

    /// A division of nothing.
    package static var none: Split { Split(records: [], validation: []) }

    /// The parts by name, without the test part if it is empty.
    public var parts: [(name: String, indices: [Int])] {
        [("training", train), ("validation", validation)] + (test.isEmpty ? [] : [("test", test)])
    }
}

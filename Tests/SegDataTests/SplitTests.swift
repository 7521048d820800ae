import Foundation
import SegCore
import SegData
import Testing

@Suite struct SplitTests {
    /// Groups of one to four records, pathologies in uneven shares, some unlabeled.
    static func randomRecords(_ seed: Int, groups: Int = 80) -> [SampleRecord] {
        var stream = RandomStream(seed: UInt64(seed), "records")
        return (0..<groups).flatMap { group in
            (0..<(1 + stream.index(below: 4))).map { member in
                let draw = stream.uniform()
                let pathology: Pathology? = draw < 0.5 ? .benign : draw < 0.8 ? .malignant : draw < 0.95 ? .normal : nil
                return record("g\(group)-\(member)", group: "g\(group)", pathology)
            }
        }
    }

    @Test(arguments: 0..<12, [0.1, 0.2, 0.5]) func holdOutKeepsGroupsAndShares(seed: Int, fraction: Double) throws {
        let records = Self.randomRecords(seed)
        let split = try Split.holdOut(records, validationFraction: fraction, seed: 7)
        #expect((split.train + split.validation).sorted() == Array(records.indices))
        let groups = { (indices: [Int]) in Set(indices.map { records[$0].group }) }
        #expect(groups(split.train).isDisjoint(with: groups(split.validation)))
        for pathology in [Pathology.benign, .malignant, .normal] {
            let total = records.filter { $0.pathology == pathology }.count
            let held = split.validation.filter { records[$0].pathology == pathology }.count
            #expect(abs(Double(held) - fraction * Double(total)) <= 3)
        }
        #expect(split.validationIDs == split.validation.map { records[$0].id })
        #expect(split.trainIDs == split.train.map { records[$0].id })
    }

    @Test func singleRecordsAreStratifiedToTheNearestRecord() throws {
        let records = (0..<252).map { record("case\($0)", $0 < 98 ? .malignant : .benign) }
        let split = try Split.holdOut(records, validationFraction: 0.2, seed: 1)
        let malignant = split.validation.filter { records[$0].pathology == .malignant }.count
        #expect(abs(Double(malignant) - 19.6) < 1)
        #expect(abs(Double(split.validation.count) - 50.4) < 1.5)
    }

    @Test(arguments: 0..<8) func independentOfTheOrderOfRecords(seed: Int) throws {
        var records = Self.randomRecords(seed)
        let split = try Split.holdOut(records, validationFraction: 0.25, seed: 3)
        let folds = try Split.folds(records, count: 4, seed: 3)
        var stream = RandomStream(seed: 99, "order")
        stream.shuffle(&records)
        let other = try Split.holdOut(records, validationFraction: 0.25, seed: 3)
        #expect(Set(other.validationIDs) == Set(split.validationIDs))
        #expect(try Split.holdOut(records, validationFraction: 0.25, seed: 4).validationIDs != other.validationIDs)
        for (first, second) in try zip(folds, Split.folds(records, count: 4, seed: 3)) {
            #expect(Set(first.validationIDs) == Set(second.validationIDs))
        }
    }

    @Test(arguments: 0..<8, [2, 5, 10]) func everyRecordValidatesOnce(seed: Int, count: Int) throws {
        let records = Self.randomRecords(seed)
        let folds = try Split.folds(records, count: count, seed: 2)
        #expect(folds.count == count)
        #expect(folds.flatMap(\.validation).sorted() == Array(records.indices))
        for fold in folds {
            #expect((fold.train + fold.validation).sorted() == Array(records.indices))
            let groups = { (indices: [Int]) in Set(indices.map { records[$0].group }) }
            #expect(groups(fold.train).isDisjoint(with: groups(fold.validation)))
            for pathology in [Pathology.benign, .malignant] {
                let total = records.filter { $0.pathology == pathology }.count
                let held = fold.validation.filter { records[$0].pathology == pathology }.count
                #expect(abs(Double(held) - Double(total) / Double(count)) <= 4)
            }
        }
    }

    @Test func noPartIsEmptyHoweverUnevenTheGroups() throws {
        let large = (0..<50).map { record("a\($0)", group: "a", .benign) }
        let records = large + [record("b", group: "b", .malignant), record("c", group: "c", .benign)]
        #expect(try Split.folds(records, count: 3, seed: 1).allSatisfy { !$0.validation.isEmpty })
        for fraction in [0.001, 0.5, 0.999] {
            let split = try Split.holdOut(records, validationFraction: fraction, seed: 1)
            #expect(!split.validation.isEmpty && !split.train.isEmpty)
        }
    }

    @Test(arguments: [0, 1, -0.2, 1.5, Double.nan]) func fractionOutOfRange(fraction: Double) {
        let error = #expect(throws: SegmentationError.self) {
            try Split.holdOut(Self.randomRecords(1), validationFraction: fraction, seed: 1)
        }
        #expect(error?.subject == "validationFraction")
    }

    @Test func impossibleDivisionsAreRejected() {
        let records = [record("a", group: "p"), record("b", group: "p"), record("c", group: "q")]
        #expect(throws: SegmentationError.self) { try Split.folds(records, count: 3, seed: 1) }
        #expect(throws: SegmentationError.self) { try Split.folds(records, count: 1, seed: 1) }
        #expect(throws: SegmentationError.self) {
            try Split.holdOut(Array(records[..<2]), validationFraction: 0.5, seed: 1)
        }
        let error = #expect(throws: SegmentationError.self) {
            try Split.holdOut(records + [record("a", group: "z")], validationFraction: 0.5, seed: 1)
        }
        #expect(error?.description.contains("occurs twice") == true)
    }

    @Test(arguments: 0..<8) func linkedRecordsStayTogether(seed: Int) throws {
        let records = Self.randomRecords(seed)
        var stream = RandomStream(seed: UInt64(seed), "links")
        let linked = (0..<15).map { _ in (0..<2).map { _ in records[stream.index(below: records.count)].id } }
        let splits =
            try Split.folds(records, count: 5, seed: 1, linked: linked)
            + [Split.holdOut(records, validationFraction: 0.3, seed: 1, linked: linked)]
        for split in splits {
            for ids in linked {
                #expect(Set(split.validationIDs).isSuperset(of: ids) || Set(split.validationIDs).isDisjoint(with: ids))
            }
            let groups = { (indices: [Int]) in Set(indices.map { records[$0].group }) }
            #expect(groups(split.train).isDisjoint(with: groups(split.validation)))
        }
        // Links that say nothing new change nothing.
        let sameGroup = [[records[0].id, records[0].id]]
        #expect(
            try Split.folds(records, count: 5, seed: 1, linked: sameGroup) == Split.folds(records, count: 5, seed: 1)
        )
        let error = #expect(throws: SegmentationError.self) {
            try Split.folds(records, count: 5, seed: 1, linked: [["nobody", records[0].id]])
        }
        #expect(error?.subject == "nobody")
    }

    @Test func linksJoinWholeChainsOfGroups() throws {
        let records = (0..<12).map { record("r\($0)", group: "g\($0 / 2)", .benign) }
        // g0–g1, g1–g2: six records that can only go together.
        let folds = try Split.folds(records, count: 2, seed: 1, linked: [["r1", "r2"], ["r3", "r4"]])
        let chain = Set((0..<6).map { "r\($0)" })
        #expect(folds.allSatisfy { Set($0.validationIDs) == chain || Set($0.validationIDs).isDisjoint(with: chain) })
    }

    @Test(arguments: 0..<4) func nestedFoldsTestAndValidateEveryRecordInTurn(seed: Int) throws {
        let records = Self.randomRecords(seed)
        let linked = [["g0-0", "g1-0", "g2-0"]]
        let nested = try Split.nested(records, outer: 4, inner: 3, seed: 5, linked: linked)
        #expect(nested.count == 4 && nested.allSatisfy { $0.count == 3 })
        #expect(nested.flatMap { $0[0].test }.sorted() == Array(records.indices))
        for inner in nested {
            #expect(inner.allSatisfy { $0.test == inner[0].test })
            #expect((inner.flatMap(\.validation) + inner[0].test).sorted() == Array(records.indices))
            for split in inner {
                #expect((split.train + split.validation + split.test).sorted() == Array(records.indices))
                let groups = split.parts.map { Set($0.indices.map { records[$0].group }) }
                #expect(groups[0].isDisjoint(with: groups[1]))
                #expect(groups[0].union(groups[1]).isDisjoint(with: groups[2]))
                for (_, indices) in split.parts {
                    let ids = Set(indices.map { records[$0].id })
                    #expect(ids.isSuperset(of: linked[0]) || ids.isDisjoint(with: linked[0]))
                }
            }
        }
    }
}

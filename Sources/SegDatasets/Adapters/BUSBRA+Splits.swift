import Foundation
public import SegCore
import SegFiles
import SegTables

extension BUSBRA {
    /// The published cross-validations `5-fold` and `10-fold`, each where its table is there.
    ///
    /// How the tables are read: an image is tested in the round of its `kFold`, and in that round alone, where its
    /// `valid_<round>` is `NaN`. In the other rounds `valid_<round>` is 1 where it trains and 0 where it validates.
    ///
    /// - Throws: ``SegmentationError`` naming the table and the row that contradicts this, or an image that only one of
    ///   the tables lists.
    public func publishedSplits() throws -> [PublishedSplit] {
        let root = try root()
        let ids = try records().map(\.id)
        return try [5, 10].compactMap { count in
            let file = root.appendingPathComponent("\(count)-fold-cv.csv")
            guard FileReading.isFile(file) else { return nil }
            return try split(CSVReader(file: file).table(), count: count, ids: Set(ids))
        }
    }

    private func split(_ table: Table, count: Int, ids: Set<String>) throws -> PublishedSplit {
        let rounds = (1...count).map { "valid_\($0)" }
        try table.require(columns: ["ID", "kFold"] + rounds)
        var unlisted = ids
        var parts = Array(repeating: [String](), count: count)
        var validation = parts
        for row in table.rows {
            let id = try table.value("ID", of: row)
            guard unlisted.remove(id) != nil else {
                throw table.unexpected("ID", of: row, expected: "an image of bus_data.csv, listed once")
            }
            guard let fold = Int(try table.value("kFold", of: row)), (1...count).contains(fold) else {
                throw table.unexpected("kFold", of: row, expected: "a fold from 1 to \(count)")
            }
            parts[fold - 1].append(id)
            for (index, round) in rounds.enumerated() {
                let isTested = index == fold - 1
                switch try table.value(round, of: row) {
                case "NaN" where isTested, "1" where !isTested: break
                case "0" where !isTested: validation[index].append(id)
                default:
                    throw table.unexpected(
                        round,
                        of: row,
                        expected: isTested ? "NaN, as the image is tested in this round" : "1 or 0"
                    )
                }
            }
        }
        if let missing = unlisted.naturallySorted().first {
            throw SegmentationError(
                table.name,
                "the image \(missing) of bus_data.csv is in no fold",
                cure: "restore the published file"
            )
        }
        return PublishedSplit(name: "\(count)-fold", parts: parts, validation: validation)
    }
}

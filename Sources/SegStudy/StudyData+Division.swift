import SegConfiguration
import SegCore
import SegData
import SegResults

extension StudyData {
    /// The divisions by name: `study`, or `fold 1` and so on.
    private var namedDivisions: [(name: String, split: Split)] {
        guard study.train.split.foldCount != nil else { return [("study", divisions[0])] }
        return divisions.enumerated().map { ("fold \($0 + 1)", $1) }
    }

    /// How the source was divided.
    var splitSummary: SplitSummary {
        let isSingle = divisions.count == 1
        let parts = namedDivisions.flatMap { division in
            division.split.parts.map { name, indices in
                let records = indices.map { source.records[$0] }
                return SplitSummary.Part(
                    name: isSingle ? name : "\(division.name), \(name)",
                    counts: PathologyCounts(records.map(\.pathology)),
                    groups: Set(records.map(\.group)).count
                )
            }
        }
        return SplitSummary(method: study.train.split.method(of: source.name), parts: parts)
    }

    /// The division as a file that others can use.
    var splitFile: SplitFile {
        SplitFile(
            dataset: source.name,
            method: study.train.split.method(of: source.name),
            records: source.records,
            parts: namedDivisions
        )
    }

    /// Images of the smallest validation part.
    var validationCount: Int { divisions.map(\.validation.count).min() ?? 0 }
}

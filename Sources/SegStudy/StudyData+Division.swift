import SegConfiguration
import SegCore
import SegData
import SegInference
import SegResults

extension StudyData {
    /// The divisions by name: `study`, or `fold 1` and so on.
    private var namedDivisions: [(name: String, split: Split)] {
        guard study.train.split.foldCount != nil else { return [("study", divisions[0])] }
        return divisions.enumerated().map { ("fold \($0 + 1)", $1) }
    }

    /// What an arm cannot learn: from parts that lack a class, and by heads without a weight; a sentence each.
    ///
    /// - Parameter classifies: whether an arm predicts malignancy.
    func classGaps(classifies: Bool) -> [String] { labelGaps(classifies: classifies) + idleHeads }

    /// Heads whose weight is 0: their numbers are those of chance.
    private var idleHeads: [String] {
        study.arms.flatMap { arm in
            arm.model.heads.filter { $0.weight == 0 }.map {
                "The head \($0.name) of the arm \(arm.name) has the weight 0: it does not learn, and its numbers are meaningless."
            }
        }
    }

    /// Which parts lack a class that the source has, and a source that has only one for arms that classify.
    private func labelGaps(classifies: Bool) -> [String] {
        let known = Set(source.records.compactMap(\.pathology).filter(\.hasLesion))
        guard known.count < 2 else {
            return namedDivisions.flatMap {
                $0.split.classGaps(source.records, named: divisions.count == 1 ? nil : $0.name)
            }
        }
        guard classifies else { return [] }
        let labels =
            known.first.map { "All labeled lesions of \(source.name) are \($0.rawValue)" }
            ?? "No lesion of \(source.name) is labeled"
        return ["\(labels): its models cannot learn what is malignant, and their AUROC is meaningless."]
    }

    /// Tells ``classGaps(classifies:)`` before any training.
    func tellGaps(_ observer: any StudyObserver) {
        for gap in classGaps(classifies: classifies) { observer.message("warning: \(gap)") }
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

public import SegConfiguration
import SegCore

/// A share of a study's trainings, as `--only` names it.
///
/// `arm=consistency,seed=2` is what both say; `seed=1+2` is either seed; several selections are what any of them says.
/// Keys are `arm`, `fold`, `seed` and `training`, the number that `--dry-run` shows.
public struct StudySelection: Sendable {
    /// The trainings that take part.
    let trainings: Set<TrainingKey>

    /// Reads selections.
    ///
    /// - Throws: ``SegmentationError`` naming the selection, for an unknown key, and for an arm, fold, seed or training
    ///   that the study does not have.
    public init(_ texts: [String], of study: StudyConfiguration) throws {
        var trainings: Set<TrainingKey> = []
        for text in texts { trainings.formUnion(try Self.trainings(text, of: study)) }
        self.trainings = trainings
    }

    private static func trainings(_ text: String, of study: StudyConfiguration) throws -> [TrainingKey] {
        let subject = "--only \(text)"
        let all = study.trainings
        var chosen = Array(all.enumerated())
        var seen: Set<Substring> = []
        for condition in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = condition.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let values = parts.count == 2 ? parts[1].split(separator: "+", omittingEmptySubsequences: false) : []
            guard !values.isEmpty, !values.contains("") else {
                throw SegmentationError(
                    subject,
                    "`\(condition)` is not `key=value`",
                    cure: "write for example `--only arm=\(study.arms[0].name),seed=\(study.seeds[0])`"
                )
            }
            guard seen.insert(parts[0]).inserted else {
                throw SegmentationError(
                    subject,
                    "`\(parts[0])` appears twice, and a training has one",
                    cure: "write `\(parts[0])=a+b` for either of two values"
                )
            }
            let known: [String]
            let value: (Int, TrainingKey) -> String
            switch parts[0] {
            case "arm": (known, value) = (study.arms.map(\.name), { $1.arm })
            case "seed": (known, value) = (study.seeds.map { String($0) }, { String($1.seed) })
            // `cell` is what earlier versions called it, and scripts still do.
            case "training", "cell":
                (known, value) = (all.indices.map { String($0 + 1) }, { index, _ in String(index + 1) })
            case "fold":
                guard let folds = study.train.split.foldCount else {
                    throw SegmentationError(
                        subject,
                        "the study has no folds",
                        cure: "leave `fold` out, or write `folds:` in the table `train`"
                    )
                }
                (known, value) = ((1...folds).map { String($0) }, { $1.fold.map { String($0) } ?? "" })
            case let key:
                throw SegmentationError.unknown(
                    "key",
                    called: String(key),
                    at: subject,
                    among: ["arm", "fold", "seed", "training"]
                )
            }
            for name in values where !known.contains(String(name)) {
                throw SegmentationError.unknown(String(parts[0]), called: String(name), at: subject, among: known)
            }
            chosen = chosen.filter { values.contains(Substring(value($0.offset, $0.element))) }
        }
        guard !chosen.isEmpty else {
            throw SegmentationError(
                subject,
                "no training of the study is all of this",
                cure: "see `--dry-run` for the trainings"
            )
        }
        return chosen.map(\.element)
    }
}

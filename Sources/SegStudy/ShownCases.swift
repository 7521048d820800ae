import SegConfiguration
import SegReport
import SegTraining

extension StudyConfiguration {
    /// Whether it is the training of its arm that pictures are of.
    func isShown(_ key: TrainingKey) -> Bool { key.seed == seeds[0] && (key.fold ?? 1) == 1 }
}

/// The cases that the gallery shows of each data set: the same of every arm, so that they can be compared.
///
/// The reference arm's first training chooses them by its Dice; where it has no mask, the next arm that has.
struct ShownCases {
    struct Case: Hashable {
        var rank: ReportImage.Rank
        var caseID: String
    }

    private var cases: [String: [Case]] = [:]

    /// Those of a data set; `nil` while no arm has chosen any.
    subscript(dataset: String) -> [Case]? { cases[dataset] }

    /// Takes over what a training shows of data sets for which none has chosen before.
    mutating func add(_ pictures: [TestedTraining.Picture]) {
        for (dataset, shown) in Dictionary(grouping: pictures.filter { $0.image != nil }, by: \.dataset)
        where cases[dataset] == nil {
            cases[dataset] = shown.map(\.shownCase)
        }
    }

    /// Whether pictures that were drawn before are those of the cases shown.
    func fit(_ pictures: [TestedTraining.Picture]) -> Bool {
        Dictionary(grouping: pictures, by: \.dataset).allSatisfy { dataset, drawn in
            // Examples for maps stand where no arm has a Dice; whoever chose the others has drawn image and truth.
            cases[dataset].map { $0 == drawn.map(\.shownCase) }
                ?? drawn.allSatisfy { $0.image != nil || $0.rank == ReportImage.Rank.example.rawValue }
        }
    }
}

extension TestedTraining.Picture {
    fileprivate var shownCase: ShownCases.Case {
        ShownCases.Case(rank: ReportImage.Rank(rawValue: rank) ?? .median, caseID: caseID)
    }
}

import SegResults

/// The failures of all arms on one data set, training by training.
struct Failures {
    /// What the trainings of one arm made of an image.
    struct Outcome {
        /// By training: the leading metric of a lesion, or the predicted share of an image without one.
        var values: [Double]

        var mean: Double { values.reduce(0, +) / Double(values.count) }

        /// The part of the trainings that failed on the image.
        func share(where isFailure: (Double) -> Bool) -> Double {
            Double(values.count(where: isFailure)) / Double(values.count)
        }
    }

    struct Case {
        var id: String
        var row: CaseResult
        /// By arm; `nil` where it has no value.
        var outcomes: [Outcome?]

        /// Trainings of all arms that failed on the image.
        func count(where isFailure: (Double) -> Bool) -> Int {
            outcomes.reduce(0) { $0 + ($1?.values.count(where: isFailure) ?? 0) }
        }

        fileprivate var mean: Double {
            let means = outcomes.compactMap { $0?.mean }
            return means.reduce(0, +) / Double(means.count)
        }
    }

    var dataset: DatasetDescription
    /// All images with a lesion and a value under some arm.
    var lesions: [Case] = []
    /// All images without a lesion.
    var normals: [Case] = []

    var hasCases: Bool { !lesions.isEmpty || !normals.isEmpty }

    /// Whether an arm tested an image by more than one training.
    var hasSeveralTests: Bool {
        (lesions + normals).contains { $0.outcomes.contains { ($0?.values.count ?? 0) > 1 } }
    }

    init(_ dataset: DatasetDescription, _ context: ReportContext) {
        self.dataset = dataset
        let rows = context.results.arms.map { context.cases(arm: $0.name, dataset: dataset.name) }
        let byCase = rows.map { Dictionary(grouping: $0, by: \.caseID) }
        var seen: Set<String> = []
        for row in rows.joined() where seen.insert(row.caseID).inserted {
            guard let fraction = row.lesionFraction, fraction.isFinite else { continue }
            let outcomes = byCase.map { arm -> Outcome? in
                let values = (arm[row.caseID] ?? []).compactMap {
                    fraction > 0 ? $0.value(of: .primary) : $0.predictedFraction
                }
                let defined = values.filter(\.isFinite)
                return defined.isEmpty ? nil : Outcome(values: defined)
            }
            guard outcomes.contains(where: { $0 != nil }) else { continue }
            let item = Case(id: row.caseID, row: row, outcomes: outcomes)
            if fraction > 0 { lesions.append(item) } else { normals.append(item) }
        }
    }

    /// A lesion counts as a failure where the leading metric is lower.
    static let limit = 0.1

    static func isFailure(_ value: Double) -> Bool { value < limit }

    static func isAlarm(_ area: Double) -> Bool { area > 0 }

    /// Lesions on which some training failed: those first on which most did, and of these the worst.
    var failed: [Case] {
        let counted: [(count: Int, item: Case)] = lesions.map { ($0.count(where: Self.isFailure), $0) }
        return counted.filter { $0.count > 0 }.sorted { left, right in
            if left.count != right.count { return left.count > right.count }
            return (left.item.mean, left.item.id) < (right.item.mean, right.item.id)
        }.map(\.item)
    }

    /// Images without a lesion on which some training saw one: those first on which most did, and of these the largest.
    var alarms: [Case] {
        let counted: [(count: Int, item: Case)] = normals.map { ($0.count(where: Self.isAlarm), $0) }
        return counted.filter { $0.count > 0 }.sorted { left, right in
            if left.count != right.count { return left.count > right.count }
            return (right.item.mean, left.item.id) < (left.item.mean, right.item.id)
        }.map(\.item)
    }
}

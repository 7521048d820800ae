/// Where each positive case stands among the negatives, and each negative among the positives: by one score, or on
/// average over the scores of several trained models.
///
/// Their mean is the area under the ROC curve, and their spread over patients is its variance. A mean of several models'
/// areas on the same cases is again the mean of placements (each averaged over the models), and so has a variance of the
/// same form: it is the area that a model of this kind has, not that of an ensemble which averages the scores.
///
/// - Formula: V₁₀(x) = mean over negatives y of ψ(x, y) for a positive x, V₀₁(y) = mean over positives x of ψ(x, y) for a
///   negative y; ψ is 1 if the positive scores higher, one half for a tie, else 0. Area = mean of V₁₀ = mean of V₀₁.
/// - Edge cases: without a positive or without a negative case the placements are empty or NaN, and the area is NaN.
/// - Source: E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, Biometrics 44 (1988); W. Hoeffding, A class of statistics
///   with asymptotically normal distribution, Ann. Math. Stat. 19 (1948): means of U-statistics are U-statistics.
public struct ROCPlacements: Hashable, Sendable {
    /// Of every case, in the order given: a positive's share of negatives below it, a negative's share of positives above.
    public let values: [Double]
    /// Whether each case is positive.
    public let labels: [Bool]
    /// The area under the ROC curve; of several models, the mean of their areas.
    public let area: Double
    let groups: CaseGroups

    /// The placements by one score.
    ///
    /// - Parameter groups: the patient of every case, whose cases are not independent; without them every case is its own.
    /// - Throws: ``MetricsError`` if there is not one label (and group) per score, or a score is not a number.
    /// - Complexity: O(n log n), through midranks (X. Sun, W. Xu, IEEE Signal Processing Letters 21 (2014), eq. 5–9).
    public init(scores: [Double], labels: [Bool], groups: [String]? = nil) throws {
        try requireEqualCounts(("scores", scores.count), ("labels", labels.count))
        try requireNumbers(scores, named: "score")
        try requireGroups(groups, caseCount: scores.count)
        let positives = labels.indices.filter { labels[$0] }
        let negatives = labels.indices.filter { !labels[$0] }
        let pooled = midranks(scores).ranks
        let amongPositives = midranks(positives.map { scores[$0] }).ranks
        let amongNegatives = midranks(negatives.map { scores[$0] }).ranks
        var values = [Double](repeating: .nan, count: scores.count)
        // The pooled rank less the rank among one's own kind counts the others below, a tie as one half.
        for (rank, index) in zip(amongPositives, positives) {
            values[index] = (pooled[index] - rank) / Double(negatives.count)
        }
        for (rank, index) in zip(amongNegatives, negatives) {
            values[index] = 1 - (pooled[index] - rank) / Double(positives.count)
        }
        self.values = values
        self.labels = labels
        self.groups = CaseGroups(groups, caseCount: scores.count)
        area =
            positives.isEmpty || negatives.isEmpty
            ? .nan : positives.reduce(0) { $0 + values[$1] } / Double(positives.count)
    }

    /// The mean placements of several models on the same cases.
    ///
    /// - Throws: ``MetricsError`` without a model, or if the models differ in cases or patients.
    public init(meanOf models: [ROCPlacements]) throws {
        guard let first = models.first else {
            throw MetricsError("there is no model", cure: "give the placements of at least one")
        }
        for model in models.dropFirst() { try requireSameCases(first, model) }
        let count = Double(models.count)
        values = first.values.indices.map { index in models.reduce(0) { $0 + $1.values[index] } / count }
        labels = first.labels
        groups = first.groups
        area = models.reduce(0) { $0 + $1.area } / count
    }
}

func requireSameCases(_ first: ROCPlacements, _ second: ROCPlacements) throws {
    guard first.labels == second.labels, first.groups == second.groups else {
        throw MetricsError(
            "two models' placements are of different cases or patients",
            cure: "score the same cases in the same order, with the same labels and groups"
        )
    }
}

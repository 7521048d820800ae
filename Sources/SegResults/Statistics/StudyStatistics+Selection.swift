import Foundation
import SegCore
import SegMetrics

extension StudyStatistics {
    /// What every arm reaches on the cases that it is surest of; none of arms that say nothing of a case.
    ///
    /// - Parameter validation: the data set that thresholds of certainty are chosen on; `nil` for none.
    package func selection(arms: [String], datasets: [String], validation: String?) throws -> [SelectiveSummary] {
        try arms.flatMap { arm in
            try SelectiveSummary.Kind.allCases.flatMap { kind in
                try datasets.compactMap { try selection(arm, $0, kind, validation: validation) }
            }
        }
    }

    private func selection(
        _ arm: String,
        _ dataset: String,
        _ kind: SelectiveSummary.Kind,
        validation: String?
    ) throws -> SelectiveSummary? {
        var values: [SelectiveSummary] = []
        for pass in TestPass.all(in: tested(arm, dataset, seed: nil)) {
            let judged = pass.judged(kind, malignancyThresholds: thresholds[arm]?[pass.seed] ?? [:])
            guard !judged.isEmpty else { continue }
            let losses = judged.map { 1 - $0.value }
            var summary = SelectiveSummary(
                arm: arm,
                dataset: dataset,
                kind: kind,
                cases: judged.count,
                all: judged.reduce(0) { $0 + $1.value } / Double(judged.count),
                area: try RiskCoverageCurve(certainties: judged.map(\.certainty), losses: losses).area
            )
            if let threshold = abstention(arm, kind, pass, validation: validation) {
                let kept = judged.filter { $0.certainty >= threshold }
                summary.threshold = threshold
                summary.coverage = Double(kept.count) / Double(judged.count)
                summary.kept = kept.isEmpty ? nil : kept.reduce(0) { $0 + $1.value } / Double(kept.count)
            }
            values.append(summary)
        }
        guard var result = values.first else { return nil }
        func mean(_ value: (SelectiveSummary) -> Double?) -> Double? {
            let defined = values.compactMap(value)
            return defined.count == values.count ? defined.reduce(0, +) / Double(defined.count) : nil
        }
        result.all = mean { $0.all } ?? .nan
        result.area = mean { $0.area } ?? .nan
        result.threshold = mean(\.threshold)
        result.coverage = mean(\.coverage)
        result.kept = mean(\.kept)
        return result
    }

    /// The certainty that keeps four fifths of what a training was validated on.
    private func abstention(
        _ arm: String,
        _ kind: SelectiveSummary.Kind,
        _ pass: TestPass,
        validation: String?
    ) -> Double? {
        guard let validation else { return nil }
        let rows = (rows[arm]?[validation]?[pass.seed] ?? []).filter { pass.fold == nil || $0.fold == pass.fold }
        let own = TestPass(seed: pass.seed, fold: pass.fold, rows: rows)
            .judged(kind, malignancyThresholds: thresholds[arm]?[pass.seed] ?? [:])
        guard !own.isEmpty else { return nil }
        return quantile(1 - SelectiveSummary.keptOnValidation, ofSorted: own.map(\.certainty).sorted())
    }
}

extension TestPass {
    /// How sure the model was of each case, and what it is worth: the Dice, or 1 where malignancy is predicted correctly and 0 where not.
    /// Cases without either are left out.
    ///
    /// - Parameter malignancyThresholds: by fold, 1 without folds.
    package func judged(
        _ kind: SelectiveSummary.Kind,
        malignancyThresholds: [Int: Double]
    ) -> [(certainty: Double, value: Double)] {
        rows.compactMap { row in
            switch kind {
            case .dice:
                guard let expected = row.expectedDice, expected.isFinite, row.dice.isFinite,
                    row.pathology != .normal
                else { return nil }
                return (expected, row.dice)
            case .malignancy:
                guard row.pathology?.hasLesion == true, let p = row.malignancyProbability, p.isFinite,
                    let threshold = malignancyThresholds[row.fold ?? 1]
                else { return nil }
                let isRight = (p >= threshold) == (row.pathology == .malignant)
                return (abs(Self.logit(p) - Self.logit(threshold)), isRight ? 1 : 0)
            }
        }
    }

    private static func logit(_ p: Double) -> Double {
        let inside = min(max(p, 1e-12), 1 - 1e-12)
        return log(inside / (1 - inside))
    }
}

import SegPages
import SegResults

/// What was measured of interference, in words.
struct InterferenceVerdicts {
    let context: ReportContext
    let summary: InterferenceSummary

    private var results: StudyResults { context.results }

    /// One paragraph for each arm that can be set against the reference, or for each that was measured.
    var sentences: [String] {
        let compared = results.arms.compactMap { arm -> String? in
            let own = summary.comparisons.filter { $0.arm == arm.name }
            guard let main = own.first(where: { $0.subject.second != nil }) ?? own.first else { return nil }
            let heads = [main.subject.first, main.subject.second].compactMap { $0 }
            return verdict(
                arm,
                main,
                others: own.filter { $0.subject.second == nil && heads.contains($0.subject.first) }
            )
        }
        guard compared.isEmpty else { return compared }
        return results.arms.compactMap { arm in
            summary.levels.first { $0.arm == arm.name }.flatMap { summary.level(arm: arm.name, $0.subject) }
                .map { level in
                    "In the last half of training \(Self.gradients(level.subject)) had a mean cosine of "
                        + "\(NumberFormat.fixed(level.cosine)) with \(arm.title) and conflicted on "
                        + "\(Self.percent(level.conflictRate)) of the probe's batches."
                }
        }
    }

    private func verdict(
        _ arm: ArmDescription,
        _ main: InterferenceSummary.Comparison,
        others: [InterferenceSummary.Comparison]
    ) -> String? {
        guard let ours = summary.level(arm: arm.name, main.subject),
            let theirs = summary.level(arm: main.reference, main.subject)
        else { return nil }
        let reference = context.title(of: main.reference)
        var text =
            "\(Self.answer(main, results.methods.significanceLevel)) In the last half of training "
            + "\(Self.gradients(main.subject)) had a mean cosine of \(NumberFormat.fixed(ours.cosine)) with "
            + "\(arm.title) and of \(NumberFormat.fixed(theirs.cosine)) with \(reference); they conflicted on "
            + "\(Self.percent(ours.conflictRate)) and \(Self.percent(theirs.conflictRate)) of the probe's batches. "
            + "The difference in cosine, paired by seed, is \(Self.difference(main))."
        let shown = summary.shownSubjects
        let items = others.filter { $0.subject != main.subject && shown.contains($0.subject) }
            .map { "\(Self.difference($0)) for \($0.subject.first)" }
        if !items.isEmpty { text += " Against the sum of all other tasks it is \(NumberFormat.list(items))." }
        return text
    }

    /// What the test over seeds allows to say, first of all whether there could be one.
    private static func answer(_ comparison: InterferenceSummary.Comparison, _ level: Double) -> String {
        guard let p = comparison.adjustedPValue else {
            return "A single seed cannot show whether interference differs between arms."
        }
        let test = "(paired t over \(comparison.seeds) seeds, \(NumberFormat.pEquation(p)))"
        guard p < level else { return "No difference in interference was shown \(test)." }
        return comparison.meanDifference > 0
            ? "Interference was less than with the reference \(test)."
            : "Interference was more than with the reference \(test)."
    }

    private static func difference(_ comparison: InterferenceSummary.Comparison) -> String {
        let mean = NumberFormat.signed(comparison.meanDifference)
        guard let deviation = comparison.standardDeviation else { return "\(mean) (one seed)" }
        let interval = comparison.interval.map {
            ", 95 % interval \(NumberFormat.signed($0.low)) to \(NumberFormat.signed($0.high))"
        }
        return "\(mean) ± \(NumberFormat.fixed(deviation)) (n = \(comparison.seeds) seeds\(interval ?? ""))"
    }

    private static func gradients(_ subject: InterferenceSummary.Subject) -> String {
        subject.second.map { "the gradients of \(subject.first) and \($0)" }
            ?? "the gradient of \(subject.first) and that of all other tasks"
    }

    static func percent(_ share: Double) -> String { "\(NumberFormat.fixed(100 * share, 0)) %" }
}

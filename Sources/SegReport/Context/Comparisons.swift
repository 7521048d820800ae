import SegPages
import SegResults

/// The columns of a table that compare an arm with the reference arm, and what they hold.
extension ReportContext {
    /// What an interval and a p are of, so that no reader takes one for the test of the other.
    struct Estimand {
        /// The p of the trained models, in the head of its column: `p of ranks`.
        var title: String
        /// The test of the trained models.
        var test: String
        /// The test of the methods, over seeds.
        var acrossSeeds: String

        /// Metrics of cases: the models are compared by ranks, the methods by means.
        static let mean = Estimand(
            title: "p of ranks",
            test: "Wilcoxon's signed-rank test, which is of ranks, as r is, and not of the mean difference next to it",
            acrossSeeds: "the mean difference, over seeds and cases"
        )
        /// Metrics of cases whose mean differences were tested: models and methods are compared by means, ranks stand below.
        static let testedMean = Estimand(
            title: "p",
            test:
                "the mean difference, by flipping the signs of whole patients; below it, that of Wilcoxon's signed-rank test, "
                + "which is of ranks, as r is",
            acrossSeeds: "the mean difference, over seeds and cases"
        )
        /// The area under the ROC curve: every test is of the difference beside it.
        static let area = Estimand(
            title: "p",
            test: "the difference by DeLong's test",
            acrossSeeds: "the difference by Obuchowski and Rockette's test"
        )
    }

    /// The columns of a comparison: the difference, p and, where the metric has one, the effect size.
    func comparisonColumns(_ heading: String, _ estimand: Estimand, hasEffect: Bool) -> [ReportContent.Column] {
        let stars = "* < 0.05, ** < 0.01, *** < 0.001; none on a validation part"
        let estimand = estimand.title == Estimand.mean.title && results.testsMeans ? .testedMean : estimand
        let difference = "Mean difference from the reference arm, with its 95 % interval"
        let p =
            results.comparesSeeds
            ? ReportContent.Column(
                "p across seeds",
                explanation: "Adjusted p of \(estimand.acrossSeeds); \(stars). Below, that of the trained models: "
                    + estimand.test
            ) : ReportContent.Column(estimand.title, explanation: "Adjusted p of \(estimand.test); \(stars)")
        let effect = ReportContent.Column("Effect", explanation: results.methods.effectSize)
        return [.init("Δ \(heading)", explanation: difference), p] + (hasEffect ? [effect] : [])
    }

    /// The difference with its interval, the p that stars go by (with several seeds that of the trained models below), and
    /// the effect size.
    func comparisonCells(
        _ arm: ArmDescription,
        _ comparison: ArmComparison?,
        hasEffect: Bool,
        digits: Int = 3
    ) -> [ReportContent.Cell] {
        let columns = hasEffect ? 3 : 2
        if arm.name == results.referenceArm { return [.spanning(columns, "reference")] }
        guard let comparison else { return Array(repeating: .missing, count: columns) }
        let across = comparison.acrossSeeds
        let difference = ReportContent.Cell.estimate(
            NumberFormat.signed(comparison.meanDifference, digits),
            across == nil ? comparison.interval : across?.interval,
            isSigned: true,
            digits: digits
        )
        let p = ReportContent.Cell(
            NumberFormat.pValue(comparison.leadingPValue),
            stars: NumberFormat.stars(results.verdict(comparison)),
            details: (across == nil ? [] : ["models \(NumberFormat.pValue(comparison.modelsPValue))"])
                + (comparison.adjustedMeanPValue == nil
                    ? [] : ["ranks \(NumberFormat.pValue(comparison.adjustedPValue))"])
        )
        let effect = ReportContent.Cell(NumberFormat.signed(comparison.effectSize, 2))
        return [difference, p] + (hasEffect ? [effect] : [])
    }
}

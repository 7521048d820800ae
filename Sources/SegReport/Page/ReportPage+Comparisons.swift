import SegPages
import SegResults

/// The columns of a table that compare an arm with the reference arm.
extension ReportPage {
    /// The head of the p that stars go by.
    func leadingColumnHead(_ test: String, acrossSeeds: String) -> Markup {
        let stars = "* < 0.05, ** < 0.01, *** < 0.001"
        return results.comparesSeeds
            ? columnHead(
                "p across seeds",
                explained: "Adjusted p of \(acrossSeeds); \(stars). Below, that of \(test) on the trained models"
            )
            : columnHead("p", explained: "Adjusted p of \(test); \(stars)")
    }

    /// The difference with its interval, the p that stars go by (with several seeds that of the trained models below), and
    /// the effect size where the metric has one.
    func comparisonCells(
        _ arm: ArmDescription,
        _ comparison: ArmComparison?,
        hasEffect: Bool,
        digits: Int = 3
    ) -> [Markup] {
        let columns = hasEffect ? 3 : 2
        if arm.name == results.referenceArm {
            return [tag("td", ["class": "reference", "colspan": String(columns)], "reference")]
        }
        guard let comparison else { return Array(repeating: number(NumberFormat.missing), count: columns) }
        let across = comparison.acrossSeeds
        let interval = across == nil ? comparison.interval : across?.interval
        var cells = [
            withInterval(
                NumberFormat.signed(comparison.meanDifference, digits),
                interval,
                signed: true,
                digits: digits
            ),
            pValues(comparison),
        ]
        if hasEffect { cells.append(number(NumberFormat.signed(comparison.effectSize, 2))) }
        return cells
    }

    private func pValues(_ comparison: ArmComparison) -> Markup {
        let p = comparison.leadingPValue
        let models =
            comparison.acrossSeeds.map { _ in
                tag("small", text: "models \(NumberFormat.pValue(comparison.adjustedPValue))")
            } ?? .group([])
        let stars = tag("span", ["class": "stars", "aria-hidden": "true"], text: NumberFormat.stars(p))
        return tag("td", ["class": "number"], [.text(NumberFormat.pValue(p)), stars, models])
    }

    func withInterval(
        _ text: String,
        _ interval: ConfidenceInterval?,
        signed isSigned: Bool = false,
        overSeeds deviation: Double? = nil,
        digits: Int = 3
    ) -> Markup {
        let below = [small(interval, signed: isSigned, digits: digits), overSeeds(deviation, digits: digits)]
        return tag("td", ["class": "number"], [.text(text)] + below)
    }

    func small(_ interval: ConfidenceInterval?, signed isSigned: Bool = false, digits: Int = 3) -> Markup {
        let range = NumberFormat.interval(interval?.bounds, digits, signed: isSigned)
        return range == NumberFormat.missing ? .group([]) : tag("small", text: range)
    }

    /// How far the seeds' own means lie from another.
    func overSeeds(_ deviation: Double?, digits: Int = 3) -> Markup {
        guard let deviation, deviation.isFinite else { return .group([]) }
        return tag("small", text: "±\u{A0}\(NumberFormat.fixed(deviation, digits)) over seeds")
    }
}

import Foundation
import SegCore
import SegMetrics

extension StudyStatistics {
    /// The leading metric by pathology, size and BI-RADS category, of every arm on every data set; divisions of one part, or
    /// without a value, are left out.
    package func subgroups(arms: [String], datasets: [String]) throws -> [SubgroupSummary] {
        try arms.flatMap { arm in
            try datasets.flatMap { dataset in
                let cases = cases(arm, dataset).filter { !$0.dice.isNaN && $0.pathology != .normal }
                return try SubgroupSummary.Kind.allCases.flatMap { kind -> [SubgroupSummary] in
                    let levels = Dictionary(grouping: cases) { Self.level($0, kind) }
                        .compactMap { level, cases in level.map { ($0, cases) } }
                        .sorted { $0.0.rank < $1.0.rank }
                    guard levels.count > 1 else { return [] }
                    return try levels.map { level, cases in
                        SubgroupSummary(
                            arm: arm,
                            dataset: dataset,
                            kind: kind,
                            level: level.name,
                            values: try metric(cases, []) { $0.dice }
                        )
                    }
                }
            }
        }
    }

    private struct Level: Hashable {
        var rank: Int
        var name: String
    }

    private static func level(_ row: CaseResult, _ kind: SubgroupSummary.Kind) -> Level? {
        switch kind {
        case .pathology: return row.pathology.map { Level(rank: $0 == .malignant ? 1 : 0, name: $0.rawValue) }
        case .category:
            return row.category.flatMap { category in
                BIRADSCategory.allCases.firstIndex(of: category).map { Level(rank: $0, name: category.rawValue) }
            }
        case .size:
            guard let fraction = row.lesionFraction, fraction > 0 else { return nil }
            let (size, bounds, unit) =
                row.diameter.map { ($0, [10.0, 20], "mm") } ?? (100 * fraction, [2, 8], "% of the image")
            let rank = bounds.count { size >= $0 }
            let texts = bounds.map { String(Int($0)) }
            let name = [
                "below \(texts[0]) \(unit)", "\(texts[0]) to \(texts[1]) \(unit)", "\(texts[1]) \(unit) and more",
            ][rank]
            // Where some images have a size in mm and others not, those in mm come first.
            return Level(rank: row.diameter == nil ? rank + 3 : rank, name: name)
        }
    }
}

extension CaseResult {
    /// The diameter of the circle of the lesion's area, mm; `nil` without a lesion or where the size of a pixel is unknown.
    package var diameter: Double? {
        guard let fraction = lesionFraction, let area = imageArea, fraction > 0, area.isFinite else { return nil }
        return 2 * (fraction * area / .pi).squareRoot()
    }
}

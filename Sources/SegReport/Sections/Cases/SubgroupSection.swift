import SegPages
import SegResults

/// The leading metric by what images show: pathology, lesion size, BI-RADS category.
struct SubgroupSection: ReportSection {
    let id = "subgroups"
    let title = "\(MetricDescription.primary.title) by pathology, size and category"

    func content(_ context: ReportContext) -> ReportContent? {
        let all = context.results.subgroups ?? []
        let arms = context.results.arms.filter { arm in all.contains { $0.arm == arm.name } }
        let groups = context.evaluatedDatasets.flatMap { dataset in
            SubgroupSummary.Kind.allCases.compactMap { kind -> ReportContent.Group? in
                let own = all.filter { $0.dataset == dataset.name && $0.kind == kind }
                guard !own.isEmpty else { return nil }
                let rows = own.map(\.level).uniqued().map { level in
                    [ReportContent.Cell(level)] + cells(own.filter { $0.level == level }, arms)
                }
                return ReportContent.Group("\(dataset.title), by \(Self.name(kind))", rows: rows)
            }
        }
        guard !groups.isEmpty else { return nil }
        let table = ReportContent.Table(
            caption: "\(title): means ± standard deviation with 95 % intervals and numbers of images.",
            label: "Subgroup table",
            columns: [.init("Images of", .text)] + arms.map { .init("Mean", arm: $0.name) },
            groups: groups,
            style: .main
        )
        let note =
            "Sizes in mm are diameters of the circle of the lesion's area. The best arm of a row is bold. Subgroups were not tested against one another; a mean of "
            + "few images says little. Normal images take no part."
        return ReportContent([.table(table), .note(note)])
    }

    private static func name(_ kind: SubgroupSummary.Kind) -> String {
        switch kind {
        case .pathology: "pathology"
        case .size: "lesion size"
        case .category: "BI-RADS category"
        }
    }

    private func cells(_ own: [SubgroupSummary], _ arms: [ArmDescription]) -> [ReportContent.Cell] {
        let digits = MetricDescription.primary.decimals
        let values = arms.map { arm in own.first { $0.arm == arm.name }?.values }
        let best = BestValues(
            values.map { $0?.mean },
            decimals: digits,
            isLowerBetter: MetricDescription.primary.isLowerBetter
        )
        return values.map { values in
            guard let values else { return .missing }
            var cell = ReportContent.Cell.moments(values, digits, isBest: best.contains(values.mean))
            cell.details.append("n\u{A0}=\u{A0}\(NumberFormat.count(values.count))")
            return cell
        }
    }
}

import SegCore
import SegPages
import SegResults

/// Worst, median and best cases in pictures.
struct GallerySection: ReportSection {
    let id = "gallery"
    let title = "Worst, median and best cases"

    func content(_ context: ReportContext) -> ReportContent? {
        guard !context.images.isEmpty else { return nil }
        var parts: [ReportContent.Part] = [.contourLegend(context.contours)]
        let known = context.results.datasetsTestsFirst.map(\.name)
        let names = known + Set(context.images.map(\.dataset)).subtracting(known).sorted()
        for dataset in names {
            let shown = context.images.filter { $0.dataset == dataset }
            guard !shown.isEmpty else { continue }
            parts.append(.heading(context.results.dataset(named: dataset)?.title ?? dataset))
            let arms = context.results.arms.map(\.name)
            for arm in arms + Set(shown.map(\.arm)).subtracting(arms).sorted() {
                let pictures = shown.filter { $0.arm == arm }
                guard !pictures.isEmpty else { continue }
                parts += [.armHeading(arm), .gallery(pictures.map { picture($0, context) })]
            }
        }
        return ReportContent(parts)
    }

    /// A bound of a range, as its author wrote it.
    private func number(_ value: Double) -> String { Int(exactly: value).map { String($0) } ?? value.description }

    private func picture(_ image: ReportImage, _ context: ReportContext) -> ReportContent.Picture {
        let rank = image.rank.rawValue
        let place = "\(image.caseID) of \(image.dataset), \(rank) case of \(context.title(of: image.arm))"
        if let map = image.map {
            let scale = "\(number(map.black)) black, \(number(map.white)) white"
            return ReportContent.Picture(
                png: image.png,
                alternative: "\(map.title) of \(place): \(scale)",
                caption: map.title,
                detail: scale,
                lines: [image.caseID] + (image.caption.map { [$0] } ?? [])
            )
        }
        let value =
            image.dice.isNaN ? "" : "\(MetricDescription.primary.title) \(NumberFormat.fixed(image.dice))"
        let outlined = NumberFormat.list(context.contours.map(\.title))
        return ReportContent.Picture(
            png: image.png,
            alternative:
                place + (value.isEmpty ? "" : ", \(value)")
                + (outlined.isEmpty ? "" : "; outlined: \(outlined)"),
            caption: rank.prefix(1).uppercased() + rank.dropFirst(),
            detail: value,
            lines: [image.caseID] + [image.caption ?? told(image, context)].compactMap(\.self)
        )
    }

    /// What the case is and what was predicted of it beside the mask: `malignant, p = 0.81, HD95 12.3 px`.
    private func told(_ image: ReportImage, _ context: ReportContext) -> String? {
        let rows = context.cases(arm: image.arm, dataset: image.dataset).filter { $0.caseID == image.caseID }
        // Of several trainings the one whose mask is shown.
        guard let row = rows.first(where: { $0.dice == image.dice }) ?? (rows.count == 1 ? rows.first : nil) else {
            return nil
        }
        let parts = [
            row.pathology?.rawValue,
            row.malignancyProbability.flatMap { $0.isFinite ? "p\u{A0}=\u{A0}\(NumberFormat.fixed($0, 2))" : nil },
            row.hausdorff95.flatMap { $0.isFinite ? "HD95\u{A0}\(NumberFormat.fixed($0, 1))\u{A0}px" : nil },
        ].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
}

import SegCore
import SegPages
import SegResults

/// The worst, the median and the best case of the reference arm: the image, its truth and what every arm made of it, side by
/// side.
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
            for row in rows(shown, context) {
                parts += [.subheading(heading(row, context)), .gallery(row.map { picture($0, context) })]
            }
        }
        return ReportContent(parts)
    }

    /// The pictures of each case, by rank: the image, the truth, then the arms in their order, each with its maps.
    private func rows(_ images: [ReportImage], _ context: ReportContext) -> [[ReportImage]] {
        var rows: [[ReportImage]] = []
        for rank in ReportImage.Rank.allCases {
            for image in images where image.rank == rank {
                if let row = rows.firstIndex(where: { $0[0].rank == rank && $0[0].caseID == image.caseID }) {
                    rows[row].append(image)
                } else {
                    rows.append([image])
                }
            }
        }
        let arms = context.results.arms.map(\.name)
        return rows.map { row in
            let others = Set(row.map(\.arm)).subtracting(arms).sorted()
            var ordered = row.filter { $0.view == .image }
            ordered += row.filter { $0.view == .truth }
            for arm in arms + others { ordered += row.filter { $0.arm == arm && $0.view == .prediction } }
            return ordered
        }
    }

    /// `Worst case of Multi-task: case0017, malignant`
    private func heading(_ row: [ReportImage], _ context: ReportContext) -> String {
        let rank = row[0].rank
        let reference = row.first { $0.arm == context.results.referenceArm }
        let leader = (row.first { $0.view == .image } ?? reference ?? row[0]).arm
        let whose = rank == .example ? "" : " of \(context.title(of: leader))"
        let pathology = self.pathology(row[0], context).map { ", \($0)" } ?? ""
        return "\(Self.capitalized(rank.rawValue)) case\(whose): \(row[0].caseID)\(pathology)"
    }

    private func picture(_ image: ReportImage, _ context: ReportContext) -> ReportContent.Picture {
        let place = "\(image.caseID) of \(image.dataset)"
        switch image.view {
        case .image:
            return ReportContent.Picture(png: image.png, alternative: "\(place), the image alone", caption: "Image")
        case .truth:
            return ReportContent.Picture(
                png: image.png,
                alternative: "\(place), with its true lesion",
                caption: "Truth",
                detail: pathology(image, context) ?? ""
            )
        case .prediction:
            return image.map.map { map(image, $0, "\(place), \(context.title(of: image.arm))") }
                ?? prediction(image, place, context)
        }
    }

    private func map(_ image: ReportImage, _ map: ReportImage.Map, _ place: String) -> ReportContent.Picture {
        let scale = "\(number(map.black)) black, \(number(map.white)) white"
        return ReportContent.Picture(
            png: image.png,
            alternative: "\(map.title) of \(place): \(scale)",
            caption: map.title,
            arm: image.arm,
            detail: map.title,
            lines: [scale] + (image.caption.map { [$0] } ?? [])
        )
    }

    /// A bound of a range, as its author wrote it.
    private func number(_ value: Double) -> String { Int(exactly: value).map { String($0) } ?? value.description }

    private func prediction(_ image: ReportImage, _ place: String, _ context: ReportContext) -> ReportContent.Picture {
        let value = image.dice.isNaN ? "" : "\(MetricDescription.primary.title) \(NumberFormat.fixed(image.dice))"
        let outlined = NumberFormat.list(context.contours.map(\.title))
        return ReportContent.Picture(
            png: image.png,
            alternative:
                "\(place), \(context.title(of: image.arm))" + (value.isEmpty ? "" : ", \(value)")
                + (outlined.isEmpty ? "" : "; outlined: \(outlined)"),
            caption: context.title(of: image.arm),
            arm: image.arm,
            detail: value.replacing(" ", with: "\u{A0}"),
            lines: [image.caption ?? told(image, context)].compactMap(\.self)
        )
    }

    /// What the data set says of the case.
    private func pathology(_ image: ReportImage, _ context: ReportContext) -> String? {
        context.cases(arm: image.arm, dataset: image.dataset).first { $0.caseID == image.caseID }?.pathology?.rawValue
    }

    /// What was predicted beside the mask, and how far the contour is off: `p = 0.81, HD95 12.3 px`.
    private func told(_ image: ReportImage, _ context: ReportContext) -> String? {
        let rows = context.cases(arm: image.arm, dataset: image.dataset).filter { $0.caseID == image.caseID }
        // Of several trainings the one whose mask is shown.
        guard let row = rows.first(where: { $0.dice == image.dice }) ?? (rows.count == 1 ? rows.first : nil) else {
            return nil
        }
        let parts = [
            row.malignancyProbability.flatMap { $0.isFinite ? "p\u{A0}=\u{A0}\(NumberFormat.fixed($0, 2))" : nil },
            row.hausdorff95.flatMap { $0.isFinite ? "HD95\u{A0}\(NumberFormat.fixed($0, 1))\u{A0}px" : nil },
        ].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    private static func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}

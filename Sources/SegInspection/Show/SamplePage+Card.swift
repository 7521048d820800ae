import Foundation
import SegAugmentation
import SegCore
import SegData
import SegImageIO
import SegPages
import SegStudy

extension SamplePage {
    /// The largest picture, px.
    private static let pictureWidth = 440
    private static let pictureHeight = 340

    /// One sample: its picture, what is known about it, its strip.
    func card(_ shown: Shown) throws -> Markup {
        let record = shown.sample.record
        let picture = ColorImage(
            shown.sample.image,
            lesion: shown.sample.lesion,
            labels: shown.sample.labels,
            width: Self.pictureWidth,
            height: Self.pictureHeight
        )
        let others = shown.sample.labels.filter { !$0.mask.isEmpty }.map { ", \($0.name) outlined" }.joined()
        let lesion = (shown.sample.lesion.isEmpty ? "no lesion" : "lesion outlined") + others
        var facts: [Markup] = [tag("h3", text: record.id)]
        if !shown.doubts.isEmpty {
            facts.append(tag("div", ["class": "warnings"], shown.doubts.map { tag("p", text: $0) }))
        }
        facts.append(definitions(self.facts(of: shown.sample) + Self.descriptors(record.clinical)))
        let columns = record.metadata.sorted { $0.key < $1.key }.filter { !$0.value.isEmpty }
        if !columns.isEmpty {
            facts.append(
                tag(
                    "details",
                    [:],
                    [tag("summary", text: "Columns as published"), definitions(columns.map { ($0, $1) })]
                )
            )
        }
        let main = tag(
            "figure",
            ["class": "picture"],
            try image(picture, alternative: "\(record.id), \(record.pathology?.rawValue ?? "unlabeled"), \(lesion)")
        )
        return tag(
            "article",
            ["class": "sample"],
            [
                tag("div", ["class": "sample-main"], [main, tag("div", ["class": "sample-facts"], facts)]),
                try strip(shown),
            ]
        )
    }

    private func strip(_ shown: Shown) throws -> Markup {
        let id = shown.sample.record.id
        var pictures = [("as it is", ColorImage(shown.prepared.pair))]
        for draw in 0..<max(options.draws, 0) where !pipeline.steps.isEmpty {
            var stream = RandomStream(seed: options.seed, "augmentation", StreamKey(draw), StreamKey(id))
            pictures.append(("draw \(draw + 1)", ColorImage(pipeline.augmented(shown.prepared.pair, using: &stream))))
        }
        let figures = try pictures.map { caption, picture in
            tag(
                "figure",
                [:],
                [try image(picture, alternative: "\(id), \(caption)"), tag("figcaption", text: caption)]
            )
        }
        return tag(
            "div",
            ["class": "strip", "role": "group", "aria-label": "\(id) before and after augmentation"],
            figures
        )
    }

    private func image(_ picture: ColorImage, alternative: String) throws -> Markup {
        tag(
            "img",
            [
                "src": "data:image/png;base64,\(try picture.pngData().base64EncodedString())", "alt": alternative,
                "width": "\(picture.width)", "height": "\(picture.height)",
            ]
        )
    }

    private func definitions(_ pairs: [(String, String)]) -> Markup {
        tag("dl", [:], pairs.flatMap { [tag("dt", text: $0), tag("dd", text: $1)] })
    }

    private func facts(of sample: Sample) -> [(String, String)] {
        let record = sample.record
        var facts = [
            ("Shows", record.pathology?.rawValue ?? "not stated"), ("Group", record.group),
            ("Size", "\(sample.image.width)×\(sample.image.height) px, \(sample.image.bitDepth) bits"),
        ]
        if let spacing = record.pixelSpacing {
            let isSquare = spacing.x == spacing.y
            let side = NumberFormat.fixed(spacing.x, 3)
            facts.append(("Pixel", isSquare ? "\(side) mm" : "\(side) × \(NumberFormat.fixed(spacing.y, 3)) mm"))
        }
        for (title, mask) in [("Lesion", sample.lesion)] + sample.labels.map({ ("Label \($0.name)", $0.mask) }) {
            let area = mask.area
            guard area > 0 else { continue }
            let share = Double(area) / Double(sample.image.width * sample.image.height)
            var text = "\(NumberFormat.count(area)) px, \(NumberFormat.fixed(share * 100, 1)) % of the image"
            if let spacing = record.pixelSpacing {
                text += ", \(NumberFormat.fixed(Double(area) * spacing.x * spacing.y, 0)) mm²"
            }
            facts.append((title, text))
        }
        return facts
    }

    static func descriptors(_ clinical: ClinicalDescriptors) -> [(String, String)] {
        let margins = clinical.margins.map(\.rawValue).sorted().joined(separator: ", ")
        let rows: [(String, String?)] = [
            ("BI-RADS", clinical.category?.rawValue), ("Shape", clinical.shape?.rawValue),
            ("Margin", margins.isEmpty ? nil : margins), ("Orientation", clinical.orientation?.rawValue),
            ("Echogenicity", clinical.echogenicity?.rawValue),
            ("Posterior features", clinical.posteriorFeatures?.rawValue), ("Patient", clinical.patient),
            ("Age", clinical.age.map { NumberFormat.fixed($0, 0) }), ("Scanner", clinical.device),
            ("Histology", clinical.histology),
        ]
        return rows.compactMap { name, value in value.map { (name, $0) } }
    }
}

extension ColorImage {
    /// A canvas with the contours of its masks. Traps if a plane has another size.
    init(_ pair: ImagePair) {
        self.init(GrayImage(width: pair.width, height: pair.height, pixels: pair.image))
        func mask(_ plane: [Float]) -> Mask {
            Mask(width: pair.width, height: pair.height, pixels: plane.map { $0 >= 0.5 ? 1 : 0 })
        }
        drawContours(lesion: mask(pair.mask), labels: pair.labels.map(mask))
    }
}

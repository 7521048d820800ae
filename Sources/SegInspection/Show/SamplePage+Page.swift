package import Foundation
import SegAugmentation
import SegConfiguration
import SegCore
import SegData
import SegImageIO
import SegPages
import SegReport
import SegResults
import SegStudy

extension SamplePage {
    /// Whether bytes are a page of samples, of whatever data set.
    package static func isPage(_ bytes: Data) -> Bool {
        let head = String(decoding: bytes.prefix(4096), as: UTF8.self)
        return head.hasPrefix("<!DOCTYPE html>") && head.contains("\(titleEnd)</title>")
    }

    private static let titleEnd = " – samples"

    /// The page.
    public func render() throws -> String {
        let sections = Self.classes.compactMap { pathology -> (id: String, title: String, shown: [Shown])? in
            let samples = shown.filter { $0.sample.record.pathology == pathology }
            guard !samples.isEmpty else { return nil }
            let title = pathology.map { $0.rawValue.prefix(1).uppercased() + $0.rawValue.dropFirst() } ?? "Unlabeled"
            return (pathology?.rawValue ?? "unlabeled", String(title), samples)
        }
        let links = sections.map { section in
            tag("li", [:], tag("a", ["href": "#\(section.id)"], text: "\(section.title) (\(section.shown.count))"))
        }
        let head = tag(
            "head",
            [:],
            [
                tag("meta", ["charset": "utf-8"]),
                tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                tag("meta", ["name": "color-scheme", "content": "light dark"]),
                tag("title", text: name + Self.titleEnd), .style(ReportStyle.sheet), .style(SamplePageStyle.sheet),
            ]
        )
        let body = tag(
            "body",
            [:],
            [
                tag("a", ["class": "skip", "href": "#main"], "Skip to the samples"), header(),
                tag("nav", ["aria-label": "Contents"], tag("ul", [:], links)),
                tag("main", ["id": "main"], try sections.map { try section($0.id, $0.title, $0.shown) }),
                tag(
                    "footer",
                    [:],
                    tag(
                        "p",
                        text: "Made by SegmentationKit \(segmentationKitVersion) for research; not a medical device."
                    )
                ),
            ]
        )
        let page = tag("html", ["lang": "en", "xmlns": "http://www.w3.org/1999/xhtml"], [head, body])
        return "<!DOCTYPE html>\n" + page.rendered()
    }

    private func header() -> Markup {
        let counts = [
            (total.benign, "benign"), (total.malignant, "malignant"), (total.normal, "normal"),
            (total.unknown, "unlabeled"),
        ].filter { $0.0 > 0 }.map { "\(NumberFormat.count($0.0)) \($0.1)" }
        let chance = options.ids.isEmpty ? "drawn at random, class by class, seed \(options.seed)" : "as asked for"
        return tag(
            "header",
            [:],
            [
                tag("p", ["class": "kicker"], "Samples of a data set"), tag("h1", text: name),
                tag(
                    "p",
                    ["class": "question"],
                    text: "\(NumberFormat.count(shown.count)) of \(NumberFormat.count(total.total)) images, \(chance)."
                ), tag("p", ["class": "facts"], text: "In all: " + counts.joined(separator: " · ")),
                tag(
                    "ul",
                    ["class": "legend", "aria-label": "Contours"],
                    [Self.legendEntry("the lesion's contour", color: .truth)]
                        + labels.enumerated().map { index, label in
                            let contour = LabelContour(label: index)
                            return Self.legendEntry(
                                "the contour of `\(label)`",
                                color: contour.truth,
                                dash: contour.dash
                            )
                        }
                ), augmentationNote(),
            ]
        )
    }

    private static func legendEntry(_ text: String, color: ColorImage.Color, dash: Int? = nil) -> Markup {
        let stroke = ReportContour(title: text, color: color).hexadecimal
        let swatch = tag(
            "svg",
            ["viewBox": "0 0 40 14", "class": "swatch framed", "aria-hidden": "true"],
            tag(
                "path",
                [
                    "d": "M4 7H36", "stroke": stroke, "stroke-width": "3",
                    "stroke-dasharray": dash.map { "\($0)" },
                ]
            )
        )
        return tag("li", [:], [swatch, tag("span", text: text)])
    }

    private func augmentationNote() -> Markup {
        guard !pipeline.steps.isEmpty else {
            return tag(
                "p",
                ["class": "note"],
                "No augmentation is set: the strips show the images as a model gets them."
            )
        }
        let steps = pipeline.steps.map { Self.stepName($0) }
        return tag(
            "p",
            ["class": "note"],
            text: "Below each image: \(options.draws) draws of the augmentation (\(steps.joined(separator: ", "))) on "
                + "the canvas of \(options.imageSize)×\(options.imageSize) px on which a model works, before intensities "
                + "are standardized. Image and masks move together; where the picture was moved away it is black."
        )
    }

    /// `affine` of `AffineStep`.
    private static func stepName(_ step: any AugmentationStep) -> String {
        if let named = step as? NamedAugmentationStep { return named.name }
        var name = "\(type(of: step))"
        if name.hasSuffix("Step") { name.removeLast(4) }
        let words = name.reduce(into: "") { text, letter in
            if letter.isUppercase && text.last?.isLowercase == true { text += " " }
            text.append(letter)
        }
        // An abbreviation keeps its capitals.
        return words == words.uppercased() ? words : words.lowercased()
    }

    private func section(_ id: String, _ title: String, _ samples: [Shown]) throws -> Markup {
        tag(
            "section",
            ["id": id, "aria-labelledby": "\(id)-title"],
            [tag("h2", ["id": "\(id)-title"], text: title)] + (try samples.map(card))
        )
    }
}

import Foundation
import SegConfiguration
import SegCore
import SegData
import SegImageIO
import SegPages
import SegResults
import SegTraining

/// What a model says about one image, as a page: one file, no script, nothing from elsewhere. Of the image's file it shows the
/// picture and the name alone.
struct CasePage {
    let prediction: ImagePrediction

    /// The largest picture, px.
    private static let side = 1024
    private static let mapSide = 512

    private static let style = """
        .pictures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:1rem 1.4rem}
        .pictures img{width:100%;height:auto;border-radius:4px;background:#000}
        .pictures figcaption{margin-top:.35rem}

        """

    func html() throws -> String {
        let head = tag(
            "head",
            [:],
            [
                tag("meta", ["charset": "utf-8"]),
                tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                tag("meta", ["name": "color-scheme", "content": "light dark"]),
                tag("title", text: "\(prediction.name) – prediction"), .style(ReportStyle.sheet + Self.style),
            ]
        )
        let sections = [
            section("Image", try pictures()), section("Read-out", readOut()), section("Features", features()),
            section("Maps", try maps()), section("Model", model()),
        ]
        let body = tag(
            "body",
            [:],
            [
                tag("a", ["class": "skip", "href": "#main"], "Skip to the image"),
                tag(
                    "header",
                    [:],
                    [
                        tag("p", ["class": "kicker"], "Prediction"), tag("h1", text: prediction.name),
                        tag("p", ["class": "question"], text: lead),
                    ]
                ),
                warnings, tag("main", ["id": "main"], sections),
                tag(
                    "footer",
                    [:],
                    tag(
                        "p",
                        text:
                            "Made by SegmentationKit for research; not a medical device. The numbers are in \(prediction.name).json."
                    )
                ),
            ]
        )
        return "<!DOCTYPE html>\n"
            + tag("html", ["lang": "en", "xmlns": "http://www.w3.org/1999/xhtml"], [head, body]).rendered()
    }

    private func section(_ title: String, _ content: [Markup]) -> Markup {
        content.isEmpty ? .group([]) : tag("section", [:], [tag("h2", text: title)] + content)
    }

    private var lead: String {
        guard !prediction.mask.isEmpty else { return "No lesion was found." }
        var text = "A lesion of \(area) was found"
        if let malignancy = prediction.malignancy {
            text += ", with a predicted probability of malignancy of \(NumberFormat.fixed(malignancy))"
        }
        return text + "."
    }

    private var area: String {
        let pixels = "\(NumberFormat.count(prediction.mask.area)) px"
        guard let spacing = prediction.pixelSpacing else { return pixels }
        let square = Double(prediction.mask.area) * spacing.x * spacing.y
        return "\(pixels) (\(NumberFormat.fixed(square, 1)) mm²)"
    }

    private var warnings: Markup {
        let remarks = prediction.reading?.remarks ?? []
        guard !remarks.isEmpty else { return .group([]) }
        return tag("div", ["class": "warnings"], remarks.map { tag("p", text: $0) })
    }

    private func figure(_ picture: ColorImage, _ caption: String, _ detail: String = "", alternative: String) throws
        -> Markup
    {
        let image = tag(
            "img",
            [
                "src": "data:image/png;base64,\(try picture.pngData().base64EncodedString())", "alt": alternative,
                "width": String(picture.width), "height": String(picture.height),
            ]
        )
        let text: [Markup] = [tag("strong", text: caption), .text(detail.isEmpty ? "" : " \(detail)")]
        return tag("figure", [:], [image, tag("figcaption", [:], text)])
    }

    private func pictures() throws -> [Markup] {
        let plain = ColorImage(prediction.shownImage)
        // A line of some two pixels of the page; no tint, which hides what is dark.
        let thickness = max(1, (max(plain.width, plain.height) + 255) / 512)
        var outlined = plain.overlaid(truth: nil, prediction: prediction.mask, thickness: thickness)
        var named = ["lesion"]
        for (index, label) in prediction.labels.enumerated() {
            let contour = LabelContour(label: index)
            outlined.drawContour(of: label.mask, color: contour.prediction, thickness: thickness, dash: contour.dash)
            named.append(label.name)
        }
        let size = "\(plain.width) × \(plain.height) px"
        let what = "outlined: \(NumberFormat.list(named))"
        return [
            tag(
                "div",
                ["class": "pictures"],
                [
                    try figure(
                        plain.fitted(into: Self.side),
                        "Image",
                        size,
                        alternative: "\(prediction.name), \(size)"
                    ),
                    try figure(
                        outlined.fitted(into: Self.side),
                        "Prediction",
                        what,
                        alternative: "\(prediction.name); \(what)"
                    ),
                ]
            )
        ]
    }

    private func definitions(_ items: [(String, String)]) -> Markup {
        tag("dl", [:], items.flatMap { [tag("dt", text: $0.0), tag("dd", text: $0.1)] })
    }

    private func readOut() -> [Markup] {
        var items = [("Lesion", prediction.mask.isEmpty ? "none" : area)]
        if let malignancy = prediction.malignancy {
            var text = NumberFormat.fixed(malignancy)
            if let threshold = prediction.description.malignancyThreshold, let isMalignant = prediction.isMalignant {
                text += ", \(isMalignant ? "at or above" : "below") the threshold \(NumberFormat.fixed(threshold))"
            }
            items.append(("Malignancy", text))
        }
        if let prior = prediction.prior { items.append(("Prior of the features", NumberFormat.fixed(prior))) }
        for label in prediction.labels { items.append((label.name, "\(NumberFormat.count(label.mask.area)) px")) }
        for value in prediction.values { items.append((value.title, value.label ?? NumberFormat.fixed(value.number))) }
        if let reading = prediction.reading {
            for place in reading.measures {
                let title = TrainingProfile.Measure(rawValue: place.name)?.title ?? place.name
                let digits = place.value == place.value.rounded() ? 0 : 3
                items.append(
                    (
                        title.prefix(1).uppercased() + title.dropFirst(),
                        "\(NumberFormat.fixed(place.value, digits)), percentile \(NumberFormat.fixed(100 * place.percentile, 0)) "
                            + "of the training part"
                    )
                )
            }
        } else {
            items.append(("Place in the training set", "not stored in this model"))
        }
        return [definitions(items)]
    }

    private func features() -> [Markup] {
        guard !prediction.features.isEmpty else { return [] }
        let rows = prediction.features.sorted { $0.key < $1.key }.map { name, value -> Markup in
            let place = prediction.reading?.features.first { $0.name == name }
            let bar = place.map { place in
                tag(
                    "svg",
                    ["viewBox": "0 0 100 10", "class": "bar", "preserveAspectRatio": "none", "aria-hidden": "true"],
                    [
                        tag("rect", ["class": "bar-track", "width": "100", "height": "10"]),
                        tag(
                            "rect",
                            [
                                "class": "bar-fill", "width": NumberFormat.fixed(100 * place.percentile, 1),
                                "height": "10",
                            ]
                        ),
                    ]
                )
            }
            let text = place.map { NumberFormat.fixed(100 * $0.percentile, 0) } ?? NumberFormat.missing
            return tag(
                "tr",
                [:],
                [
                    tag("th", ["scope": "row"], text: name),
                    tag("td", ["class": "number"], text: NumberFormat.fixed(value)),
                    tag("td", ["class": "weight"], [bar ?? .group([]), tag("span", text: text)]),
                ]
            )
        }
        let head = tag(
            "thead",
            [:],
            tag(
                "tr",
                [:],
                [
                    tag("th", ["scope": "col"], "Feature"), tag("th", ["scope": "col", "class": "number"], "Value"),
                    tag("th", ["scope": "col"], "Percentile"),
                ]
            )
        )
        let table = tag("div", ["class": "scroll"], tag("table", ["class": "list"], [head, tag("tbody", [:], rows)]))
        let note: String =
            if prediction.mask.isEmpty {
                "Features of an empty mask are meaningless."
            } else if let reading = prediction.reading {
                "Percentiles are those among the true masks of \(NumberFormat.plural(reading.lesions, "training image")) with a lesion."
            } else {
                "Percentiles among the training set's lesions are not stored in this model."
            }
        return [table, tag("p", ["class": "note"], text: note)]
    }

    private func maps() throws -> [Markup] {
        guard !prediction.maps.isEmpty else { return [] }
        let figures = try prediction.maps.map { name, title, map in
            let isGradient = name.hasPrefix(InputGradients.prefix)
            let (low, high) = (Self.bound(map.range.lowerBound), Self.bound(map.range.upperBound))
            let scale =
                isGradient ? "orange: brighter pixels raise it, blue: they lower it" : "\(low) black, \(high) white"
            let picture =
                isGradient ? ColorImage(gradient: map, on: prediction.shownImage) : ColorImage(GrayImage(scaled: map))
            return try figure(
                picture.fitted(into: Self.mapSide),
                title,
                scale,
                alternative: "\(title) of \(prediction.name): \(scale)"
            )
        }
        return [tag("div", ["class": "pictures"], figures)]
    }

    private static func bound(_ value: Float) -> String { Int(exactly: value).map { String($0) } ?? String(value) }

    private func model() -> [Markup] {
        let description = prediction.description
        let members = prediction.inference?.members ?? [.init(description)]
        func all(_ key: String, _ plural: String, _ value: (ImagePrediction.Inference.Member) -> String) -> (
            String, String
        ) {
            let values = members.map(value).uniqued()
            return (values.count == 1 ? key : plural, NumberFormat.list(values))
        }
        var items = [
            all("Study", "Studies", \.study), all("Arm", "Arms", \.arm), all("Seed", "Seeds") { String($0.seed) },
            all("Trained on", "Trained on", \.source),
            ("Threshold of masks", NumberFormat.fixed(Double(description.segmentationThreshold), 2)),
        ]
        if let inference = prediction.inference {
            items.append(("Models", NumberFormat.count(inference.members.count)))
            items.append(("Views", inference.augmentation.rawValue))
            if inference.tiling != .none { items.append(("Tiles of the mask", NumberFormat.count(inference.tiles))) }
            if let dropout = inference.dropout {
                items.append(("Passes with dropout", "\(dropout.passes), seed \(dropout.seed)"))
            }
            let rules = inference.postprocessing.isEmpty ? "none" : inference.postprocessing.joined(separator: ", ")
            items.append(("Rules for masks", rules + (inference.hasStoredRules ? ", as the model file says" : "")))
        }
        return [definitions(items)]
    }
}

extension GrayImage {
    /// A map from its black to its white.
    init(scaled map: ValueMap) {
        let (black, extent) = (map.range.lowerBound, map.range.upperBound - map.range.lowerBound)
        self.init(
            width: map.width,
            height: map.height,
            pixels: map.pixels.map { min(max(($0 - black) / extent, 0), 1) }
        )
    }
}

extension ColorImage {
    /// An image darkened, with a signed map over it: orange where it is above 0, blue where below, the stronger the further.
    init(gradient map: ValueMap, on image: GrayImage) {
        self.init(image)
        let limit = max(map.range.upperBound, -map.range.lowerBound)
        for y in 0..<min(height, map.height) {
            for x in 0..<min(width, map.width) {
                let value = max(-1, min(1, map.pixels[y * map.width + x] / limit))
                // Small gradients are to be seen too.
                let strength = Double(abs(value)).squareRoot()
                let tint: (Double, Double, Double) = value > 0 ? (255, 140, 0) : (60, 150, 255)
                let old = self[x, y]
                func mixed(_ component: UInt8, _ color: Double) -> UInt8 {
                    let darkened: Double = 0.7 * Double(component) * (1 - strength)
                    return UInt8((darkened + color * strength).rounded())
                }
                self[x, y] = Color(
                    red: mixed(old.red, tint.0),
                    green: mixed(old.green, tint.1),
                    blue: mixed(old.blue, tint.2)
                )
            }
        }
    }
}

import Foundation
import SegPages
import SegResults

/// Worst, median and best cases in pictures.
extension ReportPage {
    func gallerySection() -> Section? {
        guard !images.isEmpty else { return nil }
        var content = [contourLegend()]
        let known = results.datasets.map(\.name)
        let names = known + Set(images.map(\.dataset)).subtracting(known).sorted()
        for dataset in names {
            let shown = images.filter { $0.dataset == dataset }
            guard !shown.isEmpty else { continue }
            content.append(tag("h3", text: results.dataset(named: dataset).map(titled) ?? dataset))
            let arms = results.arms.map(\.name)
            for arm in arms + Set(shown.map(\.arm)).subtracting(arms).sorted() {
                let pictures = shown.filter { $0.arm == arm }
                guard !pictures.isEmpty else { continue }
                let heading = results.arm(named: arm).map(keyed) ?? .text(arm)
                content.append(tag("h4", [:], heading))
                content.append(tag("div", ["class": "gallery"], pictures.map(picture)))
            }
        }
        return Section(id: "gallery", title: "Worst, median and best cases", content: content)
    }

    private func contourLegend() -> Markup {
        let items = contours.map { contour in
            let swatch = tag(
                "svg",
                ["viewBox": "0 0 40 14", "class": "swatch framed", "aria-hidden": "true"],
                tag("path", ["d": "M4 7H36", "stroke": contour.hexadecimal, "stroke-width": "3"])
            )
            return tag("li", [:], [swatch, tag("span", text: contour.title)])
        }
        return items.isEmpty ? .group([]) : tag("ul", ["class": "legend", "aria-label": "Contours"], items)
    }

    private func picture(_ image: ReportImage) -> Markup {
        let size = image.pixelSize
        let name = image.rank.rawValue
        let dice = NumberFormat.fixed(image.dice)
        let outlined = NumberFormat.list(contours.map(\.title))
        let alternative =
            "\(image.caseID) of \(image.dataset), \(name) case of \(title(of: image.arm)), Dice \(dice)"
            + (outlined.isEmpty ? "" : "; outlined: \(outlined)")
        let picture = tag(
            "img",
            [
                "src": "data:image/png;base64,\(image.png.base64EncodedString())", "alt": alternative,
                "width": size.map { String($0.width) }, "height": size.map { String($0.height) },
            ]
        )
        var caption: [Markup] = [
            tag("strong", text: name.prefix(1).uppercased() + name.dropFirst()), .text(" Dice \(dice)"),
            tag("span", ["class": "case"], text: image.caseID),
        ]
        if let extra = image.caption { caption.append(tag("span", ["class": "case"], text: extra)) }
        return figure(picture, caption: caption)
    }
}

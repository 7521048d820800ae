/// The plotting area of a chart with its two axes.
package struct ChartFrame: Sendable {
    package var width = 440.0
    package var height = 280.0
    package var left = 56.0
    package var right = 14.0
    package var top = 12.0
    package var bottom = 42.0

    package var plotRight: Double { width - right }
    package var plotBottom: Double { height - bottom }

    /// The whole picture, named and described for those who cannot see it.
    ///
    /// - Parameter title: its name in a few words; `nil` where the description is as short.
    package func svg(_ description: String, title: String? = nil, _ children: [Markup]) -> Markup {
        let name = title ?? description
        return tag(
            "svg",
            [
                "viewBox": "0 0 \(px(width)) \(px(height))", "role": "img", "aria-label": name,
                "class": "chart", "xmlns": "http://www.w3.org/2000/svg",
            ],
            [tag("title", text: name), tag("desc", text: description)] + children
        )
    }

    /// Grid lines, tick labels and title of the horizontal axis.
    package func horizontalAxis(_ scale: ChartScale, title: String) -> Markup {
        var items: [Markup] = scale.ticks.map { tick in
            let x = scale.position(tick.value)
            return .group([
                line(x, top, x, plotBottom, "grid"), text(x, plotBottom + 16, tick.label, anchor: "middle"),
            ])
        }
        items.append(line(left, plotBottom, plotRight, plotBottom, "axis"))
        items.append(text((left + plotRight) / 2, height - 7, title, anchor: "middle", className: "axis-title"))
        return .group(items)
    }

    /// Grid lines, tick labels and title of the vertical axis; an empty title is left out.
    package func verticalAxis(_ scale: ChartScale, title: String) -> Markup {
        var items: [Markup] = scale.ticks.map { tick in
            let y = scale.position(tick.value)
            return .group([
                line(left, y, plotRight, y, "grid"), text(left - 6, y + 4, tick.label, anchor: "end"),
            ])
        }
        guard !title.isEmpty else { return .group(items) }
        let middle = (top + plotBottom) / 2
        items.append(
            tag(
                "text",
                [
                    "class": "axis-title", "text-anchor": "middle",
                    "transform": "translate(11 \(px(middle))) rotate(-90)",
                ],
                text: title
            )
        )
        return .group(items)
    }

    /// What stands in a chart without any value.
    package func emptyNotice() -> Markup {
        text((left + plotRight) / 2, (top + plotBottom) / 2, "no values", anchor: "middle", className: "axis-title")
    }
}

package func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ className: String) -> Markup {
    tag("line", ["class": className, "x1": px(x1), "y1": px(y1), "x2": px(x2), "y2": px(y2)])
}

package func text(_ x: Double, _ y: Double, _ content: String, anchor: String? = nil, className: String? = nil)
    -> Markup
{
    tag("text", ["class": className, "x": px(x), "y": px(y), "text-anchor": anchor], text: content)
}

/// Text cut to a number of characters, with an ellipsis where something is missing.
package func shortened(_ text: String, to count: Int) -> String {
    text.count <= count ? text : text.prefix(count - 1) + "…"
}

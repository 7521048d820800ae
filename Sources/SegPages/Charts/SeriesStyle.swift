/// How the series of one arm looks in every chart: a color, a dash and a mark, any one of which distinguishes arms.
package struct SeriesStyle: Sendable {
    /// Colors of the style sheet.
    package static let colorCount = 7

    private static let dashes: [String?] = [nil, "7 3", "2 2.5", "9 3 2 3", "14 4", "5 2 1.5 2 1.5 2"]

    package let index: Int

    package init(_ index: Int) { self.index = index }

    /// The class that carries the color.
    package var className: String { "s\(index % Self.colorCount)" }

    /// The stroke's dashes; `nil` for a solid line.
    package var dash: String? { Self.dashes[(index + index / Self.colorCount) % Self.dashes.count] }

    /// The mark around a point, as path data.
    package func mark(_ x: Double, _ y: Double, radius r: Double) -> String {
        func p(_ dx: Double, _ dy: Double) -> String { "\(px(x + dx * r)) \(px(y + dy * r))" }
        switch (index + index / Self.colorCount) % 6 {
        case 0: return "M\(p(-1, 0))a\(px(r)) \(px(r)) 0 1 0 \(px(2 * r)) 0a\(px(r)) \(px(r)) 0 1 0 \(px(-2 * r)) 0z"
        case 1: return "M\(p(-0.9, -0.9))h\(px(1.8 * r))v\(px(1.8 * r))h\(px(-1.8 * r))z"
        case 2: return "M\(p(0, -1.15))L\(p(1.1, 0.85))L\(p(-1.1, 0.85))z"
        case 3: return "M\(p(0, -1.3))L\(p(1.2, 0))L\(p(0, 1.3))L\(p(-1.2, 0))z"
        case 4: return "M\(p(0, 1.15))L\(p(1.1, -0.85))L\(p(-1.1, -0.85))z"
        default:
            return "M\(p(-1.2, -0.4))h\(px(0.8 * r))v\(px(-0.8 * r))h\(px(0.8 * r))v\(px(0.8 * r))h\(px(0.8 * r))"
                + "v\(px(0.8 * r))h\(px(-0.8 * r))v\(px(0.8 * r))h\(px(-0.8 * r))v\(px(-0.8 * r))h\(px(-0.8 * r))z"
        }
    }
}

/// A length with at most two decimals, for SVG.
package func px(_ value: Double) -> String {
    guard value.isFinite else { return "0" }
    let hundredths = Int((min(max(value, -1e6), 1e6) * 100).rounded())
    let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
    let sign = hundredths < 0 ? "-" : ""
    if rest == 0 { return "\(sign)\(whole)" }
    return rest % 10 == 0 ? "\(sign)\(whole).\(rest / 10)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
}

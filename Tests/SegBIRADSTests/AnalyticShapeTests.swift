import Foundation
import SegBIRADS
import SegTensor
import Testing

@Suite("Features of shapes whose values are known")
struct AnalyticShapeTests {
    @Test("A disc is a disc at any resolution, hard or soft", arguments: [12.0, 20, 40, 80], [0, 0.4, 1])
    func disc(radius: Double, softness: Double) {
        let disc = lesion(Shapes.ellipse(a: radius, b: radius, softness: softness))
        // Blurring by s shortens the contour and widens the moments, both by a share of s / radius.
        let slack = 0.015 + 0.6 * softness / radius
        #expect(abs(value(EllipticNormalizedCircumference(), disc) - 1) < slack)
        #expect(abs(value(Circularity(), disc) - 1) < 2 * slack)
        // The staircase of a hard disc that is not centered on a pixel is not the same in both directions.
        let staircase = 0.002 + (softness == 0 ? 0.15 / radius : 0)
        #expect(abs(value(DepthToWidthRatio(), disc) - 1) < staircase)
        #expect(abs(value(Ellipticity(), disc) - 1) < slack)
        #expect(value(Elongation(), disc) < staircase)
        #expect(abs(Double(disc.area.item) / (Double.pi * radius * radius) - 1) < slack)
    }

    @Test(
        "Ellipses of any ratio and direction",
        arguments: [(40.0, 30.0), (40, 20), (60, 20), (50, 12)],
        [0, 0.3, Double.pi / 4, 1.2, Double.pi / 2]
    )
    func ellipse(axes: (Double, Double), angle: Double) {
        let (a, b) = axes
        for softness in [0, 0.5] {
            let shape = lesion(Shapes.ellipse(a: a, b: b, angle: angle, softness: softness))
            let (c, s) = (cos(angle), sin(angle))
            let depth = (a * a * s * s + b * b * c * c).squareRoot()
            let width = (a * a * c * c + b * b * s * s).squareRoot()
            #expect(abs(value(DepthToWidthRatio(), shape) / (depth / width) - 1) < 0.02)
            #expect(abs(value(EllipticNormalizedCircumference(), shape) - 1) < 0.03)
            #expect(abs(value(Ellipticity(), shape) - 1) < 0.03)
            #expect(abs(value(Elongation(), shape) - (1 - b / a)) < 0.01)
            #expect(abs(Double(shape.majorVariance.item) / (a * a / 4) - 1) < 0.02)
            #expect(abs(Double(shape.minorVariance.item) / (b * b / 4) - 1) < 0.06)
            let perimeter = ellipsePerimeter(a, b)
            #expect(abs(Double(shape.perimeter.item) / perimeter - 1) < 0.02)
            let circularity = 4 * Double.pi * Double.pi * a * b / (perimeter * perimeter)
            #expect(abs(value(Circularity(), shape) - circularity) < 0.04)
        }
    }

    @Test("Spikes raise the normalized circumference and lower the circularity", arguments: [0, 0.6])
    func stars(softness: Double) {
        let depths = [0, 0.08, 0.16, 0.24]
        let stars = depths.map { lesion(Shapes.star(radius: 40, depth: $0, points: 8, softness: softness)) }
        let circumferences = stars.map { value(EllipticNormalizedCircumference(), $0) }
        let circularities = stars.map { value(Circularity(), $0) }
        for (smoother, rougher) in zip(circumferences, circumferences.dropFirst()) {
            #expect(rougher > smoother + 0.04)
        }
        for (smoother, rougher) in zip(circularities, circularities.dropFirst()) { #expect(rougher < smoother - 0.04) }
        // The contour's own length, r(θ) = 40 (1 + 0.24 cos 8θ).
        let steps = 20_000
        let length = (0..<steps).reduce(0.0) { total, index in
            let angle = 2 * Double.pi * Double(index) / Double(steps)
            let (r, slope) = (40 * (1 + 0.24 * cos(8 * angle)), -40 * 0.24 * 8 * sin(8 * angle))
            return total + (r * r + slope * slope).squareRoot() * 2 * Double.pi / Double(steps)
        }
        #expect(abs(Double(stars[3].perimeter.item) / length - 1) < 0.03)
    }

    @Test("A rectangle's moments are exact, a pixel's own extent included", arguments: [(1, 1), (2, 5), (9, 4)])
    func rectangle(rows: Int, columns: Int) {
        let shape = lesion(
            Picture(height: 20, width: 24) { x, y in
                x >= 3 && x < 3 + Double(columns) && y >= 8 && y < 8 + Double(rows) ? 1 : 0
            }
        )
        let slack = 2e-3
        #expect(abs(Double(shape.area.item) - Double(rows * columns)) < 1e-4)
        #expect(abs(Double(shape.centroidX.item) - (3 + Double(columns - 1) / 2)) < 0.02)
        #expect(abs(Double(shape.centroidY.item) - (8 + Double(rows - 1) / 2)) < 0.02)
        #expect(abs(Double(shape.varianceX.item) / (Double(columns * columns) / 12) - 1) < slack + 0.1 / Double(rows))
        #expect(abs(Double(shape.varianceY.item) / (Double(rows * rows) / 12) - 1) < slack + 0.1 / Double(columns))
    }

    @Test("Sharper and brighter margins score higher, and the image's gain and offset do not matter")
    func sharpness() {
        let mask = Shapes.ellipse(a: 24, b: 20, softness: 0.5, height: 96, width: 96)
        func image(blur: Double, gain: Double = 1, offset: Double = 0, isInverted: Bool = false) -> Picture {
            let shape = Shapes.ellipse(a: 24, b: 20, softness: blur, height: 96, width: 96)
            return Picture(height: 96, width: 96) { x, y in
                let inside = Double(shape.values[Int(y) * 96 + Int(x)])
                return offset + gain * (isInverted ? 0.3 + 0.3 * inside : 0.6 - 0.3 * inside)
            }
        }
        let feature = MarginSharpness()
        let scores = [0.5, 1.5, 3, 6].map { value(feature, lesion(mask, in: image(blur: $0))) }
        #expect(scores.allSatisfy { $0 > 0 })
        for (sharper, blurred) in zip(scores, scores.dropFirst()) { #expect(sharper > blurred * 1.1) }
        #expect(value(feature, lesion(mask, in: image(blur: 1.5, isInverted: true))) < 0)
        let other = value(feature, lesion(mask, in: image(blur: 1.5, gain: 0.5, offset: 0.2)))
        #expect(abs(other / scores[1] - 1) < 0.001)
        #expect(value(feature, lesion(mask)) == 0)
    }
}

import Foundation
import SegBIRADS
import SegTensor
import Testing

@Suite("Known pitfalls of soft features, each with a number")
struct PitfallTests {
    @Test("A floor of probability in the background moves no moment")
    func backgroundFloor() {
        let clean = Shapes.ellipse(a: 9, b: 18, softness: 0.5, height: 128, width: 128)
        var hazy = clean
        hazy.values = clean.values.map { max($0, 0.002) }
        let (before, after) = (value(DepthToWidthRatio(), lesion(clean)), value(DepthToWidthRatio(), lesion(hazy)))
        #expect(abs(before - 2) < 0.05)
        #expect(abs(after - before) < 1e-5)
        // Without the floor's removal the ratio would all but lose the lesion's orientation.
        let raw = SoftLesion(
            probability: hazy.tensor,
            intensities: Tensor.zeros([1, 1, 128, 128]),
            probabilityFloor: 0
        )
        #expect(value(DepthToWidthRatio(), raw) < 1.9)
    }

    @Test("The perimeter's scale is that of pixels", arguments: [0.0, 0.3, 0.5, 1])
    func perimeterScale(softness: Double) {
        for (a, b) in [(20.0, 20.0), (60, 60), (40, 20), (90, 60)] {
            let shape = lesion(Shapes.ellipse(a: a, b: b, angle: 0.4, softness: softness))
            let ratio = Double(shape.perimeter.item) / ellipsePerimeter(a, b)
            #expect(ratio > (softness == 0 ? 0.99 : 0.965) && ratio < 1.005, "a = \(a), b = \(b)")
        }
    }

    @Test("Flat ground adds nothing to the perimeter, however wide")
    func flatGround() {
        let small = Shapes.ellipse(a: 12, b: 12, softness: 0.5, height: 64, width: 64)
        let wide = Shapes.ellipse(a: 12, b: 12, softness: 0.5, height: 512, width: 512)
        let (p, q) = (lesion(small).perimeter.item, lesion(wide).perimeter.item)
        #expect(abs(p - q) < 0.01)
        let full = lesion(Picture(height: 40, width: 60) { _, _ in 1 })
        #expect(abs(full.perimeter.item / 200 - 1) < 0.02)
    }

    @Test("A lesion that the image's border cuts has a closed contour")
    func border() {
        // The upper half of a disc about the bottom edge.
        let half = lesion(
            Picture(height: 60, width: 120) { x, y in Shapes.edge(hypot(x - 59.5, y - 59.5) - 30, 0.3) }
        )
        let expected = Double.pi * 30 + 60
        #expect(abs(Double(half.perimeter.item) / expected - 1) < 0.03)
    }

    @Test("A small soft blob bends below the bound, with a gradient left")
    func smallBlobs() throws {
        let parameter = Parameter(Shapes.ellipse(a: 3, b: 3, softness: 1.2).tensor)
        let side = parameter.shape[2]
        let blob = SoftLesion(probability: parameter.tensor, intensities: Tensor.zeros([1, 1, side, side]))
        let raw = 4 * Float.pi * blob.area.item / (blob.perimeter.item * blob.perimeter.item + 1)
        #expect(raw > 1.2)
        let circularity = Circularity().values(of: blob)
        #expect(circularity.item > 1.1 && circularity.item < 1.25)
        circularity.sum().backward()
        let gradient = try #require(parameter.gradient).values()
        #expect(gradient.contains { abs($0) > 1e-3 })
        let circumference = value(EllipticNormalizedCircumference(), blob)
        #expect(circumference > 0.75 && circumference < 0.9)
    }

    @Test("Legal values are not bent at all")
    func noBend() {
        let star = lesion(Shapes.star(radius: 30, depth: 0.2, points: 7, softness: 0.5))
        let raw = 4 * Float.pi * star.area.item / (star.perimeter.item * star.perimeter.item + 1)
        #expect(abs(Circularity().values(of: star).item - raw) < 1e-6)
    }

    @Test("Gradients stay finite where the eigenvalues coincide")
    func equalEigenvalues() throws {
        // Four-fold symmetry to the last bit: λ1 = λ2.
        let square = Picture(height: 24, width: 24) { x, y in abs(x - 11.5) < 5 && abs(y - 11.5) < 5 ? 0.9 : 0 }
        for feature in [EllipticNormalizedCircumference(), Ellipticity(), Elongation()] as [any BIRADSFeature] {
            let parameter = Parameter(square.tensor)
            let shape = SoftLesion(probability: parameter.tensor, intensities: Tensor.zeros([1, 1, 24, 24]))
            #expect(shape.varianceX.item == shape.varianceY.item && abs(shape.covariance.item) < 1e-6)
            feature.values(of: shape).sum().backward()
            let gradient = try #require(parameter.gradient)
            #expect(!gradient.hasNonFiniteValues)
            #expect(gradient.values().allSatisfy { abs($0) < 1 })
        }
    }

    @Test("A line one pixel wide keeps a positive minor axis", arguments: [0, 1, 2])
    func line(direction: Int) {
        let shape = lesion(
            Picture(height: 600, width: 600) { x, y in
                switch direction {
                case 0: y == 300 ? 1 : 0
                case 1: x == y ? 1 : 0
                default: x == 599 - y ? 1 : 0
                }
            }
        )
        #expect(shape.minorVariance.item > 0.05 && shape.minorVariance.item < 0.2)
        for feature in BIRADSFeatureCatalog.standard.features { #expect(value(feature, shape).isFinite) }
    }

    @Test("Any mask gives finite values and gradients", arguments: BIRADSFeatureCatalog.standard.features.indices)
    func extremes(index: Int) throws {
        let feature = BIRADSFeatureCatalog.standard.features[index]
        let masks = [
            Picture(height: 32, width: 32) { _, _ in 0 }, Picture(height: 32, width: 32) { _, _ in 0.1 },
            Picture(height: 32, width: 32) { _, _ in 1 }, Picture(height: 32, width: 32) { _, _ in 0.5 },
            Picture(height: 32, width: 32) { x, y in x == 3 && y == 30 ? 0.101 : 0 },
            Picture(height: 32, width: 32) { x, y in x == 0 && y == 0 ? 1 : 0 },
            Picture(height: 32, width: 32) { x, y in Int(x + y).isMultiple(of: 2) ? 1 : 0 },
            Picture(height: 32, width: 32) { x, _ in x == 31 ? 1 : 0 },
        ]
        let images = [
            Picture(height: 32, width: 32) { _, _ in 0 }, Picture(height: 32, width: 32) { _, _ in 1 },
            Picture(height: 32, width: 32) { x, y in Int(x * 7 + y * 3) % 5 == 0 ? 1 : 0 },
        ]
        let coverages = [1.0, 0].map { share in Picture(height: 32, width: 32) { _, y in y < 8 ? share : 1 } }
        let none = Picture(height: 32, width: 32) { _, _ in 0 }
        for mask in masks {
            for image in images {
                for coverage in coverages + [none] {
                    let parameter = Parameter(mask.tensor)
                    let shape = SoftLesion(
                        probability: parameter.tensor,
                        intensities: image.tensor,
                        coverage: coverage.tensor
                    )
                    let values = feature.values(of: shape)
                    #expect(!values.hasNonFiniteValues)
                    values.sum().backward()
                    #expect(try !#require(parameter.gradient).hasNonFiniteValues)
                }
            }
        }
    }

    @Test("Padding is neither image nor lesion")
    func padding() {
        // The same scan, 40 rows high, letterboxed into 64 rows whose padding is black and carries false alarms.
        let scan = Picture(height: 40, width: 64) { x, y in 0.5 + 0.2 * sin(0.4 * x + 0.3 * y) }
        let mask = Picture(height: 40, width: 64) { x, y in Shapes.edge(hypot(x - 30, y - 5) - 9, 0.6) }
        func boxed(_ picture: Picture, padding: Double) -> Picture {
            Picture(height: 64, width: 64) { x, y in
                y >= 12 && y < 52 ? Double(picture.values[Int(y - 12) * 64 + Int(x)]) : padding
            }
        }
        let coverage = boxed(Picture(height: 40, width: 64) { _, _ in 1 }, padding: 0)
        let plain = lesion(mask, in: scan)
        let padded = lesion(boxed(mask, padding: 0.9), in: boxed(scan, padding: 0), coverage: coverage)
        for feature in BIRADSFeatureCatalog.standard.features {
            // The contour's curvature is a difference of pixels on both sides; at the scan's edge one side is padding.
            let tolerance = feature is CurvatureEnergy ? 0.01 : 1e-4
            #expect(abs(value(feature, plain) - value(feature, padded)) < tolerance, "\(feature.name)")
        }
        // Taken for image, the step to the black padding would count as a margin.
        let naive = lesion(boxed(mask, padding: 0), in: boxed(scan, padding: 0))
        #expect(abs(value(MarginSharpness(), naive) - value(MarginSharpness(), plain)) > 0.5)
    }
}

import Foundation
import SegBIRADS
import SegTensor
import Testing

@Suite("What must not change a feature")
struct InvarianceTests {
    static let features: [any BIRADSFeature] = [
        Circularity(), EllipticNormalizedCircumference(), DepthToWidthRatio(), Ellipticity(), Elongation(),
    ]

    @Test("Position, down to a hundredth of a pixel for soft edges", arguments: features.indices)
    func translation(index: Int) {
        let feature = Self.features[index]
        func at(_ x: Double, _ y: Double) -> Double {
            let shape = Shapes.ellipse(a: 14, b: 9, angle: 0.5, softness: 0.8, offset: (x, y), height: 90, width: 110)
            return value(feature, lesion(shape))
        }
        let centered = at(0, 0)
        #expect(abs(at(-30, 22) - centered) < 0.001)
        #expect(abs(at(0.37, -0.61) - centered) < 0.002)
    }

    @Test("Size, once edges are thin against it", arguments: features.indices)
    func scale(index: Int) {
        let feature = Self.features[index]
        let values = [24.0, 48, 96].map { size in
            value(feature, lesion(Shapes.ellipse(a: size, b: 0.6 * size, angle: 0.7, softness: 0.01 * size)))
        }
        #expect(abs(values[1] - values[0]) < 0.015 && abs(values[2] - values[1]) < 0.01)
    }

    @Test("Resolution, with mask and image together")
    func resolution() {
        func sharpness(_ size: Double) -> Double {
            let side = Int(size)
            let shape = Shapes.ellipse(a: 0.2 * size, b: 0.15 * size, softness: 0.004 * size, height: side, width: side)
            let blurred = Shapes.ellipse(
                a: 0.2 * size,
                b: 0.15 * size,
                softness: 0.02 * size,
                height: side,
                width: side
            )
            let image = Picture(height: side, width: side) { x, y in
                0.7 - 0.4 * Double(blurred.values[Int(y) * side + Int(x)])
            }
            return value(MarginSharpness(), lesion(shape, in: image))
        }
        let reference = sharpness(512)
        for size in [128.0, 256] { #expect(abs(sharpness(size) / reference - 1) < 0.06) }
    }

    @Test("The other images of a batch", arguments: BIRADSFeatureCatalog.standard.features.indices)
    func batch(index: Int) {
        let feature = BIRADSFeatureCatalog.standard.features[index]
        let shapes = [(9.0, 6.0), (5, 8), (12, 11)].map { a, b in
            Shapes.ellipse(a: a, b: b, softness: 0.7, height: 40, width: 48)
        }
        let image = Picture(height: 40, width: 48) { x, y in 0.5 + 0.3 * sin(0.3 * x) * cos(0.2 * y) }
        let alone = shapes.map { feature.values(of: lesion($0, in: image)).item }
        let together = SoftLesion(
            probability: Tensor.concatenated(shapes.map(\.tensor), along: 0),
            intensities: Tensor.concatenated(shapes.map { _ in image.tensor }, along: 0)
        )
        #expect(feature.values(of: together).values() == alone)
    }

    @Test("The number of threads", arguments: BIRADSFeatureCatalog.standard.features.indices)
    func threads(index: Int) {
        let feature = BIRADSFeatureCatalog.standard.features[index]
        func run(_ threads: Int) -> ([Float], [Float]) {
            WorkerPool.with(WorkerPool(threadCount: threads)) {
                let shapes = (0..<5).map {
                    Shapes.ellipse(a: 6 + Double($0), b: 5, softness: 0.7, height: 40, width: 40)
                }
                let parameter = Parameter(Tensor.concatenated(shapes.map(\.tensor), along: 0))
                let image = Tensor((0..<5 * 1600).map { 0.5 + 0.4 * sin(Float($0) * 0.37) }, shape: [5, 1, 40, 40])
                let values = feature.values(of: SoftLesion(probability: parameter.tensor, intensities: image))
                let numbers = values.values()
                values.sum().backward()
                return (numbers, parameter.gradient?.values() ?? [])
            }
        }
        let (one, three) = (run(1), run(3))
        #expect(one.0 == three.0)
        #expect(one.1 == three.1 && one.1.count == 8_000)
    }
}

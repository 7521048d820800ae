import Foundation
import SegBIRADS
import SegTensor
import SegTestKit
import Testing

@Suite("Gradients against finite differences")
struct GradientTests {
    /// Two blobs of different shape; every probability keeps away from the floor's kink at 0.1.
    static let masks: Tensor = {
        let pictures = [
            Shapes.star(radius: 4, depth: 0.2, points: 3, softness: 1.5, side: 32),
            Shapes.ellipse(a: 5.3, b: 3.2, angle: 0.5, softness: 1.2, height: 32, width: 32),
        ]
        let values = pictures.flatMap { picture in
            picture.values.map { value -> Float in value < 0.1 ? min(value, 0.03) : max(value, 0.17) }
        }
        return Tensor(values, shape: [2, 1, 32, 32])
    }()

    static let images: Tensor = {
        let picture = Picture(height: 64, width: 32) { x, y in 0.5 + 0.2 * sin(0.5 * x) + 0.2 * cos(0.45 * y) }
        return Tensor(picture.values, shape: [2, 1, 32, 32])
    }()

    @Test("Every feature, with respect to the mask", arguments: BIRADSFeatureCatalog.standard.features.indices)
    func features(index: Int) {
        let feature = BIRADSFeatureCatalog.standard.features[index]
        let errors = gradientErrors(
            of: { feature.values(of: SoftLesion(probability: $0[0], intensities: Self.images)) },
            at: [Self.masks],
            valuesPerOperand: 2_048
        )
        for error in errors { #expect(error.relative < 5e-3, "\(feature.name): \(error)") }
    }

    @Test("Margin sharpness by the lesion's own length")
    func sharpnessByLesion() {
        let feature = MarginSharpness(lengthUnit: .lesion, smoothing: 0.03)
        let errors = gradientErrors(
            of: { feature.values(of: SoftLesion(probability: $0[0], intensities: Self.images)) },
            at: [Self.masks],
            valuesPerOperand: 2_048
        )
        for error in errors { #expect(error.relative < 5e-3, "\(error)") }
    }

    @Test("The operators below the features")
    func operators() {
        let noise = Tensor((0..<2 * 9 * 7).map { 0.5 + 0.4 * sin(Float($0 * $0) * 0.7) }, shape: [2, 1, 9, 7])
        let weight = Tensor((0..<2 * 13 * 11).map { 0.5 + 0.4 * cos(Float($0) * 0.9) }, shape: [2, 1, 13, 11])
        let field = Tensor((0..<2 * 2 * 13 * 11).map { cos(Float($0) * 0.6) }, shape: [2, 2, 13, 11])
        let checks: [(String, ([Tensor]) -> Tensor)] = [
            ("moments", { shapeMoments(of: $0[0]) }),
            ("variances", { principalVariances(of: shapeMoments(of: $0[0])) }),
            ("gradient", { maskGradient(of: $0[0]) }), ("length", { edgeLength(of: maskGradient(of: $0[0])) }),
            ("weighted length", { edgeLength(of: maskGradient(of: $0[0]), weight: weight) }),
            ("flux", { edgeFlux(of: maskGradient(of: $0[0]), through: field) }),
        ]
        for (name, function) in checks {
            for error in gradientErrors(of: function, at: [noise], valuesPerOperand: 126) {
                #expect(error.relative < 5e-3, "\(name): \(error)")
            }
        }
    }

    @Test("A ramp of slope 1 has gradient 1, along either axis")
    func ramp() {
        let field = maskGradient(of: Picture(height: 12, width: 12) { x, y in 0.05 * x + 0.02 * y }.tensor)
        // Inside of the reach of the border, which is an edge of its own.
        #expect(abs(field.sliced(1, 0..<1).sliced(2, 8..<9).sliced(3, 8..<9).item - 0.05) < 1e-6)
        #expect(abs(field.sliced(1, 1..<2).sliced(2, 8..<9).sliced(3, 8..<9).item - 0.02) < 1e-6)
    }
}

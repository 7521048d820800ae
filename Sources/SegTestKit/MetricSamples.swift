import Foundation
import SegCore
import SegScoring

/// Predicted and true masks that a metric is tried on.
enum MetricSamples {
    /// A predicted mask and the true one.
    struct Pair: Sendable {
        var name: String
        var prediction: Mask
        var reference: Mask

        /// The same with the masks exchanged.
        var exchanged: Pair { Pair(name: name, prediction: reference, reference: prediction) }

        /// The case, with what a metric asks for and no more.
        func item(for inputs: Set<MetricInput>, label: String) throws -> MetricCase {
            let record = SampleRecord(
                id: name,
                imageFile: URL(filePath: "/synthetic/\(name).png"),
                pathology: .malignant,
                pixelSpacing: inputs.contains(.pixelSize) ? PixelSpacing(x: 0.1, y: 0.15) : nil
            )
            let reports = inputs.compactMap { input -> PredictedValue? in
                guard case .report(let name) = input else { return nil }
                return PredictedValue(
                    name: name,
                    title: name,
                    number: 0.4,
                    trueNumber: 0.5,
                    label: "first",
                    trueLabel: "second"
                )
            }
            let predicted = prediction
            return try MetricCase(
                label: label,
                prediction: predicted,
                reference: reference,
                record: record,
                emptyMasks: .undefinedWhenReferenceEmpty,
                malignancy: inputs.contains(.malignancy) ? 0.7 : nil,
                reports: reports.sorted { $0.name < $1.name },
                probability: { predicted.pixels.map { $0 == 0 ? 0.1 : 0.9 } },
                image: {
                    GrayImage(
                        width: predicted.width,
                        height: predicted.height,
                        pixels: predicted.pixels.indices.map { Float($0 % 17) / 17 }
                    )
                }
            )
        }
    }

    private static let (width, height) = (28, 24)

    private static func mask(_ holds: (_ x: Double, _ y: Double) -> Bool) -> Mask {
        var mask = Mask(emptyWithWidth: width, height: height)
        for y in 0..<height { for x in 0..<width { mask[x, y] = holds(Double(x), Double(y)) } }
        return mask
    }

    /// An ellipse of a size and place, in parts of the true one's radii and in px.
    private static func ellipse(scale: Double = 1, dx: Double = 0, dy: Double = 0) -> Mask {
        mask { x, y in
            let (a, b) = ((x - 13 - dx) / (7 * scale), (y - 12 - dy) / (5 * scale))
            return a * a + b * b <= 1
        }
    }

    private static let truth = ellipse()
    private static let empty = Mask(emptyWithWidth: width, height: height)

    /// Masks that are not the true one, none of them empty.
    static let wrong: [Pair] = [
        ("a mask one pixel off", ellipse(dx: 1)), ("a mask four pixels off", ellipse(dx: 3, dy: -3)),
        ("a mask too small", ellipse(scale: 0.6)), ("a mask too large", ellipse(scale: 1.5)),
        ("half of the mask", mask { x, y in truth[Int(x), Int(y)] && x < 13 }),
        ("a mask that touches nothing", mask { x, y in x < 3 && y < 3 }),
        ("a mask in parts", mask { x, y in (truth[Int(x), Int(y)] && Int(x) % 3 != 0) || (x > 25 && y < 2) }),
        ("a full mask", mask { _, _ in true }), ("a single pixel", mask { x, y in x == 13 && y == 12 }),
    ].map { Pair(name: $0.0, prediction: $0.1, reference: truth) }

    /// The true mask, then ``wrong`` ones, then those with empty masks.
    static let all: [Pair] =
        [Pair(name: "equal masks", prediction: truth, reference: truth)] + wrong + [
            Pair(name: "an empty prediction", prediction: empty, reference: truth),
            Pair(name: "an empty truth", prediction: truth, reference: empty),
            Pair(name: "two empty masks", prediction: empty, reference: empty),
            Pair(name: "a truth of one pixel", prediction: truth, reference: wrong[8].prediction),
        ]
}

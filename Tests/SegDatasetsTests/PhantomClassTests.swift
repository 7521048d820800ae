import Foundation
import SegCore
import SegPhantoms
import Testing

/// Benign and malignant lesions differ in the directions of the BI-RADS lexicon, and overlap.
@Suite struct PhantomClassTests {
    struct Finding {
        var isMalignant: Bool
        var circumference: Double
        var depthToWidth: Double
        var posterior: Double
        var contrast: Double
    }

    static let findings: [Finding] = {
        SyntheticCentre.all.flatMap { centre -> [Finding] in
            let generator = PhantomGenerator(centre: centre, seed: 9)
            let step = centre.patients.imagesPerPatient
            return (0..<40).compactMap { patient in
                (try? generator.sample(at: patient * step)).flatMap(finding)
            }
        }
    }()

    @Test func classesDifferButOverlap() {
        let enc = area(\.circumference)
        #expect(enc > 0.8 && enc < 0.93)
        let dwr = area(\.depthToWidth)
        #expect(dwr > 0.6 && dwr < 0.85)
        let posterior = area(\.posterior)
        #expect(posterior > 0.1 && posterior < 0.4)
    }

    @Test func lesionsAreDarkerThanTheirSurroundings() {
        let contrasts = Self.findings.map(\.contrast)
        let darker = contrasts.filter { $0 < 0 }.count
        #expect(Double(darker) / Double(contrasts.count) > 0.9)
        // Some lesions are nearly isoechoic, or finding them would be trivial.
        #expect(contrasts.contains { $0 > -0.05 })
    }

    /// Area under the ROC curve for malignancy, ties counted half.
    private func area(_ feature: KeyPath<Finding, Double>) -> Double {
        let malignant = Self.findings.filter(\.isMalignant).map { $0[keyPath: feature] }
        let benign = Self.findings.filter { !$0.isMalignant }.map { $0[keyPath: feature] }
        let wins = malignant.reduce(0.0) { sum, value in
            sum + benign.reduce(0) { $0 + (value > $1 ? 1 : value == $1 ? 0.5 : 0) }
        }
        return wins / Double(malignant.count * benign.count)
    }

    private static func finding(_ sample: Sample) -> Finding? {
        guard !sample.lesion.isEmpty else { return nil }
        let (mask, image) = (sample.lesion, sample.image)
        let points = mask.pixels.indices.filter { mask.pixels[$0] != 0 }
            .map { (x: Double($0 % mask.width), y: Double($0 / mask.width)) }
        let count = Double(points.count)
        let x = points.reduce(0) { $0 + $1.x } / count
        let y = points.reduce(0) { $0 + $1.y } / count
        let xx = points.reduce(0) { $0 + ($1.x - x) * ($1.x - x) } / count + 1 / 12
        let yy = points.reduce(0) { $0 + ($1.y - y) * ($1.y - y) } / count + 1 / 12
        let xy = points.reduce(0) { $0 + ($1.x - x) * ($1.y - y) } / count
        let middle = (xx + yy) / 2
        let spread = ((xx - yy) * (xx - yy) / 4 + xy * xy).squareRoot()
        let (a, b) = (2 * (middle + spread).squareRoot(), 2 * (middle - spread).squareRoot())
        let ellipse = Double.pi * (3 * (a + b) - ((3 * a + b) * (a + 3 * b)).squareRoot())

        let rows = points.map { Int($0.y) }
        let columns = points.map { Int($0.x) }
        let (top, bottom) = (rows.min() ?? 0, rows.max() ?? 0)
        let (left, right) = (columns.min() ?? 0, columns.max() ?? 0)
        let quarter = (right - left) / 4
        let under = (bottom + 3)..<max(bottom + 4, min(bottom + 40, image.height))
        let sides = [(left - 30)..<(left - 5), (right + 5)..<(right + 30)]
        let below = mean(image, under, [(left + quarter)..<(right - quarter + 1)])
        let beside = mean(image, under, sides)
        let inside = points.reduce(0) { $0 + Double(image[Int($1.x), Int($1.y)]) } / count
        return Finding(
            isMalignant: sample.record.pathology == .malignant,
            circumference: perimeter(mask) / ellipse,
            depthToWidth: (yy / xx).squareRoot(),
            posterior: log((below + 0.02) / (beside + 0.02)),
            contrast: inside - mean(image, top..<bottom, sides)
        )
    }

    /// Total variation of the mask smoothed by a 5×5 mean.
    private static func perimeter(_ mask: Mask) -> Double {
        let (width, height) = (mask.width, mask.height)
        var soft = mask.pixels.map { Double($0) }
        for step in [1, width] {
            let source = soft
            for index in (2 * width)..<((height - 2) * width - 2) {
                soft[index] = (-2...2).reduce(0) { $0 + source[index + $1 * step] } / 5
            }
        }
        var sum = 0.0
        for index in 0..<((height - 1) * width - 1) {
            let across = soft[index + 1] - soft[index]
            let down = soft[index + width] - soft[index]
            sum += (across * across + down * down).squareRoot()
        }
        return sum
    }

    private static func mean(_ image: GrayImage, _ rows: Range<Int>, _ columns: [Range<Int>]) -> Double {
        var sum = 0.0
        var count = 0.0
        for y in rows where y >= 0 && y < image.height {
            for x in columns.joined() where x >= 0 && x < image.width {
                sum += Double(image[x, y])
                count += 1
            }
        }
        return sum / max(count, 1)
    }
}

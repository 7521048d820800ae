import Foundation
import SegConfiguration
import SegCore
import SegData
import SegMetrics
import SegResults
import SegScoring
import SegStudy
import SegTraining
import Testing

/// Distances between boundaries against SciPy and surface-distance, by every definition, in pixels of any shape.
@Suite("Metrics of boundaries, case by case")
struct BoundaryTests {
    struct Fixture: Decodable {
        struct Values: Decodable {
            var monai: Double
            var medpy: Double
            var surfaceDistance: Double
            var assd: Double
            var nsdOfEdges: Double
            var nsdOfContours: Double

            enum CodingKeys: String, CodingKey {
                case monai, medpy, assd, nsdOfEdges, nsdOfContours
                case surfaceDistance = "surface-distance"
            }

            func hausdorff95(_ definition: HausdorffDefinition) -> Double {
                switch definition {
                case .monai: monai
                case .medpy: medpy
                case .surfaceDistance: surfaceDistance
                }
            }

            func surfaceDice(_ definition: SurfaceDiceDefinition) -> Double {
                definition == .monai ? nsdOfEdges : nsdOfContours
            }
        }

        struct Case: Decodable {
            var spacing: [Double]
            var prediction: [String]
            var truth: [String]
            var px: Values
            var mm: Values
        }

        var tolerances: [String: Double]
        var cases: [Case]
    }

    private static func fixture() throws -> Fixture {
        let url = try #require(
            Bundle.module.url(forResource: "boundaries", withExtension: "json", subdirectory: "Fixtures")
        )
        return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url))
    }

    private static func mask(_ rows: [String]) -> Mask {
        Mask(width: rows[0].count, height: rows.count, pixels: rows.joined().map { $0 == "#" ? 1 : 0 })
    }

    /// The row of a prediction whose canvas is the image itself.
    private static func row(
        _ prediction: Mask,
        _ truth: Mask,
        _ spacing: PixelSpacing?,
        _ metrics: MetricSettings
    ) throws -> CaseResult {
        let letterbox = Letterbox(sourceWidth: truth.width, sourceHeight: truth.height, size: truth.width)
        let record = SampleRecord(
            id: "case",
            imageFile: URL(filePath: "/nowhere/case.png"),
            pathology: .benign,
            pixelSpacing: spacing
        )
        let made = CasePrediction(
            record: record,
            letterbox: letterbox,
            lesion: RunLengthMask(truth),
            probability: prediction.pixels.map(Float.init)
        )
        let evaluation = try CaseEvaluation(
            [made],
            arm: "arm",
            seed: 1,
            dataset: "set",
            threshold: 0.5,
            metrics: try metrics.makeMetrics(.standard),
            emptyMasks: metrics.emptyMasks
        )
        return try #require(evaluation.rows.first)
    }

    private static func agrees(_ value: Double?, _ expected: Double) -> Bool {
        value.map { abs($0 - expected) < 1e-9 * max(1, abs(expected)) } ?? false
    }

    @Test("Every definition agrees with its library in px and in mm, of pixels that are not squares too")
    func oracle() throws {
        let fixture = try Self.fixture()
        #expect(fixture.cases.count { $0.spacing[0] != $0.spacing[1] } == 3)
        for item in fixture.cases {
            let spacing = PixelSpacing(x: item.spacing[0], y: item.spacing[1])
            for hausdorff in HausdorffDefinition.allCases {
                for surfaceDice in SurfaceDiceDefinition.allCases {
                    for unit in LengthUnit.allCases {
                        let tolerance = try #require(fixture.tolerances[unit.rawValue])
                        let metrics = MetricSettings(
                            emptyMasks: .undefinedWhenReferenceEmpty,
                            hausdorff: hausdorff,
                            surfaceDice: surfaceDice,
                            surfaceTolerance: try #require(SurfaceTolerance(tolerance, unit))
                        )
                        let row = try Self.row(Self.mask(item.prediction), Self.mask(item.truth), spacing, metrics)
                        #expect(Self.agrees(row.hausdorff95, item.px.hausdorff95(hausdorff)))
                        #expect(Self.agrees(row.hausdorff95InMillimeters, item.mm.hausdorff95(hausdorff)))
                        #expect(Self.agrees(row.surfaceDistance, item.px.assd))
                        #expect(Self.agrees(row.surfaceDistanceInMillimeters, item.mm.assd))
                        let expected = unit == .pixels ? item.px : item.mm
                        #expect(Self.agrees(row.surfaceDice, expected.surfaceDice(surfaceDice)))
                    }
                }
            }
        }
    }

    @Test("Three columns and four rows apart: the width of a pixel counts along a row, its height along a column")
    func byHand() throws {
        var (truth, prediction) = (Mask(emptyWithWidth: 20, height: 20), Mask(emptyWithWidth: 20, height: 20))
        truth[5, 5] = true
        prediction[8, 9] = true
        let metrics = MetricSettings(emptyMasks: .undefinedWhenReferenceEmpty)
        for (x, y) in [(0.1, 0.3), (0.3, 0.1)] {
            let row = try Self.row(prediction, truth, PixelSpacing(x: x, y: y), metrics)
            let expected = (9 * x * x + 16 * y * y).squareRoot()
            #expect(row.hausdorff95 == 5 && row.surfaceDistance == 5)
            #expect(Self.agrees(row.hausdorff95InMillimeters, expected))
            #expect(Self.agrees(row.surfaceDistanceInMillimeters, expected))
        }
    }

    @Test("A miss is as far as the image is large, in px and mm; without a pixel's size there are no mm")
    func edges() throws {
        var truth = Mask(emptyWithWidth: 20, height: 20)
        let nothing = truth
        truth[5, 5] = true
        var metrics = MetricSettings(emptyMasks: .undefinedWhenReferenceEmpty)
        let miss = try Self.row(nothing, truth, PixelSpacing(x: 0.1, y: 0.3), metrics)
        #expect(miss.dice == 0 && miss.surfaceDice == 0)
        #expect(Self.agrees(miss.hausdorff95, 800.0.squareRoot()))
        #expect(Self.agrees(miss.hausdorff95InMillimeters, (4.0 + 36).squareRoot()))
        let alarm = try Self.row(truth, nothing, PixelSpacing(x: 0.1, y: 0.3), metrics)
        #expect(alarm.hausdorff95?.isNaN == true && alarm.surfaceDice?.isNaN == true)
        metrics.emptyMasks = .bothEmptyScoresOne
        let agreement = try Self.row(nothing, nothing, nil, metrics)
        #expect(agreement.hausdorff95 == 0 && agreement.surfaceDice == 1)
        #expect(agreement.hausdorff95InMillimeters == nil && agreement.surfaceDistanceInMillimeters == nil)
        metrics.surfaceTolerance = try #require(SurfaceTolerance(0.5, .millimeters))
        #expect(try Self.row(truth, truth, nil, metrics).surfaceDice == nil)
        #expect(try Self.row(truth, truth, PixelSpacing(x: 0.1, y: 0.1), metrics).surfaceDice == 1)
    }
}

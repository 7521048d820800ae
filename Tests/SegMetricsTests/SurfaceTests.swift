import SegMetrics
import Testing

@Suite struct SurfaceTests {
    struct Case: Decodable {
        let name: String
        let width: Int
        let height: Int
        let prediction: String
        let reference: String
        let spacing: [Double]
        let hausdorff: Double
        let monai: [Double]
        let medpy: [Double]
        /// Null where round-off of summed lengths decides in the library.
        let surfaceDistance: [Double?]
        let assd: Double
        let directedAverages: [Double]
        let contourAverages: [Double]
        let tolerances: [Double]
        let diceMONAI: [Double]
        let diceSurfaceDistance: [Double]
        let boundary: [Double]

        func distances() throws -> SurfaceDistances {
            try SurfaceDistances(
                prediction: mask(prediction),
                reference: mask(reference),
                width: width,
                height: height,
                spacing: SegMetricsTests.spacing(spacing)
            )
        }
    }

    static let percentiles: [Double] = [50, 95, 99]

    @Test func distancesEqualTheLibrariesThatNameThem() throws {
        for item in try oracle("surfaces", of: Case.self) {
            let surfaces = try item.distances()
            #expect(surfaces.emptyCase == nil)
            func holds(_ value: MetricValue, _ expected: Double?) -> Bool {
                agrees(value.value, expected, within: 1e-7) && value.emptyCase == nil
            }
            #expect(holds(surfaces.hausdorff(.undefined), item.hausdorff), "\(item.name)")
            for (index, percentile) in Self.percentiles.enumerated() {
                let monai = surfaces.hausdorff(percentile: percentile, as: .monai, .undefined)
                #expect(holds(monai, item.monai[index]), "\(item.name), \(percentile)")
                let medpy = surfaces.hausdorff(percentile: percentile, as: .medpy, .undefined)
                #expect(holds(medpy, item.medpy[index]), "\(item.name), \(percentile)")
                guard let expected = item.surfaceDistance[index] else { continue }
                let weighted = surfaces.hausdorff(percentile: percentile, as: .surfaceDistance, .undefined)
                #expect(holds(weighted, expected), "\(item.name), \(percentile)")
            }
            #expect(holds(surfaces.averageSymmetricSurfaceDistance(.undefined), item.assd), "\(item.name)")
            for (index, side) in SurfaceDistances.Side.allCases.enumerated() {
                #expect(
                    holds(surfaces.averageSurfaceDistance(from: side, .undefined), item.directedAverages[index]),
                    "\(item.name)"
                )
                let weighted = surfaces.averageSurfaceDistance(from: side, weighting: .contourLength, .undefined)
                #expect(holds(weighted, item.contourAverages[index]), "\(item.name)")
            }
            let mean = item.directedAverages.reduce(0, +) / 2
            #expect(holds(surfaces.meanAverageSurfaceDistance(.undefined), mean), "\(item.name)")
        }
    }

    @Test func surfaceDiceEqualsTheLibrariesThatNameIt() throws {
        for item in try oracle("surfaces", of: Case.self) {
            let surfaces = try item.distances()
            for (index, tolerance) in item.tolerances.enumerated() {
                func dice(_ definition: SurfaceDiceDefinition) -> Double {
                    surfaces.normalizedSurfaceDice(tolerance: tolerance, as: definition, .undefinedWhenBothEmpty).value
                }
                #expect(agrees(dice(.monai), item.diceMONAI[index], within: 1e-6), "\(item.name), \(tolerance)")
                #expect(
                    agrees(dice(.surfaceDistance), item.diceSurfaceDistance[index], within: 1e-7),
                    "\(item.name), \(tolerance)"
                )
            }
        }
    }

    @Test func boundaryIntersectionOverUnionEqualsErosionsByOpenCV() throws {
        for item in try oracle("surfaces", of: Case.self) {
            for (ratio, expected) in zip([0.02, 0.1], item.boundary) {
                let value = try boundaryIntersectionOverUnion(
                    prediction: mask(item.prediction),
                    reference: mask(item.reference),
                    width: item.width,
                    height: item.height,
                    dilationRatio: ratio,
                    .undefinedWhenBothEmpty
                )
                #expect(agrees(value.value, expected, within: 1e-7), "\(item.name), \(ratio)")
            }
        }
    }

    struct EmptyCase: Decodable {
        let width: Int
        let height: Int
        let prediction: String
        let reference: String
        /// NaN and ∞ as text.
        let answers: [String: String]
    }

    @Test func policiesAnswerAsTheLibrariesTheyAreNamedAfter() throws {
        for item in try oracle("surfaces-empty", of: EmptyCase.self) {
            let surfaces = try SurfaceDistances(
                prediction: mask(item.prediction),
                reference: mask(item.reference),
                width: item.width,
                height: item.height,
                spacing: .pixels
            )
            let emptyCase = try #require(surfaces.emptyCase)
            func answer(_ name: String) throws -> Double { try #require(item.answers[name].flatMap(Double.init)) }
            func same(_ first: MetricValue, _ second: Double) -> Bool {
                first.emptyCase == emptyCase && (first.value == second || first.value.isNaN && second.isNaN)
            }
            let monai = try answer("monaiHausdorff")
            #expect(same(surfaces.hausdorff(.infiniteUndefinedWhenBothEmpty), monai))
            #expect(same(surfaces.hausdorff95(.medpy, .infiniteUndefinedWhenBothEmpty), monai))
            #expect(same(surfaces.averageSymmetricSurfaceDistance(.infiniteUndefinedWhenBothEmpty), monai))
            #expect(same(surfaces.hausdorff95(.surfaceDistance, .infinite), try answer("surfaceDistanceHausdorff")))
            for (definition, name) in [
                (SurfaceDiceDefinition.monai, "monaiDice"), (.surfaceDistance, "surfaceDistanceDice"),
            ] {
                let dice = surfaces.normalizedSurfaceDice(tolerance: 1, as: definition, .undefinedWhenBothEmpty)
                #expect(same(dice, try answer(name)))
            }
        }
    }

    @Test(arguments: EmptyMaskCase.allCases) func everyMetricAsksThePolicy(emptyCase: EmptyMaskCase) throws {
        let none = [UInt8](repeating: 0, count: 12)
        let some = [0, 0, 0, 0, 0, 9, 9, 0, 0, 0, 0, 0] as [UInt8]
        let prediction = emptyCase == .referenceEmpty ? some : none
        let reference = emptyCase == .predictionEmpty ? some : none
        let spacing = try GridSpacing.millimeters(x: 1, y: 0.75)
        let surfaces = try SurfaceDistances(
            prediction: prediction,
            reference: reference,
            width: 4,
            height: 3,
            spacing: spacing
        )
        #expect(surfaces.emptyCase == emptyCase)
        let policy = EmptySurfacePolicy(
            bothEmpty: .distance(7),
            referenceEmpty: .infinite,
            predictionEmpty: .imageDiagonal
        )
        // The image is 4 mm by 2.25 mm.
        let diagonal = (16 + 2.25 * 2.25).squareRoot()
        let expected = [EmptyMaskCase.bothEmpty: 7, .referenceEmpty: .infinity, .predictionEmpty: diagonal][emptyCase]
        let values =
            [
                surfaces.hausdorff(policy), surfaces.averageSymmetricSurfaceDistance(policy),
                surfaces.meanAverageSurfaceDistance(policy),
                surfaces.averageSurfaceDistance(from: .reference, weighting: .contourLength, policy),
            ] + HausdorffDefinition.allCases.map { surfaces.hausdorff95($0, policy) }
        for value in values { #expect(value == MetricValue(value: try #require(expected), emptyCase: emptyCase)) }
        #expect(surfaces.hausdorff(.undefined).value.isNaN)
        #expect(surfaces.hausdorff(.imageDiagonal).value == (emptyCase == .bothEmpty ? 0 : diagonal))

        let scores = EmptyMaskPolicy(bothEmpty: .score(1), referenceEmpty: .score(0.25), predictionEmpty: .undefined)
        let score = [EmptyMaskCase.bothEmpty: 1, .referenceEmpty: 0.25][emptyCase]
        let boundary = try boundaryIntersectionOverUnion(
            prediction: prediction,
            reference: reference,
            width: 4,
            height: 3,
            scores
        )
        #expect(agrees(boundary.value, score))
        #expect(boundary.emptyCase == emptyCase)
        let dice = surfaces.normalizedSurfaceDice(tolerance: 0, as: .monai, scores)
        #expect(agrees(dice.value, score))
        #expect(dice.emptyCase == emptyCase)
        #expect(policy.description == "both empty 7.0, reference empty infinite, prediction empty image diagonal")
    }

    @Test func theSummaryCountsWhatIsInfinite() {
        let summary = ScoreSummary(of: [1, 2, 3, .infinity, .infinity, .nan])
        #expect(summary.infiniteCount == 2)
        #expect(summary.undefinedCount == 1)
        #expect(summary.median == 3)
        #expect(summary.lowerQuartile == 2)
        #expect(summary.upperQuartile == .infinity)
        #expect(summary.mean == .infinity)
        #expect(summary.standardDeviation.isNaN)
        #expect(ScoreSummary(of: [.infinity, .infinity, 0]).upperQuartile == .infinity)
        #expect(ScoreSummary(of: [1, 2]).infiniteCount == 0)
    }

    @Test func wrongInputIsRefusedWithItsCause() throws {
        let pixels = [UInt8](repeating: 1, count: 6)
        func message(_ body: () throws -> Void) -> String {
            do { try body() } catch { return "\(error)" }
            return "nothing thrown"
        }
        func measure(_ prediction: [UInt8], _ reference: [UInt8], _ width: Int, _ height: Int) throws {
            _ = try SurfaceDistances(
                prediction: prediction,
                reference: reference,
                width: width,
                height: height,
                spacing: .pixels
            )
        }
        #expect(message { try measure(pixels, [1], 3, 2) }.contains("the reference has 1 pixels"))
        #expect(message { try measure([1, 0], pixels, 3, 2) }.contains("the prediction has 2 pixels"))
        #expect(message { try measure([], [], 0, 2) }.contains("an image of 0×2 px has no pixels"))
        #expect(message { try measure(pixels, pixels, -3, -2) }.contains("no pixels"))
        for (x, y) in [(0, 1), (1, 0), (-0.1, 1), (1, .nan), (.infinity, 1)] {
            #expect(message { _ = try GridSpacing.millimeters(x: x, y: y) }.contains("no size to measure with"))
        }
        #expect(throws: MetricsError.self) {
            try boundaryIntersectionOverUnion(
                prediction: pixels,
                reference: pixels,
                width: 2,
                height: 2,
                .undefinedWhenBothEmpty
            )
        }
        #expect(throws: MetricsError.self) {
            try euclideanDistanceTransform(of: pixels, width: 4, height: 2, spacing: .pixels)
        }
    }
}

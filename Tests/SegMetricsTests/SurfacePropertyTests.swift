import SegMetrics
import Testing

@Suite struct SurfacePropertyTests {
    struct Transform: Decodable {
        let width: Int
        let height: Int
        let mask: String
        let spacing: [Double]
        let distances: [Double]
    }

    @Test func transformsEqualSciPy() throws {
        for item in try oracle("transforms", of: Transform.self) {
            let distances = try euclideanDistanceTransform(
                of: mask(item.mask),
                width: item.width,
                height: item.height,
                spacing: spacing(item.spacing)
            )
            #expect(distances.count == item.distances.count)
            #expect(zip(distances, item.distances).allSatisfy { abs($0 - $1) < 1e-6 })
        }
    }

    /// Sides on both sides of a word of 64 pixels, and lines.
    static let sizes = [(1, 1), (1, 9), (9, 1), (7, 5), (63, 4), (64, 6), (65, 5), (130, 3), (12, 40)]

    private func bruteForce(_ queries: [Bool], _ targets: [Bool], _ width: Int, _ spacing: GridSpacing) -> [Double] {
        queries.indices.filter { queries[$0] }.map { query in
            var best = Double.infinity
            for target in targets.indices where targets[target] {
                let x = Double(query % width - target % width) * spacing.x
                let y = Double(query / width - target / width) * spacing.y
                best = min(best, (x * x + y * y).squareRoot())
            }
            return best
        }
    }

    /// Lesion with background, or the outside, above, below, left or right.
    private func edges(_ mask: [UInt8], _ width: Int, _ height: Int) -> [Bool] {
        func isLesion(_ column: Int, _ row: Int) -> Bool {
            (0..<width).contains(column) && (0..<height).contains(row) && mask[row * width + column] != 0
        }
        return mask.indices.map { index in
            let (x, y) = (index % width, index / width)
            let neighbors = [isLesion(x - 1, y), isLesion(x + 1, y), isLesion(x, y - 1), isLesion(x, y + 1)]
            return isLesion(x, y) && neighbors.contains(false)
        }
    }

    @Test(arguments: sizes) func distancesEqualBruteForce(width: Int, height: Int) throws {
        var generator = MaskGenerator(seed: UInt64(width * 1000 + height))
        let spacings = [GridSpacing.pixels, try .millimeters(x: 0.1, y: 0.37), try .millimeters(x: 3, y: 0.2)]
        for round in 0..<24 {
            let spacing = spacings[round % 3]
            let first = generator.mask(width: width, height: height)
            let second = generator.mask(width: width, height: height)
            let all = [Bool](repeating: true, count: first.count)
            let transform = try euclideanDistanceTransform(of: first, width: width, height: height, spacing: spacing)
            #expect(agree(transform, bruteForce(all, first.map { $0 != 0 }, width, spacing)))

            let surfaces = try SurfaceDistances(
                prediction: first,
                reference: second,
                width: width,
                height: height,
                spacing: spacing
            )
            let (ours, theirs) = (edges(first, width, height), edges(second, width, height))
            #expect(agree(surfaces.edgeDistancesFromPrediction, bruteForce(ours, theirs, width, spacing)))
            #expect(agree(surfaces.edgeDistancesFromReference, bruteForce(theirs, ours, width, spacing)))
        }
    }

    /// Rows of queries far from everything: the search along rows gives up and the envelope takes over.
    @Test func farBoundariesEqualBruteForce() throws {
        let (width, height) = (300, 90)
        let spacing = try GridSpacing.millimeters(x: 0.1, y: 1)
        var first = [UInt8](repeating: 0, count: width * height)
        var second = first
        for column in 0..<width { first[2 * width + column] = 1 }
        for column in stride(from: 0, to: width, by: 2) { first[40 * width + column] = 1 }
        for (column, row) in [(0, 80), (150, 85), (151, 60), (299, 89)] { second[row * width + column] = 1 }
        let surfaces = try SurfaceDistances(
            prediction: first,
            reference: second,
            width: width,
            height: height,
            spacing: spacing
        )
        let (ours, theirs) = (edges(first, width, height), edges(second, width, height))
        #expect(agree(surfaces.edgeDistancesFromPrediction, bruteForce(ours, theirs, width, spacing)))
        #expect(agree(surfaces.edgeDistancesFromReference, bruteForce(theirs, ours, width, spacing)))
    }

    @Test(arguments: sizes) func metricsAreSymmetricScaleAndOrder(width: Int, height: Int) throws {
        var generator = MaskGenerator(seed: UInt64(width * 77 + height))
        for _ in 0..<12 {
            let first = generator.mask(width: width, height: height)
            let second = generator.mask(width: width, height: height)
            func measure(_ prediction: [UInt8], _ reference: [UInt8], _ scale: Double) throws -> SurfaceDistances {
                try SurfaceDistances(
                    prediction: prediction,
                    reference: reference,
                    width: width,
                    height: height,
                    spacing: .millimeters(x: 0.3 * scale, y: 0.7 * scale)
                )
            }
            func all(_ surfaces: SurfaceDistances, _ tolerance: Double) -> (distances: [Double], scores: [Double]) {
                var distances = [
                    surfaces.hausdorff(.infinite), surfaces.averageSymmetricSurfaceDistance(.infinite),
                    surfaces.meanAverageSurfaceDistance(.infinite),
                ]
                distances += HausdorffDefinition.allCases.map { surfaces.hausdorff95($0, .infinite) }
                let scores = SurfaceDiceDefinition.allCases.map {
                    surfaces.normalizedSurfaceDice(tolerance: tolerance, as: $0, .undefinedWhenBothEmpty).value
                }
                return (distances.map(\.value), scores)
            }
            let base = all(try measure(first, second, 1), 0.6)
            let swapped = all(try measure(second, first, 1), 0.6)
            #expect(agree(base.distances, swapped.distances))
            #expect(agree(base.scores, swapped.scores))
            // By three, which no float is: the tolerance's slack keeps what lies on it.
            let tripled = all(try measure(first, second, 3), 1.8)
            #expect(agree(base.distances.map { 3 * $0 }, tripled.distances))
            #expect(agree(base.scores, tripled.scores))
            let equal = all(try measure(first, first, 1), 0)
            #expect(equal.distances.allSatisfy { $0 == 0 })
            #expect(agree(equal.scores, [1, 1]))
            // Edge pixels: HD, then MONAI's and medpy's HD95. The pooled percentile lies between the directed ones.
            #expect(base.distances[0] >= base.distances[3])
            #expect(base.distances[0] >= base.distances[4])
            #expect(base.distances[0] >= base.distances[1])
            #expect(base.scores.allSatisfy { (0...1).contains($0) })
        }
    }

    @Test func ofSquarePixelsOneFactorMakesMillimeters() throws {
        var generator = MaskGenerator(seed: 77)
        for (width, height) in Self.sizes {
            let first = generator.mask(width: width, height: height)
            let second = generator.mask(width: width, height: height)
            for side in [0.1, 0.0731, 2.5] {
                func measure(_ spacing: GridSpacing) throws -> SurfaceDistances {
                    try SurfaceDistances(
                        prediction: first,
                        reference: second,
                        width: width,
                        height: height,
                        spacing: spacing
                    )
                }
                func all(_ surfaces: SurfaceDistances) -> [Double] {
                    let contours = [SurfaceDistances.Side.prediction, .reference].map {
                        surfaces.averageSurfaceDistance(from: $0, weighting: .contourLength, .imageDiagonal)
                    }
                    let lengths = HausdorffDefinition.allCases.map { surfaces.hausdorff95($0, .imageDiagonal) }
                    let scores = SurfaceDiceDefinition.allCases.map {
                        surfaces.normalizedSurfaceDice(tolerance: 2 * side, as: $0, .bothEmptyScores(1))
                    }
                    let averages = [surfaces.averageSymmetricSurfaceDistance(.imageDiagonal)]
                    return (contours + lengths + scores + averages).map(\.value)
                }
                let scaled = try measure(.pixels).inMillimeters(squarePixelsOf: side)
                let measured = try measure(.millimeters(x: side, y: side))
                #expect(scaled.spacing == measured.spacing && scaled.emptyCase == measured.emptyCase)
                #expect(agree(all(scaled), all(measured)))
            }
        }
        let surfaces = try SurfaceDistances(prediction: [1], reference: [1], width: 1, height: 1, spacing: .pixels)
        #expect(throws: MetricsError.self) { try surfaces.inMillimeters(squarePixelsOf: 0) }
    }

    @Test func theBoundaryScoreOfThinLesionsIsTheirPlainOne() throws {
        var generator = MaskGenerator(seed: 5)
        for (width, height) in Self.sizes {
            let first = generator.mask(width: width, height: height)
            let second = generator.mask(width: width, height: height)
            // A rim as wide as the image.
            let boundary = try boundaryIntersectionOverUnion(
                prediction: first,
                reference: second,
                width: width,
                height: height,
                dilationRatio: 1,
                .undefinedWhenBothEmpty
            )
            let plain = try ConfusionCounts(prediction: first, reference: second)
                .intersectionOverUnion(.undefinedWhenBothEmpty)
            #expect(boundary == plain)
        }
    }
}

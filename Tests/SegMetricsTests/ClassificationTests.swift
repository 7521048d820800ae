import SegMetrics
import Testing

@Suite struct ClassificationTests {
    struct Constrained: Decodable {
        let minimum: Double
        let point: [Double?]
    }

    struct Case: Decodable {
        let scores: [Double]
        let labels: [Bool]
        let brier: Double
        let falsePositiveRates: [Double?]
        let truePositiveRates: [Double?]
        let thresholds: [Double]
        let area: Double?
        let averagePrecision: Double?
        let precisions: [Double]
        let recalls: [Double?]
        let youden: [Double?]?
        let atSpecificity: [Constrained]?
        let atSensitivity: [Constrained]?
    }

    /// Threshold (null where infinite), sensitivity, specificity.
    private func holds(_ point: ROCCurve.Point?, _ expected: [Double?]) -> Bool {
        guard let point else { return false }
        let threshold = point.threshold == .infinity ? Double.nan : point.threshold
        return agree([threshold, point.sensitivity, point.specificity], expected)
    }

    @Test func curvesEqualScikitLearn() throws {
        for item in try oracle("classification", of: Case.self) {
            let curve = try ROCCurve(scores: item.scores, labels: item.labels)
            #expect(curve.points.first?.threshold == .infinity)
            #expect(curve.points.dropFirst().map(\.threshold) == item.thresholds)
            #expect(agree(curve.points.map(\.falsePositiveRate), item.falsePositiveRates))
            #expect(agree(curve.points.map(\.sensitivity), item.truePositiveRates))
            let area = try areaUnderROC(scores: item.scores, labels: item.labels)
            #expect(agrees(area, item.area))
            let precisionRecall = try PrecisionRecallCurve(scores: item.scores, labels: item.labels)
            #expect(agree(precisionRecall.points.map(\.precision), item.precisions))
            #expect(agree(precisionRecall.points.map(\.recall), item.recalls))
            #expect(precisionRecall.points.map(\.threshold) == item.thresholds)
            let average = try averagePrecision(scores: item.scores, labels: item.labels)
            #expect(agrees(average, item.averagePrecision))
            let brier = try brierScore(probabilities: item.scores, labels: item.labels)
            #expect(agrees(brier, item.brier))
        }
    }

    @Test func thresholdsEqualAnExhaustiveSearch() throws {
        for item in try oracle("classification", of: Case.self) {
            let curve = try ROCCurve(scores: item.scores, labels: item.labels)
            guard let youden = item.youden, let specific = item.atSpecificity, let sensitive = item.atSensitivity else {
                #expect(curve.youdenPoint() == nil)
                #expect(curve.mostSensitivePoint(specificityAtLeast: 0.5) == nil)
                #expect(curve.mostSpecificPoint(sensitivityAtLeast: 0.5) == nil)
                continue
            }
            #expect(holds(curve.youdenPoint(), youden))
            for constrained in specific {
                let point = curve.mostSensitivePoint(specificityAtLeast: constrained.minimum)
                #expect(holds(point, constrained.point))
            }
            for constrained in sensitive {
                let point = curve.mostSpecificPoint(sensitivityAtLeast: constrained.minimum)
                #expect(holds(point, constrained.point))
            }
        }
    }

    @Test func aChosenThresholdReproducesItsPoint() throws {
        for item in try oracle("classification", of: Case.self) {
            guard let point = try ROCCurve(scores: item.scores, labels: item.labels).youdenPoint() else { continue }
            let counts = try ConfusionCounts(scores: item.scores, labels: item.labels, threshold: point.threshold)
            #expect(counts.truePositives == point.truePositives)
            #expect(counts.falsePositives == point.falsePositives)
        }
    }

    @Test func areaIsAntisymmetricAndMonotoneInvariant() throws {
        for item in try oracle("classification", of: Case.self) where item.area != nil {
            let area = try areaUnderROC(scores: item.scores, labels: item.labels)
            let negated = try areaUnderROC(scores: item.scores.map { -$0 }, labels: item.labels)
            let stretched = try areaUnderROC(scores: item.scores.map { $0 * 8 - 3 }, labels: item.labels)
            #expect(agrees(area + negated, 1))
            #expect(area == stretched)
        }
    }

    @Test func emptyAndWrongInput() throws {
        #expect(try areaUnderROC(scores: [], labels: []).isNaN)
        #expect(try averagePrecision(scores: [], labels: []).isNaN)
        #expect(try brierScore(probabilities: [], labels: []).isNaN)
        #expect(try areaUnderROC(scores: [-.infinity, .infinity], labels: [false, true]) == 1)
        #expect(throws: MetricsError.self) { try areaUnderROC(scores: [0, .nan], labels: [false, true]) }
        #expect(throws: MetricsError.self) { try averagePrecision(scores: [0], labels: [false, true]) }
        #expect(throws: MetricsError.self) { try brierScore(probabilities: [0.5, 1.5], labels: [false, true]) }
        #expect(throws: MetricsError.self) { try brierScore(probabilities: [.nan], labels: [true]) }
    }
}

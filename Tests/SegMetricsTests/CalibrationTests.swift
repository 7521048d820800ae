import SegMetrics
import Testing

@Suite struct CalibrationTests {
    struct Curve: Decodable {
        let frequencies: [Double]
        let means: [Double]
    }

    struct Binning: Decodable {
        let count: Int
        let torchmetrics: [Double]
        let uniform: Curve
        let quantile: Curve
        let uniformErrors: [Double]
        let quantileErrors: [Double]
    }

    struct Case: Decodable {
        let probabilities: [Double]
        let labels: [Bool]
        let brier: Double
        let binnings: [Binning]
    }

    @Test func curvesAndErrorsEqualTheLibraries() throws {
        for item in try oracle("calibration", of: Case.self) {
            func curve(_ binning: CalibrationBinning) throws -> CalibrationCurve {
                try CalibrationCurve(probabilities: item.probabilities, labels: item.labels, binning: binning)
            }
            for expected in item.binnings {
                let closedLeft = try curve(.equalWidthClosedLeft(expected.count))
                #expect(
                    agree([closedLeft.expectedError, closedLeft.maximumError], expected.torchmetrics, within: 1e-9)
                )
                for (binning, values, errors) in [
                    (CalibrationBinning.equalWidth(expected.count), expected.uniform, expected.uniformErrors),
                    (.equalMass(expected.count), expected.quantile, expected.quantileErrors),
                ] {
                    let own = try curve(binning)
                    #expect(agree(own.bins.map(\.observedFrequency), values.frequencies), "\(binning)")
                    #expect(agree(own.bins.map(\.meanProbability), values.means), "\(binning)")
                    #expect(agree([own.expectedError, own.maximumError], errors, within: 1e-9), "\(binning)")
                    #expect(own.bins.reduce(0) { $0 + $1.count } == item.labels.count)
                }
            }
            #expect(agrees(try brierScore(probabilities: item.probabilities, labels: item.labels), item.brier))
        }
    }

    struct Temperature: Decodable {
        let logits: [Double]
        let labels: [Bool]
        let temperature: Double
        let minimized: Double
    }

    @Test func temperaturesEqualSciPy() throws {
        for item in try oracle("temperatures", of: Temperature.self) {
            let scaling = try TemperatureScaling(fitting: item.logits, labels: item.labels)
            #expect(agrees(scaling.temperature, item.temperature, within: 1e-9))
            // The scalar minimizer itself, which cannot do better than half the digits.
            #expect(agrees(scaling.temperature, item.minimized, within: 1e-6))
            #expect(!scaling.isAtBound)
            // What is scaled already needs no scaling.
            let scaled = item.logits.map { $0 / scaling.temperature }
            let again = try TemperatureScaling(fitting: scaled, labels: item.labels)
            #expect(agrees(again.temperature, 1, within: 1e-9))
        }
    }

    @Test func temperaturesWithoutAMinimumStopAtABound() throws {
        let separated = try TemperatureScaling(fitting: [-2, -1, 1, 3], labels: [false, false, true, true])
        #expect(separated.temperature == TemperatureScaling.range.lowerBound && separated.isAtBound)
        let inverted = try TemperatureScaling(fitting: [-2, -1, 1, 3], labels: [true, true, false, false])
        #expect(inverted.temperature == TemperatureScaling.range.upperBound && inverted.isAtBound)
        let flat = try TemperatureScaling(fitting: [0, 0], labels: [true, false])
        #expect(flat == TemperatureScaling(temperature: 1))
        #expect(agree(flat.probabilities([0, 1e4, -1e4]), [0.5, 1, 0]))
        #expect(agree(TemperatureScaling(temperature: 2).probabilities([1]), [0.6224593312018546]))
    }

    struct Ranking: Decodable {
        let scores: [Double]
        let labels: [Bool]
        let area: Double
        let averagePrecision: Double
        let minima: [Double]
        let sensitivities: [Double]
        let specificities: [Double]
    }

    @Test func rankingEqualsScikitLearnAndTorchmetricsWithTies() throws {
        for item in try oracle("ranking", of: Ranking.self) {
            let curve = try ROCCurve(scores: item.scores, labels: item.labels)
            #expect(agrees(curve.area, item.area))
            #expect(agrees(try averagePrecision(scores: item.scores, labels: item.labels), item.averagePrecision))
            for (index, minimum) in item.minima.enumerated() {
                let sensitive = curve.mostSensitivePoint(specificityAtLeast: minimum)?.sensitivity
                #expect(agrees(sensitive ?? .nan, item.sensitivities[index], within: 1e-6))
                let specific = curve.mostSpecificPoint(sensitivityAtLeast: minimum)?.specificity
                #expect(agrees(specific ?? .nan, item.specificities[index], within: 1e-6))
            }
        }
    }

    @Test func emptyAndWrongInput() throws {
        let empty = try CalibrationCurve(probabilities: [], labels: [], binning: .equalMass(5))
        #expect(empty.bins.isEmpty && empty.expectedError.isNaN && empty.maximumError.isNaN)
        #expect(
            try expectedCalibrationError(probabilities: [1, 0], labels: [true, false], binning: .equalWidth(15)) == 0
        )
        #expect {
            try CalibrationCurve(probabilities: [0.5, 3], labels: [true, false], binning: .equalWidth(5))
        } throws: {
            "\($0)".contains("probability 1 is 3.0")
        }
        #expect(throws: MetricsError.self) {
            try CalibrationCurve(probabilities: [0.5], labels: [], binning: .equalWidth(5))
        }
        #expect { try TemperatureScaling(fitting: [], labels: []) } throws: { "\($0)".contains("without cases") }
        #expect { try TemperatureScaling(fitting: [1, .infinity], labels: [true, false]) } throws: {
            "\($0)".contains("logit 1 is inf")
        }
        #expect(throws: MetricsError.self) { try TemperatureScaling(fitting: [1], labels: []) }
    }
}

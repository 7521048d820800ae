import SegMetrics
import Testing

@Suite struct McNemarTests {
    struct Case: Decodable {
        let firstOnly, secondOnly: Int
        let exact, midP, chiSquare, correctedChiSquare: [Double]

        func expected(_ method: McNemar.Method) -> [Double] {
            switch method {
            case .exact: exact
            case .midP: midP
            case .chiSquare: chiSquare
            case .correctedChiSquare: correctedChiSquare
            }
        }
    }

    @Test(arguments: McNemar.Method.allCases) func resultsEqualStatsmodels(_ method: McNemar.Method) throws {
        for item in try oracle("mcnemar", of: Case.self) {
            let expected = item.expected(method)
            let result = try mcNemarTest(firstOnly: item.firstOnly, secondOnly: item.secondOnly, method: method)
            #expect(agrees(result.statistic, expected[0]))
            #expect(abs(result.pValue - expected[1]) <= 1e-9 * expected[1], "\(item.firstOnly), \(item.secondOnly)")
        }
    }

    /// Airway hyper-responsiveness before and after transplantation of stem cells, 1 against 7 changes, as tabulated by
    /// Fagerland, Lydersen and Laake (2013).
    @Test func publishedExample() throws {
        let published: [McNemar.Method: Double] = [
            .chiSquare: 0.034, .correctedChiSquare: 0.077, .exact: 0.070, .midP: 0.039,
        ]
        for (method, pValue) in published {
            #expect(try abs(mcNemarTest(firstOnly: 1, secondOnly: 7, method: method).pValue - pValue) < 0.0005)
        }
    }

    @Test func casesAreCounted() throws {
        let labels = [true, true, false, false, true, false]
        let first = [true, false, false, true, true, true]
        let second = [false, false, false, false, false, true]
        let result = try mcNemarTest(first: first, second: second, labels: labels)
        #expect(result.firstOnly == 2 && result.secondOnly == 1)
        #expect(result.pValue == 1)
        #expect(throws: MetricsError.self) { try mcNemarTest(first: first, second: second, labels: [true]) }
        #expect(throws: MetricsError.self) { try mcNemarTest(firstOnly: -1, secondOnly: 2) }
    }
}

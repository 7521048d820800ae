import SegMetrics
import Testing

@Suite struct OverlapTests {
    struct Case: Decodable {
        let prediction: [UInt8]
        let reference: [UInt8]
        let dice: Double
        let intersectionOverUnion: Double
        let sensitivity: Double
        let precision: Double
        let specificity: Double?
        let accuracy: Double
    }

    /// What MONAI, medpy, torchmetrics and ITK answer, by metric and library.
    struct LibraryCase: Decodable {
        var name: String?
        let prediction: String
        let reference: String
        let answers: [String: [String: Double?]]
    }

    static let policies: [EmptyMaskPolicy] = [
        .bothEmptyScores(1), .bothEmptyScores(0), .undefinedWhenBothEmpty, .undefinedWhenReferenceEmpty,
    ]

    @Test(arguments: policies) func scoresEqualScikitLearnWhateverThePolicy(policy: EmptyMaskPolicy) throws {
        for item in try oracle("overlap", of: Case.self) {
            let counts = try ConfusionCounts(prediction: item.prediction, reference: item.reference)
            #expect(counts.total == item.prediction.count)
            #expect(counts.emptyCase == nil)
            #expect(agrees(counts.dice(policy).value, item.dice))
            #expect(agrees(counts.intersectionOverUnion(policy).value, item.intersectionOverUnion))
            #expect(agrees(counts.sensitivity(policy).value, item.sensitivity))
            #expect(agrees(counts.precision(policy).value, item.precision))
            #expect(agrees(counts.accuracy, item.accuracy))
            if let specificity = item.specificity, counts.complement.emptyCase == nil {
                #expect(agrees(counts.specificity(policy).value, specificity))
            }
        }
    }

    private func value(_ metric: String, _ counts: ConfusionCounts, _ policy: EmptyMaskPolicy) throws -> Double {
        switch metric {
        case "dice": counts.dice(policy).value
        case "iou": counts.intersectionOverUnion(policy).value
        case "sensitivity": counts.sensitivity(policy).value
        case "specificity": counts.specificity(policy).value
        case "precision": counts.precision(policy).value
        case "volumeSimilarity": counts.volumeSimilarity(policy).value
        default: throw MetricsError("\(metric) is no metric", cure: "write the fixture again")
        }
    }

    /// The libraries divide in 32 bits.
    @Test func scoresEqualMONAIMedpyTorchmetricsAndITK() throws {
        var compared: [String: Int] = [:]
        for item in try oracle("overlap-libraries", of: LibraryCase.self) {
            let counts = try ConfusionCounts(prediction: mask(item.prediction), reference: mask(item.reference))
            #expect(counts.emptyCase == nil)
            for (metric, answers) in item.answers {
                let own = try value(metric, counts, .undefinedWhenReferenceEmpty)
                for (library, answer) in answers {
                    let expected = try #require(answer)
                    #expect(abs(own - expected) <= 1e-6, "\(metric) of \(library), \(item.name ?? "")")
                    compared["\(metric) of \(library)", default: 0] += 1
                }
            }
        }
        #expect(compared.count == 20 && compared.values.allSatisfy { $0 > 40 })
    }

    @Test func policiesAnswerAsTheLibrariesTheyAreNamedAfter() throws {
        let policies: [String: EmptyMaskPolicy] = [
            "MONAI": .undefinedWhenReferenceEmpty, "MONAI, ignore_empty=False": .bothEmptyScores(1),
            "torchmetrics": .bothEmptyScores(0),
        ]
        let items = try oracle("overlap-empty", of: LibraryCase.self)
        #expect(items.count == 3)
        for item in items {
            let counts = try ConfusionCounts(prediction: mask(item.prediction), reference: mask(item.reference))
            #expect(counts.emptyCase != nil)
            for (metric, answers) in item.answers {
                for (library, answer) in answers {
                    let policy = try #require(policies[library])
                    #expect(agrees(try value(metric, counts, policy), answer), "\(metric) of \(library)")
                }
            }
        }
    }

    /// Both empty, reference empty, prediction empty, as the libraries answer that the policies are named after.
    static let emptyAnswers: [(EmptyMaskPolicy, [Double?])] = [
        (.bothEmptyScores(1), [1, 0, 0]),
        (.bothEmptyScores(0.5), [0.5, 0, 0]),
        (.undefinedWhenBothEmpty, [nil, 0, 0]),
        (.undefinedWhenReferenceEmpty, [nil, nil, 0]),
        (
            EmptyMaskPolicy(bothEmpty: .undefined, referenceEmpty: .score(0.25), predictionEmpty: .undefined),
            [nil, 0.25, nil]
        ),
    ]

    @Test(arguments: emptyAnswers) func thePolicyAnswersForEmptyMasks(policy: EmptyMaskPolicy, answers: [Double?])
        throws
    {
        let masks: [(prediction: [UInt8], reference: [UInt8])] = [
            ([0, 0, 0, 0], [0, 0, 0, 0]), ([0, 7, 0, 0], [0, 0, 0, 0]), ([0, 0, 0, 0], [0, 0, 255, 255]),
        ]
        for ((prediction, reference), (emptyCase, answer)) in zip(masks, zip(EmptyMaskCase.allCases, answers)) {
            let counts = try ConfusionCounts(prediction: prediction, reference: reference)
            for score in [
                counts.dice(policy), counts.intersectionOverUnion(policy), counts.sensitivity(policy),
                counts.precision(policy),
            ] {
                #expect(agrees(score.value, answer), "\(emptyCase) under \(policy)")
                #expect(score.emptyCase == emptyCase)
            }
            // Plenty of background: an empty lesion is no special case for the specificity.
            #expect(counts.specificity(policy).emptyCase == nil)
            #expect(counts.specificity(policy).value == (emptyCase == .referenceEmpty ? 0.75 : 1))

            let full = counts.complement.specificity(policy)
            #expect(agrees(full.value, answer))
            #expect(full.emptyCase == emptyCase)
        }
    }

    @Test func volumeSimilarityComparesSizesAlone() throws {
        let counts = try ConfusionCounts(prediction: [1, 1, 1, 0, 0], reference: [0, 0, 0, 0, 1])
        // |1 − 3| / (3 + 1).
        #expect(counts.volumeSimilarity(.undefinedWhenBothEmpty) == MetricValue(value: 0.5))
        let elsewhere = try ConfusionCounts(prediction: [1, 1, 0, 0, 0], reference: [0, 0, 0, 1, 1])
        #expect(elsewhere.volumeSimilarity(.undefinedWhenBothEmpty).value == 1)
        for item in try oracle("overlap", of: Case.self) {
            let counts = try ConfusionCounts(prediction: item.prediction, reference: item.reference)
            let (predicted, actual) = (item.prediction.count { $0 != 0 }, item.reference.count { $0 != 0 })
            let expected = 1 - Double(abs(actual - predicted)) / Double(actual + predicted)
            #expect(agrees(counts.volumeSimilarity(.undefinedWhenBothEmpty).value, expected))
        }
        let missed = try ConfusionCounts(prediction: [0, 0], reference: [0, 1])
        #expect(missed.volumeSimilarity(.undefinedWhenBothEmpty) == MetricValue(value: 0, emptyCase: .predictionEmpty))
    }

    @Test(arguments: [0, 1, 31, 239, 240, 241, 480, 9_000]) func countsOfAnyLengthAndValueEqualAPlainLoop(count: Int)
        throws
    {
        var generator = MaskGenerator(seed: UInt64(count + 1))
        for density in [0, 1, 50, 99, 100] {
            func pixels() -> [UInt8] {
                (0..<count).map { _ in
                    generator.next(below: 100) < density ? UInt8(1 + generator.next(below: 255)) : 0
                }
            }
            let (prediction, reference) = (pixels(), pixels())
            let pairs = Array(zip(prediction, reference))
            let expected = ConfusionCounts(
                truePositives: pairs.count { $0 != 0 && $1 != 0 },
                falsePositives: pairs.count { $0 != 0 && $1 == 0 },
                falseNegatives: pairs.count { $0 == 0 && $1 != 0 },
                trueNegatives: pairs.count { $0 == 0 && $1 == 0 }
            )
            #expect(try ConfusionCounts(prediction: prediction, reference: reference) == expected)
        }
    }

    @Test func aMaskWithoutPixelsIsEmpty() throws {
        let counts = try ConfusionCounts(prediction: [], reference: [])
        #expect(counts.dice(.bothEmptyScores(1)) == MetricValue(value: 1, emptyCase: .bothEmpty))
        #expect(counts.accuracy.isNaN)
    }

    @Test func probabilitiesAndScoresAreCutAtTheThresholdInclusively() throws {
        let pixels = try ConfusionCounts(probabilities: [0.5, 0.49, 0.9, 0], threshold: 0.5, reference: [1, 1, 0, 0])
        let expected = ConfusionCounts(truePositives: 1, falsePositives: 1, falseNegatives: 1, trueNegatives: 1)
        #expect(pixels == expected)
        let cases = try ConfusionCounts(
            scores: [0.5, 0.49, 0.9, -.infinity],
            labels: [true, true, false, false],
            threshold: 0.5
        )
        #expect(cases == expected)
        #expect((pixels + cases).total == 8)
        #expect((pixels + cases).dice(.undefinedWhenBothEmpty) == expected.dice(.undefinedWhenBothEmpty))
    }

    @Test func wrongInputIsRefusedWithItsCause() {
        #expect { try ConfusionCounts(prediction: [1, 0], reference: [1]) } throws: {
            "\($0)".contains("2 predicted pixels face 1 reference pixels")
        }
        #expect {
            try ConfusionCounts(probabilities: [.nan, 0, .nan], threshold: 0.5, reference: [0, 0, 1])
        } throws: {
            "\($0)".contains("2 of 3 pixel probabilities are not numbers")
        }
        #expect { try ConfusionCounts(scores: [0, .nan], labels: [true, false], threshold: 0.5) } throws: {
            "\($0)".contains("score 1 is not a number")
        }
    }
}

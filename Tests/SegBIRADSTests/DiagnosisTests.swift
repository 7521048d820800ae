import Foundation
import SegBIRADS
import SegCore
import SegTensor
import Testing

@Suite("How the consistency term fares")
struct DiagnosisTests {
    static let late = TrainingProgress(epoch: 30, epochs: 60)

    /// Cases whose malignancy and prior lie `spread` to either side of 0.3.
    static func cases(_ spread: Float, prior: Float, area: Float = 0.1, feature: Float = 0) -> [TermCase] {
        (0..<10).map { index in
            let side: Float = index.isMultiple(of: 2) ? -1 : 1
            var report = ["prior": 0.3 + side * prior, "lesion-area": area]
            for name in BIRADSConsistency.Settings().features { report[name] = feature }
            return TermCase(malignancy: 0.3 + side * spread, pathology: .benign, report: report)
        }
    }

    static func figures(_ diagnosis: TermDiagnosis) -> [String: Float] {
        Dictionary(uniqueKeysWithValues: diagnosis.figures.map { ($0.name, $0.value) })
    }

    @Test("Spreads are standard deviations, distances are in those of the true masks")
    func figures() throws {
        let term = try ConsistencyTests.prepared()
        let buffers = Dictionary(uniqueKeysWithValues: term.buffers.map { ($0.path, $0.buffer.values) })
        let means = try #require(buffers["prior.mean"])
        let deviations = try #require(buffers["prior.deviation"])
        let figures = Self.figures(term.diagnosis(Self.cases(0.2, prior: 0.15, feature: 0.7), Self.late))
        #expect(abs(try #require(figures["spread-of-malignancy"]) - 0.2) < 1e-5)
        #expect(abs(try #require(figures["spread-of-prior"]) - 0.15) < 1e-5)
        var sum: Float = 0
        for (index, feature) in term.prior.features.enumerated() {
            let expected = abs(0.7 - means[index]) / deviations[index]
            #expect(abs(try #require(figures["distance-\(feature.name)"]) / expected - 1) < 1e-4)
            sum += expected
        }
        #expect(abs(try #require(figures["feature-distance"]) / (sum / 4) - 1) < 1e-4)
    }

    @Test("Only when both spread too little has the term collapsed, and not before anything could be learned")
    func collapse() throws {
        let term = try ConsistencyTests.prepared()
        let warning = try #require(term.diagnosis(Self.cases(0.07, prior: 0.03), Self.late).warning)
        #expect(warning.contains("collapsed") && warning.contains("0.07 and 0.03"))
        #expect(term.diagnosis(Self.cases(0.3, prior: 0.03), Self.late).warning == nil)
        #expect(term.diagnosis(Self.cases(0.07, prior: 0.2), Self.late).warning == nil)
        for epoch in [3.0, 12] {
            let early = TrainingProgress(epoch: epoch, epochs: 60)
            #expect(term.diagnosis(Self.cases(0.07, prior: 0.03), early).warning == nil)
        }
    }

    @Test("Nothing is said of nothing")
    func nothing() throws {
        let term = try ConsistencyTests.prepared()
        #expect(term.diagnosis([], Self.late).figures.isEmpty)
        #expect(term.diagnosis([], Self.late).warning == nil)
        // Masks that all but vanished have no features worth a distance.
        let vanished = Self.figures(term.diagnosis(Self.cases(0.2, prior: 0.2, area: 1e-5), Self.late))
        #expect(Set(vanished.keys) == ["spread-of-malignancy", "spread-of-prior"])
    }
}

@Suite("Standardization by predicted masks")
struct RunningStatisticsTests {
    private static func buffers(_ term: BIRADSConsistency) -> [String: [Float]] {
        Dictionary(uniqueKeysWithValues: term.buffers.map { ($0.path, $0.buffer.values) })
    }

    private static func prepared() throws -> BIRADSConsistency {
        try ConsistencyTests.prepared {
            $0.statistics = .running
            $0.updatesMask = false
            $0.features = ["circularity", "depth-to-width"]
        }
    }

    @Test("They start from true masks and follow the steps of training, and no penalty")
    func following() throws {
        let term = try Self.prepared()
        let start = Self.buffers(term)
        #expect(start["prior.running.mean"] == start["prior.mean"])
        let batch = ConsistencyTests.batch()
        #expect(term.penalty(ConsistencyTests.outputs(), batch, ConsistencyTests.late) != nil)
        #expect(Self.buffers(term) == start)

        let report = term.report(ConsistencyTests.outputs(), batch)
        for _ in 0..<800 {
            term.observe(ConsistencyTests.outputs(), batch)
        }
        let end = Self.buffers(term)
        #expect(end["prior.mean"] == start["prior.mean"] && end["prior.deviation"] == start["prior.deviation"])
        // The fourth image is normal and does not count; the others fill the image enough to count almost alike.
        for (index, feature) in term.prior.features.enumerated() {
            let values = try #require(report.first { $0.name == feature.name }).values[..<3]
            let mean = values.reduce(0, +) / 3
            let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 3).squareRoot()
            #expect(abs(try #require(end["prior.running.mean"])[index] - mean) < 0.02 * max(deviation, abs(mean)))
            let variance = try #require(end["prior.running.variance"])[index]
            #expect(abs(variance.squareRoot() - deviation) < 0.05 * deviation + 1e-3, "\(feature.name)")
        }
    }

    @Test("The prior depends on them, and a checkpoint carries them")
    func use() throws {
        let term = try Self.prepared()
        let batch = ConsistencyTests.batch()
        func priors() throws -> [Float] {
            try #require(term.report(ConsistencyTests.outputs(), batch).first { $0.name == "prior" }).values
        }
        let before = try priors()
        let running = try #require(term.buffers.first { $0.path == "prior.running.mean" }).buffer
        running.values = running.values.map { $0 + 0.5 }
        #expect(try priors() != before)
        let frozen = try ConsistencyTests.prepared { $0.statistics = .truth }
        #expect(!frozen.buffers.contains { $0.path.contains("running") })
    }

    @Test("The prior learns from labels alone when disagreement does not reach it", arguments: [true, false])
    func supervision(updatesPrior: Bool) throws {
        let term = try ConsistencyTests.prepared {
            $0.statistics = .running
            $0.updatesMask = false
            $0.updatesPrior = updatesPrior
            $0.priorSupervision = 1
        }
        let logits = Parameter(ConsistencyTests.logits)
        func gradient(_ malignancy: [Float]) throws -> [Float] {
            for (_, parameter) in term.parameters { parameter.clearGradient() }
            let outputs = ConsistencyTests.outputs(logits.tensor, Parameter(Tensor(malignancy, shape: [4])).tensor)
            try #require(term.penalty(outputs, ConsistencyTests.batch(), ConsistencyTests.late)).backward()
            return try #require(term.parameters.first { $0.path == "prior.weight" }?.parameter.gradient).values()
        }
        let one = try gradient([1, -1, 0.5, 2])
        let other = try gradient([-3, 3, -2, 2])
        #expect(one.contains { abs($0) > 1e-5 })
        #expect((one == other) == !updatesPrior)
        #expect(logits.gradient == nil)
    }
}

import SegInterop
import SegMetrics
import SegTensor
import SegTraining

/// The code of Documentation/Statistics.md.
enum StatisticsGuide {
    static func byPatient(_ first: [Double], _ second: [Double], patients: [String]) throws -> Double {
        let test = try pairedPermutationTest(
            first,
            second,
            groups: patients,
            options: .init(statistic: .signedRankSum, seed: 1)
        )
        return test.pValue
    }

    static func areas(
        _ scoresBySeed: [[Double]],
        _ second: [ROCPlacements],
        labels: [Bool],
        patients: [String]
    ) throws -> [Double] {
        let first = try scoresBySeed.map { try ROCPlacements(scores: $0, labels: labels, groups: patients) }
        let interval = try deLongInterval(ROCPlacements(meanOf: first))
        let models = try deLongTest(ROCPlacements(meanOf: first), ROCPlacements(meanOf: second))
        let methods = try obuchowskiRocketteTest(first, second)
        return [interval.lower, interval.upper, models.pValue, methods.pValue]
    }

    static func interval(_ scores: [Double], labels: [Bool], patients: [String]) throws -> BootstrapInterval {
        let interval = try bootstrapInterval(
            caseCount: labels.count,
            groups: patients,
            method: .biasCorrectedAccelerated,
            seed: 1
        ) { cases in
            try areaUnderROC(scores: cases.map { scores[$0] }, labels: cases.map { labels[$0] })
        }
        return interval
    }
}

/// The code of Documentation/Performance.md.
func profile(_ step: () -> Void) {
    let profiler = Profiler()
    profiler.record { step() }
    print(ProfileReport(profiler.spans, peak: MachinePeak.gigaflops()).text)
}

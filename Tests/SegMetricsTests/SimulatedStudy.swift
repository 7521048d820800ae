import Foundation
import SegMetrics

/// Per-case Dice of two arms as a study has them: a logistic model in which a case has its difficulty, a run its quality,
/// and every run its luck with a patient and with an image.
struct SimulatedStudy {
    var patients = 80
    var imagesPerPatient = 1
    var seeds = 3
    /// Standard deviations on the logit scale.
    var difficulty = 1.0
    var runQuality = 0.0
    var luckWithPatient = 0.0
    var luckWithImage = 0.5
    /// How much better the first arm truly is, on the logit scale.
    var advantage = 0.0

    struct Outcome {
        var first: SeedReplicates
        var second: SeedReplicates
        var patients: [String]
    }

    func outcome(using normal: inout NormalVariates) throws -> Outcome {
        let names = (0..<patients).flatMap { [String](repeating: "p\($0)", count: imagesPerPatient) }
        // A Dice of about 0.73 at the middle.
        let difficulties = names.map { _ in 1 + difficulty * normal.next() }
        func runs(_ advantage: Double) throws -> SeedReplicates {
            try SeedReplicates(
                (0..<seeds).map { _ in
                    let quality = advantage + runQuality * normal.next()
                    let luck = (0..<patients).map { _ in luckWithPatient * normal.next() }
                    return difficulties.indices.map { image in
                        let logit =
                            difficulties[image] + quality + luck[image / imagesPerPatient] + luckWithImage
                            * normal.next()
                        return 1 / (1 + exp(-logit))
                    }
                }
            )
        }
        return try Outcome(first: runs(advantage), second: runs(0), patients: names)
    }

    /// The p-values of many such studies.
    func pValues(_ count: Int, seed: UInt64, of test: (Outcome) throws -> Double) throws -> [Double] {
        var normal = NormalVariates(seed: seed)
        return try (0..<count).map { _ in try test(outcome(using: &normal)) }
    }
}

/// Standard normal variates by Box and Muller's method.
struct NormalVariates {
    private var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    mutating func next() -> Double {
        (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform())
    }

    /// Strictly between 0 and 1.
    private mutating func uniform() -> Double { (Double(generator.next() >> 12) + 0.5) * 0x1p-52 }
}

import SegCore
import SegMetrics
import SegResults
import SegStudy

/// Per-case Dice of several trainings of one arm, from which studies of two arms that are truly alike are drawn.
struct CachedDice {
    /// By seed, then image.
    let values: [[Double]]
    /// The images of each patient.
    let patients: [[Int]]

    /// Who decides which of two trainings an image's value counts for.
    enum Coin {
        /// One coin for each patient: what is exchangeable is a patient's images as a whole.
        case forPatients
        /// One coin for each image.
        case forImages
        /// None: the one training is the one arm, the other the other.
        case none
    }

    /// A study of `count` patients, drawn without replacement, and two trainings.
    ///
    /// The null hypothesis of a test over cases is that it makes no difference which arm a value came from. Two trainings
    /// of one arm do not fulfill it: they are two models, and one is better. So a coin decides, for each patient or image,
    /// which of the two trainings stands for which arm; every difference is then as likely to have the other sign,
    /// whatever the two models, the patients and the distribution of Dice are like, and p is uniform if the test is right.
    ///
    /// - Parameters:
    ///   - imagesPerPatient: so many images of each, from the first.
    ///   - knowsPatients: whether the rows name the patients; else each image is a patient of its own.
    func rows(
        patients count: Int,
        imagesPerPatient: Int,
        coin: Coin,
        knowsPatients: Bool = true,
        using generator: inout some RandomNumberGenerator
    ) -> [CaseResult] {
        let trainings = values.indices.shuffled(using: &generator).prefix(2).map { values[$0] }
        var rows: [CaseResult] = []
        for (number, images) in patients.shuffled(using: &generator).prefix(count).enumerated() {
            var isSwapped = coin != .none && Bool.random(using: &generator)
            for image in images.prefix(imagesPerPatient) {
                if coin == .forImages { isSwapped = Bool.random(using: &generator) }
                for (arm, training) in zip(["a", "b"], isSwapped ? trainings.reversed() : trainings) {
                    let patient = knowsPatients ? "p\(number)" : "i\(image)"
                    rows.append(Self.row(arm, seed: 1, image: image, patient: patient, dice: training[image]))
                }
            }
        }
        return rows
    }

    /// A study of two arms with `seeds` trainings each, none of them in both, on all images of `count` patients.
    ///
    /// Here the trainings are exchangeable as a whole, which is the null hypothesis of the test across seeds.
    func rows(patients count: Int, seeds: Int, using generator: inout some RandomNumberGenerator) -> [CaseResult] {
        let trainings = values.shuffled(using: &generator)
        let images = patients.shuffled(using: &generator).prefix(count).enumerated()
        return ["a", "b"].enumerated().flatMap { place, arm in
            (0..<seeds).flatMap { seed in
                images.flatMap { number, images in
                    images.map { image in
                        let dice = trainings[place * seeds + seed][image]
                        return Self.row(arm, seed: UInt64(seed + 1), image: image, patient: "p\(number)", dice: dice)
                    }
                }
            }
        }
    }

    private static func row(_ arm: String, seed: UInt64, image: Int, patient: String, dice: Double) -> CaseResult {
        CaseResult(
            arm: arm,
            seed: seed,
            dataset: "external",
            caseID: "\(image)",
            group: patient,
            pathology: .benign,
            dice: dice,
            iou: dice / (2 - dice)
        )
    }
}

/// Random numbers that are the same on every run.
struct Draws: RandomNumberGenerator {
    private var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    mutating func next() -> UInt64 { generator.next() }
}

/// The comparison of Dice that a study makes of rows.
func comparison(of rows: [CaseResult]) throws -> ArmComparison? {
    let seeds = Set(rows.map(\.seed)).sorted()
    let tests = ["a", "b"].flatMap { arm in
        seeds.map { seed in
            let own = rows.filter { $0.arm == arm && $0.seed == seed }
            return (
                training: TrainingRecord(arm: arm, seed: seed, epochs: []), cases: own, emptyCases: [String: [String]]()
            )
        }
    }
    return try StudyStatistics(tests, seeds: seeds, resamples: 1000)
        .comparisons(arms: ["a", "b"], reference: "b", datasets: ["external"], family: ["external"])
        .first { $0.metric == .dice }
}

import SegCore
import SegResults

/// Results of a small study that nobody ran: two data sets, two seeds, eight lesions and two normal images each.
struct SampleResults {
    let arms: [String]

    private let datasets = ["source center", "other center"]
    private let seeds: [UInt64] = [1, 2]

    init(arms: [String]) { self.arms = arms }

    var cases: [CaseResult] {
        arms.enumerated().flatMap { arm, name in
            datasets.enumerated().flatMap { dataset, title in
                seeds.flatMap { seed in (0..<10).map { row(arm, name, dataset, title, seed, $0) } }
            }
        }
    }

    private func row(
        _ arm: Int,
        _ name: String,
        _ dataset: Int,
        _ title: String,
        _ seed: UInt64,
        _ index: Int
    ) -> CaseResult {
        let isNormal = index >= 8
        let spread = Double((index * 37 + dataset * 11 + arm * 5 + Int(seed) * 3) % 19) / 60
        let dice = isNormal ? Double.nan : 0.55 + spread + 0.05 * Double(arm)
        return CaseResult(
            arm: name,
            seed: seed,
            dataset: title,
            caseID: "case \(index)",
            group: "patient \(index / 2)",
            pathology: isNormal ? .normal : index % 2 == 0 ? .benign : .malignant,
            dice: dice,
            iou: dice / (2 - dice),
            hausdorff95: isNormal ? .nan : 40 * (1 - dice),
            surfaceDistance: isNormal ? .nan : 10 * (1 - dice),
            surfaceDice: isNormal ? .nan : dice,
            detection: LesionCounts(found: isNormal ? 0 : 1, missed: 0, invented: index % 3 == 0 ? 1 : 0),
            malignancyProbability: Double((index * 29 + arm * 7 + Int(seed)) % 17) / 17,
            lesionFraction: isNormal ? 0 : 0.05 + 0.01 * Double(index),
            predictedFraction: 0.05
        )
    }

    var results: StudyResults {
        var results = bare
        let statistics = StudyStatistics(
            arms.flatMap { arm in
                seeds.map { seed in
                    (
                        training(arm, seed), cases.filter { $0.arm == arm && $0.seed == seed },
                        [String: [String]]()
                    )
                }
            },
            seeds: seeds,
            resamples: 100
        )
        let choices: [UInt64?] = seeds.map { $0 } + [nil]
        results.trainings = arms.flatMap { arm in seeds.map { training(arm, $0) } }
        results.summaries = arms.flatMap { arm in
            datasets.flatMap { dataset in
                choices.compactMap { try? statistics.summary(arm, dataset, seed: $0) }
            }
        }
        if let reference = results.referenceArm {
            let comparisons = try? statistics.comparisons(
                arms: arms,
                reference: reference,
                datasets: datasets,
                family: [datasets[1]]
            )
            results.comparisons = comparisons ?? []
        }
        return results
    }

    private func training(_ arm: String, _ seed: UInt64) -> TrainingRecord {
        TrainingRecord(
            arm: arm,
            seed: seed,
            epochs: (1...3).map { epoch in
                EpochRecord(
                    epoch: epoch,
                    losses: ["segmentation": 1 / Double(epoch), "total": 1 / Double(epoch)],
                    validationDice: 0.6 + 0.05 * Double(epoch),
                    learningRate: 0.001
                )
            },
            bestEpoch: 3,
            malignancyThreshold: 0.5
        )
    }

    /// The same before anything was tested.
    var bare: StudyResults {
        let counts = PathologyCounts(normal: 2, benign: 4, malignant: 4)
        return StudyResults(
            study: "sample",
            packageVersion: "0",
            timing: StudyTiming(
                startedAt: "2026-01-02T03:04:05Z",
                finishedAt: "2026-01-02T03:14:05Z",
                totalSeconds: 600,
                trainings: arms.flatMap { arm in seeds.map { .init(arm: arm, seed: $0, seconds: 60) } }
            ),
            machine: MachineDescription(processor: "a processor", instructionSet: "baseline", threads: 1),
            seeds: seeds,
            arms: arms.map { ArmDescription(name: $0, title: "The \($0) arm", settings: "") },
            referenceArm: arms.count > 1 ? arms[0] : nil,
            datasets: datasets.enumerated().map { index, name in
                DatasetDescription(
                    name: name,
                    role: index == 0 ? .source : .external,
                    counts: counts,
                    evaluated: counts,
                    fingerprint: "0"
                )
            },
            split: SplitSummary(
                method: "By patient.",
                parts: [.init(name: "training", counts: counts, groups: 5)]
            ),
            methods: MethodDescription(
                emptyPolicy: "Images without a lesion have no Dice.",
                thresholdRule: "On the validation part.",
                modelSelection: "The best epoch.",
                interval: "Bootstrap.",
                test: "Wilcoxon signed-rank.",
                correction: "None.",
                effectSize: "Rank-biserial correlation."
            ),
            configuration: "study: sample\n"
        )
    }
}

import Foundation
import SegCore
import SegImageIO
import SegReport
import SegResults
import SegStudy

/// Synthetic results of any shape: the numbers are made up, their relations are as in a real study.
struct SampleStudy {
    var arms = 3
    var seeds: [UInt64] = [1]
    var datasets: [(name: String, role: DatasetDescription.Role, cases: Int)] = [
        ("Center A", .source, 50), ("Center B", .external, 160), ("Center C", .external, 240),
    ]
    var armTitles = ["Segmentation only", "Multi-task baseline", "Multi-task + BI-RADS consistency"]

    static let features = ["enc", "depthToWidth", "circularity", "marginSharpness"]

    var armNames: [String] { (0..<arms).map { "arm-\($0)" } }

    func title(_ arm: Int) -> String { arm < armTitles.count ? armTitles[arm] : "Arm number \(arm)" }

    /// A number in 0..<1 that depends on its arguments alone.
    static func uniform(_ parts: Int...) -> Double {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        for part in parts {
            state = (state ^ UInt64(bitPattern: Int64(part))) &* 0xBF58_476D_1CE4_E5B9
            state ^= state >> 29
            state = state &* 0x94D0_49BB_1331_11EB
            state ^= state >> 32
        }
        return Double(state >> 11) / 9_007_199_254_740_992
    }

    func cases() -> [CaseResult] {
        armNames.enumerated().flatMap { arm, name in
            seeds.flatMap { seed in
                datasets.enumerated().flatMap { index, dataset in
                    (0..<dataset.cases).map { row(arm, name, seed, index, dataset.name, $0) }
                }
            }
        }
    }

    private func row(_ arm: Int, _ name: String, _ seed: UInt64, _ index: Int, _ dataset: String, _ item: Int)
        -> CaseResult
    {
        let u = Self.uniform
        let isMalignant = u(index, item, 1) < 0.35
        let isNormal = index == 2 && item % 12 == 0
        let size = exp(-6 + 4.5 * u(index, item, 2))
        let hardness = 0.5 * u(index, item, 3) + 0.15 * (u(arm, Int(seed), index) + u(index, item, 9))
        let miss = u(arm, Int(seed) * 31 + index, item) < 0.06 + 0.03 * Double(index)
        let level = 0.98 - 0.06 * Double(index) - hardness * (0.6 - 0.05 * Double(arm)) + 0.02 * log(size * 10)
        let dice = miss ? 0 : min(max(level, 0), 0.98)
        let probability = min(
            max(0.35 + (isMalignant ? 0.22 : -0.12) + 0.9 * (u(arm + 7, index, item) - 0.5), 0.01),
            0.99
        )
        return CaseResult(
            arm: name,
            seed: seed,
            dataset: dataset,
            caseID: "case\(String(format: "%03d", item))",
            group: "patient\(item / 2)",
            pathology: isNormal ? .normal : isMalignant ? .malignant : .benign,
            dice: isNormal ? .nan : dice,
            iou: isNormal ? .nan : dice / (2 - dice),
            malignancyProbability: arm == 0 ? nil : probability,
            prior: arm < 2 ? nil : min(max(probability + 0.1 * u(index, item, 5), 0), 1),
            lesionFraction: isNormal ? 0 : size,
            predictedFraction: isNormal ? (miss ? 0.01 : 0) : dice == 0 ? 0 : size * (0.6 + 0.5 * u(arm, item, 40)),
            imageArea: index == 0 ? 1600 : nil,
            category: index == 0 && !isNormal ? BIRADSCategory.allCases[2 + item % 7] : nil,
            features: arm < 2
                ? [:]
                : Dictionary(
                    uniqueKeysWithValues: Self.features.enumerated().map { ($1, 1 + u(index, item, 20 + $0)) }
                )
        )
    }

    func results() -> StudyResults {
        let cases = cases()
        let counts = datasets.map { dataset in
            PathologyCounts(
                cases.filter { $0.arm == "arm-0" && $0.seed == seeds[0] && $0.dataset == dataset.name }.map(\.pathology)
            )
        }
        return StudyResults(
            study: "center-a-to-others",
            question: "Does a BI-RADS consistency term keep multi-task training from harming segmentation elsewhere?",
            packageVersion: "0.1.0",
            timing: StudyTiming(
                startedAt: "2026-01-02T03:04:05Z",
                finishedAt: "2026-01-02T03:31:05Z",
                totalSeconds: 1620,
                trainings: armNames.flatMap { name in seeds.map { .init(arm: name, seed: $0, seconds: 512.4) } }
            ),
            machine: MachineDescription(
                processor: "Example CPU",
                instructionSet: "avx2",
                threads: 2,
                operatingSystem: "Linux"
            ),
            seeds: seeds,
            arms: armNames.enumerated().map {
                ArmDescription(name: $1, title: title($0), settings: "classification: \($0)\nconsistency: 0.5\n")
            },
            referenceArm: arms > 1 ? "arm-1" : nil,
            datasets: zip(datasets, counts).map { dataset, counts in
                DatasetDescription(
                    name: dataset.name,
                    role: dataset.role,
                    counts: counts,
                    evaluated: counts,
                    fingerprint: "sha256:0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
                )
            },
            split: SplitSummary(
                method: "By patient, stratified by pathology, seed 1.",
                parts: [
                    .init(name: "training", counts: PathologyCounts(benign: 124, malignant: 78), groups: 180),
                    .init(
                        name: "validation",
                        counts: PathologyCounts(normal: 1, benign: 30, malignant: 20),
                        groups: 51
                    ),
                ]
            ),
            trainings: trainings(),
            summaries: summaries(cases),
            comparisons: comparisons(cases),
            features: Self.features.enumerated().map { index, name in
                FeatureStatistics(
                    name: name,
                    title: [
                        "Elliptic-normalized circumference", "Depth-to-width ratio", "Circularity", "Margin sharpness",
                    ][index],
                    descriptor: ["margin", "orientation", "shape", "margin"][index],
                    sign: index < 2 ? 1 : -1,
                    benign: Self.moments(124, mean: 1 + 0.1 * Double(index), deviation: 0.2),
                    malignant: Self.moments(78, mean: 1.15 - 0.05 * Double(index), deviation: 0.3)
                )
            },
            methods: MethodDescription(
                emptyPolicy: "Truth and prediction empty: Dice 1; one of them empty: Dice 0. All images count.",
                thresholdRule:
                    "Pixel 0.5; malignancy by Youden's J on the source's validation part, never on a target.",
                modelSelection: "The epoch of best mean validation Dice.",
                interval: "95 % percentile bootstrap of the mean, 10 000 resamples of patients.",
                test: "Paired Wilcoxon signed-rank, zeros dropped, exact without ties up to n = 50.",
                correction: "Holm's step-down procedure over arms and data sets.",
                effectSize: "Matched-pairs rank-biserial correlation r, −1 to 1."
            ),
            notes: [
                StudyNote(.warning, "Two images of Center B look like images of Center C; they were kept."),
                StudyNote(.remark, "Images were letterboxed to 128 px; Dice is computed at native size."),
            ],
            configuration:
                "name: center-a-to-others\nseeds: [1]\narms:\n  - name: arm-0   # <segmentation> & nothing else\n"
        )
    }

    private static func moments(_ count: Int, mean: Double, deviation: Double) -> FeatureStatistics.Moments {
        FeatureStatistics.Moments(
            count: count,
            mean: mean,
            standardDeviation: deviation,
            quantiles: [-1.6, -0.7, 0, 0.7, 1.7].map { mean + $0 * deviation }
        )
    }

    private func trainings() -> [TrainingRecord] {
        armNames.enumerated().flatMap { arm, name in
            seeds.map { seed in
                let epochs = (1...40).map { epoch -> EpochRecord in
                    let t = Double(epoch) / 40
                    let noise = Self.uniform(arm, Int(seed), epoch) - 0.5
                    var losses = ["segmentation": 0.2 + 0.8 * exp(-4 * t) + 0.03 * noise]
                    if arm > 0 { losses["classification"] = 0.3 + 0.4 * exp(-2 * t) + 0.04 * noise }
                    if arm > 1 { losses["consistency"] = epoch < 5 ? 0 : 0.05 + 0.1 * exp(-3 * t) }
                    losses["total"] = losses.values.sorted().reduce(0, +)
                    return EpochRecord(
                        epoch: epoch,
                        losses: losses,
                        validationDice: 0.78 - 0.02 * Double(arm) - 0.6 * exp(-6 * t) + 0.05 * noise,
                        validationAUROC: arm == 0 ? nil : epoch == 7 ? .nan : 0.85 - 0.3 * exp(-3 * t) + 0.04 * noise,
                        learningRate: 0.0005 * (1 + cos(.pi * t))
                    )
                }
                let weights = Dictionary(
                    uniqueKeysWithValues: Self.features.enumerated().map { ($1, 0.2 + Self.uniform($0, Int(seed))) }
                )
                return TrainingRecord(
                    arm: name,
                    seed: seed,
                    epochs: epochs,
                    bestEpoch: 31 + arm,
                    malignancyThreshold: arm == 0 ? nil : 0.42,
                    prior: arm < 2 ? nil : LearnedPrior(bias: -0.31, weights: weights)
                )
            }
        }
    }

    private func summaries(_ cases: [CaseResult]) -> [EvaluationSummary] {
        let choices: [UInt64?] = seeds.count > 1 ? [nil] + seeds.map { $0 } : seeds.map { $0 }
        // Once, not for every choice: a large study has some ten thousand rows.
        let byArm = Dictionary(grouping: cases, by: \.arm).mapValues { Dictionary(grouping: $0, by: \.dataset) }
        return armNames.flatMap { arm in
            datasets.flatMap { dataset in
                let own = byArm[arm]?[dataset.name] ?? []
                return choices.map { seed in
                    let rows = seed == nil ? own : own.filter { $0.seed == seed }
                    return EvaluationSummary(
                        arm: arm,
                        seed: seed,
                        dataset: dataset.name,
                        cases: dataset.cases,
                        dice: Self.summary(rows.map(\.dice), overSeeds: seed == nil ? 0.012 : nil),
                        iou: Self.summary(rows.map(\.iou), overSeeds: seed == nil ? 0.014 : nil),
                        detection: DetectionSummary([LesionCounts(found: 3, missed: 1, invented: 2)]),
                        emptyCases: rows.count { $0.dice == 0 },
                        malignancy: arm == "arm-0" ? nil : Self.malignancy(rows, overSeeds: seed == nil ? 0.031 : nil)
                    )
                }
            }
        }
    }

    private static func malignancy(_ rows: [CaseResult], overSeeds deviation: Double?) -> MalignancySummary {
        let positive = rows.filter { $0.pathology == .malignant }.compactMap(\.malignancyProbability)
        let negative = rows.filter { $0.pathology == .benign }.compactMap(\.malignancyProbability)
        let threshold = 0.42
        guard !positive.isEmpty && !negative.isEmpty else {
            return MalignancySummary(cases: rows.count, malignant: positive.count, auroc: nil, threshold: threshold)
        }
        // Both in order, each lesion's wins go on where the last one's ended.
        var (wins, below) = (0.0, 0)
        let ordered = negative.sorted()
        for probability in positive.sorted() {
            while below < ordered.count, ordered[below] < probability { below += 1 }
            wins += Double(below)
        }
        let area = wins / Double(positive.count * negative.count)
        return MalignancySummary(
            cases: rows.count,
            malignant: positive.count,
            auroc: area,
            aurocInterval: ConfidenceInterval(low: area - 0.06, high: min(area + 0.06, 1)),
            aurocStandardDeviationOverSeeds: deviation,
            auprc: 0.5,
            threshold: threshold,
            sensitivity: Double(positive.count { $0 >= threshold }) / Double(positive.count),
            specificity: Double(negative.count { $0 < threshold }) / Double(negative.count),
            calibrationError: 0.08,
            brierScore: 0.19
        )
    }

    private func comparisons(_ cases: [CaseResult]) -> [ArmComparison] {
        guard arms > 1 else { return [] }
        return armNames.enumerated().filter { $1 != "arm-1" }.flatMap { index, arm in
            datasets.enumerated().map { position, dataset in
                let p = [0.00001, 0.034, 0.41, .nan][(index + position) % 4]
                let across = [0.0004, 0.21, 1, .nan][(index + position) % 4]
                let difference = [0.08, -0.03, 0.004, 0][(index + position) % 4]
                return ArmComparison(
                    arm: arm,
                    reference: "arm-1",
                    dataset: dataset.name,
                    pairs: dataset.cases,
                    meanDifference: difference,
                    interval: ConfidenceInterval(low: difference - 0.02, high: difference + 0.02),
                    pValue: p / 2,
                    adjustedPValue: p,
                    effectSize: p.isNaN ? nil : difference * 4,
                    acrossSeeds: seeds.count > 1
                        ? SeedComparison(
                            seeds: seeds.count,
                            interval: ConfidenceInterval(low: difference - 0.05, high: difference + 0.05),
                            pValue: across / 2,
                            adjustedPValue: across
                        ) : nil
                )
            }
        }
    }

    private static func summary(_ values: [Double], overSeeds between: Double?) -> MetricSummary {
        let finite = values.filter(\.isFinite).sorted()
        let n = Double(finite.count)
        let mean = finite.reduce(0, +) / n
        let deviation = (finite.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / (n - 1)).squareRoot()
        return MetricSummary(
            count: finite.count,
            mean: mean,
            standardDeviation: deviation,
            median: finite.isEmpty ? .nan : finite[finite.count / 2],
            interval: ConfidenceInterval(
                low: mean - 1.96 * deviation / n.squareRoot(),
                high: mean + 1.96 * deviation / n.squareRoot()
            ),
            standardDeviationOverSeeds: between
        )
    }

    /// Speckled pictures with two ellipses drawn on them.
    func images() throws -> [ReportImage] {
        try armNames.enumerated().flatMap { arm, name in
            try datasets.enumerated().flatMap { index, dataset in
                try [ReportImage.Rank.worst, .median, .best].enumerated().map { order, rank in
                    ReportImage(
                        arm: name,
                        dataset: dataset.name,
                        rank: rank,
                        caseID: "case\(order)\(index)7",
                        dice: [0.04, 0.81, 0.95][order],
                        caption: order == 0 ? "malignant, p = 0.81" : "benign, p = 0.12",
                        png: try Self.picture(shift: [26, 7, 2][order] + arm, height: 80 + 10 * index)
                    )
                }
            }
        }
    }

    private static func picture(shift: Int, height: Int) throws -> Data {
        let width = 110
        func ellipse(_ x: Double, _ y: Double) -> Mask {
            var mask = Mask(emptyWithWidth: width, height: height)
            for row in 0..<height {
                for column in 0..<width {
                    let (dx, dy) = ((Double(column) - x) / 21, (Double(row) - y) / 14)
                    mask[column, row] = dx * dx + dy * dy < 1
                }
            }
            return mask
        }
        let truth = ellipse(50, Double(height) / 2)
        let prediction = ellipse(50 + Double(shift) / 2, Double(height) / 2 + Double(shift) / 6)
        var image = GrayImage(width: width, height: height)
        for row in 0..<height {
            for column in 0..<width {
                let speckle = uniform(row, column)
                image[column, row] = Float(speckle * (truth[column, row] ? 0.25 : 0.9))
            }
        }
        return try ColorImage(image).overlaid(truth: truth, prediction: prediction, thickness: 1).pngData()
    }
}

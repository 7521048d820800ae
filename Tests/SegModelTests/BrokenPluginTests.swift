import SegCore
import SegLayers
import SegTensor
import SegTestKit
import Testing

/// A head that breaks one rule at a time.
private final class FaultyHead: TaskHead {
    enum Fault: String, Codable, Sendable {
        case none, silent, meddling, shape, nanWithoutTruth, perImageLoss, needsOutputs, overflow, blind, wrongGradient
        case hiddenState, noLoss, hiddenParameter, hiddenInLoss, countsSteps, remembersInference, lastImage, lossCounts
        case lossRemembers, hiddenInLossState, lossOrder, sharedMemory
        case reportNothing, reportCount, reportLonger, reportBatch, reportPlace, reportName, reportTitle, reportTwice
        case reportNaN, reportCounts, reportHidden, reportRemembers, reportMoves, reportForAll, reportLeaks
        case reportSometimes, reportMapSize, reportMapNaN
        case readsOthers, readsStrange, statesInVain, hidesLevels
    }

    struct Settings: PluginSettings {
        var fault = Fault.none
    }

    static let name = "faulty"
    static let summary = "Breaks the rule that it is told to break"

    private let fault: Fault
    private let linear: Linear
    private let hidden: Float
    private let secret = Parameter(.ones([]))
    private var steps: Float = 0
    private var remembered: Float?
    // Broken on purpose: what all instances share, as a careless plugin does.
    nonisolated(unsafe) private static var common: Float = 0
    nonisolated(unsafe) private static var reported: Float = 0

    var reads: Set<Outputs.Key> {
        switch fault {
        case .readsOthers: [.lesion, .malignancy]
        case .readsStrange: ["strange"]
        default: []
        }
    }

    var finestLevel: Int? { fault == .hidesLevels ? nil : 0 }

    var provides: Set<Outputs.Key> { fault == .statesInVain ? [.malignancy, "more"] : [.malignancy] }

    init(_ settings: Settings, backbone: PyramidOutline, initializer: inout WeightInitializer) throws {
        fault = settings.fault
        linear = Linear(inputs: backbone.bottleneckChannels, outputs: 1, initializer: &initializer)
        hidden = initializer.normal([], deviation: 1).item
        if fault == .reportForAll { Self.reported = hidden }
    }

    func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {
        if fault == .meddling { for key in outputs.keys { outputs[key] = outputs[key].map { $0 + 1 } } }
        guard fault != .silent else { return }
        var pooled = features.bottleneck.globalAveragePooled()
        if fault == .blind { pooled = pooled.detached }
        if fault == .wrongGradient { pooled = pooled.detached.recorded(from: [pooled]) { [-$0] } }
        var logits = linear(pooled)
        if fault == .hiddenState { logits = logits * hidden }
        logits = spoiled(logits, phase)
        // Of a head that reads: what it reads is there, and taken as a constant.
        if fault == .readsOthers, let mask = outputs[.lesion], let other = outputs[.malignancy] {
            logits = logits + (mask.mean(over: [1, 2, 3]) + other).detached.reshaped(to: [logits.shape[0], 1])
        }
        if fault == .hidesLevels {
            logits = logits + features.dense.mean(over: [1, 2, 3]).reshaped(to: [logits.shape[0], 1])
        }
        if fault == .readsStrange { logits = logits + (outputs["strange"] ?? Tensor(.nan)) }
        outputs[.malignancy] = fault == .shape ? logits : logits.reshaped(to: [logits.shape[0]])
    }

    private func spoiled(_ logits: Tensor, _ phase: Phase) -> Tensor {
        let count = logits.shape[0]
        switch (fault, phase) {
        case (.hiddenParameter, _): return logits * secret.tensor
        case (.countsSteps, .training):
            steps += 1
            return logits * (1 / steps)
        case (.remembersInference, .inference):
            remembered = logits.mean().item
            return logits
        case (.remembersInference, .training): return logits + (remembered ?? 0)
        case (.lastImage, .inference) where count > 1:
            let parts = (0..<count).map { logits.sliced(0, $0..<$0 + 1) }
            return Tensor.concatenated(parts.dropLast() + [parts[count - 1] + parts[0]], along: 0)
        case (.sharedMemory, .training):
            Self.common = logits.mean().item
            return logits
        case (.sharedMemory, .inference): return logits + Self.common
        default: return logits
        }
    }

    func report(_ outputs: Outputs, _ batch: Batch) -> [CaseReport] {
        guard let logits = outputs[.malignancy] else { return [] }
        var values = logits.sigmoid().values().map { Double($0) as Double? }
        let mean = values.compactMap(\.self).reduce(0, +) / Double(values.count)
        let truth = batch.pathologies.map { pathology in pathology.map { $0 == .malignant ? 1.0 : 0 } }
        var classes = values.map { ($0 ?? 0) > 0.5 ? "high" : "low" as String? }
        var name = "risk"
        switch fault {
        case .reportCount: values.removeLast()
        case .reportLonger: values.append(1)
        case .reportBatch: values = values.map { ($0 ?? 0) / (values[0] ?? 1) }
        case .reportPlace: values = values.enumerated().map { Double($0) + ($1 ?? 0) }
        case .reportName: name = "a risk"
        case .reportTitle: name = "risk-title"
        case .reportNaN: values[0] = .nan
        case .reportCounts:
            steps += 1
            values = values.map { ($0 ?? 0) * Double(steps) }
        case .reportHidden: values = values.map { ($0 ?? 0) + Double(hidden) }
        case .reportRemembers:
            // The first batch decides for all later ones.
            remembered = remembered ?? Float(mean)
            values = values.map { ($0 ?? 0) - Double(remembered ?? 0) }
        case .reportMoves: linear.weight.value = linear.weight.value * 1.01
        case .reportForAll: values = values.map { ($0 ?? 0) + Double(Self.reported) }
        case .reportLeaks: classes = batch.pathologies.map { $0?.rawValue ?? "unknown" }
        case .reportSometimes where truth.contains(nil): return []
        default: break
        }
        var reports = [CaseReport(name, numbers: values, truth: truth), CaseReport("class", classes: classes)]
        if fault == .reportTitle { reports[0].title = "two\nlines" }
        if fault == .reportTwice { reports.append(reports[0]) }
        let size = fault == .reportMapSize ? 3 : batch.masks.shape[2]
        reports.append(
            CaseReport(
                "doubt",
                maps: Tensor(repeating: fault == .reportMapNaN ? .nan : 0.5, shape: [batch.count, 1, size, size])
            )
        )
        return fault == .reportNothing ? [] : reports
    }

    func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? {
        if fault == .noLoss { return nil }
        guard let logits = outputs[.malignancy] else { return fault == .needsOutputs ? Tensor(0) : nil }
        if fault == .overflow {
            return (logits * logits * logits).exp().mean()
        }
        var errors = (logits.sigmoid() - batch.malignancy).squared()
        switch fault {
        case .hiddenInLoss: errors = errors * secret.tensor
        case .hiddenInLossState: errors = errors * hidden
        case .lossCounts:
            steps += 1
            errors = errors * steps
        case .lossRemembers:
            // The first batch decides for all later ones.
            remembered = remembered ?? (1 + batch.masks.mean().item)
            errors = errors * (remembered ?? 1)
        case .lossOrder: errors = errors * Tensor((0..<batch.count).map { Float($0) }, shape: [batch.count])
        default: break
        }
        if fault == .perImageLoss { return errors }
        if fault == .nanWithoutTruth { return errors.sum() * (0 / (batch.masks.sum() * 0)) / batch.masks.sum() }
        return errors.mean()
    }

    func visit(_ visitor: inout ModuleVisitor) { visitor.part("linear", linear) }
}

/// A term that breaks one rule at a time.
private final class FaultyTerm: ConsistencyTerm {
    enum Fault: String, Codable, Sendable {
        case none, silent, needsOutputs, nanWhenEmpty, wrongGradient, hiddenState, forgetful, unusedParameter, order
        case reportCount, reportBatch, constant, throwing
        case hiddenParameter, hiddenEarly, hiddenReport, hiddenLearned, sharedStatistics, firstBatch
        case observesIntoBuffer, observesBeside, observesForReport, observesForAll, observesLogarithm, observesWeights
        case observesCalls, diagnosisOfNone, diagnosisTwice, diagnosisTaken, diagnosisCounts, diagnosisHidden
        case diagnosisLast, diagnosisLines, diagnosisMoves
    }

    struct Settings: PluginSettings {
        var fault = Fault.none
    }

    static let name = "faulty"
    static let summary = "Breaks the rule that it is told to break"

    private let fault: Fault
    private let scale = Parameter(.ones([]))
    private let spare = Parameter(.ones([1]))
    private let meanArea = ModuleBuffer([0])
    private var hidden: Float = 0
    private var calls: Float = 0
    private let secret = Parameter(.ones([]))
    private var first: Float?
    private let followed = ModuleBuffer([0])
    private var seen: Float = 0
    private var diagnoses: Float = 0
    // Broken on purpose: what all instances share, as a careless plugin does.
    nonisolated(unsafe) private static var common: Float = 0
    nonisolated(unsafe) private static var seenByAll: Float = 0

    init(_ settings: Settings) throws {
        fault = settings.fault
    }

    func prepare(_ trainingBatches: [Batch]) throws {
        if fault == .throwing { throw SegmentationError("fault", "is thrown", cure: "choose another") }
        meanArea.values = [trainingBatches.map { $0.masks.mean().item }.reduce(0, +) / Float(trainingBatches.count)]
        hidden = meanArea.values[0]
        if fault == .sharedStatistics { Self.common = hidden }
    }

    func observe(_ outputs: Outputs, _ batch: Batch) {
        guard let area = outputs.lesionProbability?.mean().item else { return }
        switch fault {
        case .observesIntoBuffer: followed.values = [0.9 * followed.values[0] + 0.1 * area]
        case .observesBeside, .observesForReport: seen = 0.9 * seen + 0.1 * area
        case .observesForAll: Self.seenByAll = area
        case .observesLogarithm: followed.values = [Tensor(area - 1e-6).log().item]
        case .observesWeights: scale.value = scale.value * 1.01
        case .observesCalls: followed.values[0] += calls
        default: break
        }
    }

    func diagnosis(_ cases: [TermCase], _ progress: TrainingProgress) -> TermDiagnosis {
        let malignancies = cases.compactMap(\.malignancy)
        let mean = malignancies.reduce(0, +) / Float(malignancies.count)
        var result = TermDiagnosis()
        if !malignancies.isEmpty || fault == .diagnosisOfNone { result.figures.append(("mean-malignancy", mean)) }
        switch fault {
        case .diagnosisTwice: result.figures += [("mean-malignancy", 1), ("mean-malignancy", 1)]
        case .diagnosisTaken: result.figures.append(("gradient-share-lesion", 1))
        case .diagnosisCounts:
            diagnoses += 1
            result.figures.append(("number", diagnoses))
        case .diagnosisHidden: result.figures.append(("area", hidden))
        case .diagnosisLast: result.figures.append(("last", malignancies.last ?? 0))
        case .diagnosisLines: result.warning = "two\nlines"
        case .diagnosisMoves: meanArea.values[0] += 1
        default: break
        }
        return result
    }

    func penalty(_ outputs: Outputs, _ batch: Batch, _ progress: TrainingProgress) -> Tensor? {
        calls += 1
        guard fault != .silent, let mask = outputs.lesionProbability, let p = outputs.malignancyProbability else {
            return fault == .needsOutputs ? Tensor(.nan) : nil
        }
        let area = mask.mean(over: [1, 2, 3])
        if fault == .nanWhenEmpty { return ((area - 1e-6).log() - p).squared().mean() }
        var excess = area - (fault == .hiddenState ? hidden : meanArea.values[0]) - followed.values[0]
        if fault == .observesBeside { excess = excess - seen }
        if fault == .observesForAll { excess = excess - Self.seenByAll }
        if fault == .wrongGradient { excess = excess.detached.recorded(from: [excess]) { [-$0] } }
        if fault == .constant { excess = excess.detached }
        var errors = (p - (4 * excess * scale.tensor).sigmoid()).squared()
        if fault == .constant { errors = errors.detached }
        switch fault {
        // The same in every instance, so that copies of state tell nothing.
        case .hiddenParameter: errors = errors * secret.tensor
        case .hiddenEarly where progress.epoch < 10: errors = errors * secret.tensor
        case .sharedStatistics: errors = errors * Self.common
        case .firstBatch:
            first = first ?? (1 + batch.masks.mean().item)
            errors = errors * (first ?? 1)
        default: break
        }
        if fault == .forgetful { errors = errors * calls }
        if fault == .order { errors = errors * Tensor((0..<batch.count).map { Float($0) }, shape: [batch.count]) }
        return errors.mean()
    }

    func report(_ outputs: Outputs, _ batch: Batch) -> [(name: String, values: [Float])] {
        guard let mask = outputs.lesionProbability else { return [] }
        var areas = mask.mean(over: [1, 2, 3]).values()
        if fault == .hiddenReport { areas = areas.map { $0 - hidden } }
        if fault == .observesForReport { areas = areas.map { $0 - seen } }
        if fault == .reportCount { areas.removeLast() }
        if fault == .reportBatch { areas = areas.map { $0 / areas[0] } }
        return [("area", areas)]
    }

    func learnedValues() -> [(name: String, value: Float)] {
        [("mean area", fault == .hiddenLearned ? hidden : meanArea.values[0])]
    }

    func visit(_ visitor: inout ModuleVisitor) {
        if fault != .constant { visitor.parameter("scale", scale) }
        if fault == .unusedParameter { visitor.parameter("spare", spare) }
        visitor.buffer("meanArea", meanArea)
        visitor.buffer("followed", followed)
    }
}

private struct FaultySettings: PluginSettings {
    var limit: Int?
    var name = "x"
}

/// A term whose name cannot stand in a path, and one of whose settings cannot be written down.
private final class UnnamedTerm: ConsistencyTerm {
    static let name = "two words.dotted"
    static let summary = " "

    init(_ settings: FaultySettings) throws {}

    func penalty(_ outputs: Outputs, _ batch: Batch, _ progress: TrainingProgress) -> Tensor? {
        guard let mask = outputs.lesionProbability else { return nil }
        return mask.mean()
    }
}

@Suite("The suites for heads and terms notice")
struct BrokenPluginTests {
    @Test(
        "a head's broken rule",
        arguments: [
            (.none, []),
            (.silent, ["predicts"]),
            (.readsOthers, []),
            (.readsStrange, ["reads"]),
            (.statesInVain, ["predicts"]),
            (.hidesLevels, ["finest-level"]),
            (.meddling, ["predicts"]),
            (.shape, ["shapes"]),
            (.noLoss, ["loss-applies"]),
            (.perImageLoss, ["loss-is-scalar", "loss-without-truth"]),
            (.needsOutputs, ["loss-without-outputs"]),
            (.overflow, ["loss-of-extremes"]),
            (.blind, ["reads-features"]),
            (.wrongGradient, ["gradient-agrees"]),
            (.hiddenState, ["state-is-shown"]),
            (.hiddenParameter, ["parameters-are-shown"]),
            (.hiddenInLoss, ["parameters-are-shown"]),
            (.hiddenInLossState, ["state-is-shown"]),
            (.countsSteps, ["state-is-shown"]),
            (.remembersInference, ["inference-keeps-state"]),
            (.lastImage, ["inference-alone"]),
            (.sharedMemory, ["instances-are-separate"]),
            (.lossRemembers, ["loss-repeats"]),
            (.lossOrder, ["order-does-not-matter"]),
            (.reportNothing, []),
            (.reportCount, ["report-shape"]),
            (.reportLonger, ["report-shape"]),
            (.reportName, ["report-names"]),
            (.reportTitle, ["report-names"]),
            (.reportTwice, ["report-names"]),
            (.reportNaN, ["report-is-finite"]),
            (.reportMapSize, ["report-shape"]),
            (.reportMapNaN, ["report-is-finite"]),
            (.reportBatch, ["report-alone"]),
            (.reportPlace, ["report-alone"]),
            (.reportSometimes, ["report-alone"]),
            (.reportCounts, ["report-repeats"]),
            (.reportRemembers, ["report-repeats"]),
            (.reportHidden, ["state-is-shown"]),
            (.reportMoves, ["report-keeps-state"]),
            (.reportForAll, ["state-is-shown", "instances-are-separate"]),
            (.reportLeaks, ["report-without-truth"]),
        ] as [(FaultyHead.Fault, Set<String>)]
    )
    fileprivate func head(_ fault: FaultyHead.Fault, _ rules: Set<String>) {
        #expect(Set(checkTaskHead(FaultyHead.self, settings: .init(fault: fault)).map(\.rule)) == rules)
    }

    @Test("a head that reads what only its author can give")
    func others() {
        let failures = checkTaskHead(
            FaultyHead.self,
            settings: .init(fault: .readsStrange),
            others: { ["strange": $0.bottleneck.mean(over: [1, 2, 3]).reshaped(to: [$0.bottleneck.shape[0], 1])] }
        )
        #expect(failures == [])
    }

    @Test("a head whose loss changes with every call")
    func countedLoss() {
        let rules = checkTaskHead(FaultyHead.self, settings: .init(fault: .lossCounts)).map(\.rule)
        #expect(rules.contains("loss-repeats"))
    }

    @Test("a head whose loss is NaN")
    func notFinite() {
        let rules = checkTaskHead(FaultyHead.self, settings: .init(fault: .nanWithoutTruth)).map(\.rule)
        #expect(rules.contains("loss-is-scalar") && rules.contains("loss-without-truth"))
    }

    @Test(
        "a term's broken rule",
        arguments: [
            (.none, []),
            (.silent, ["penalty-applies"]),
            (.needsOutputs, ["penalty-without-outputs"]),
            (.nanWhenEmpty, ["penalty-of-extremes", "parameters-learn"]),
            (.wrongGradient, ["gradient-agrees"]),
            (.hiddenState, ["state-is-shown"]),
            (.forgetful, ["penalty-repeats", "prepare-repeats", "state-is-shown", "order-does-not-matter"]),
            (.unusedParameter, ["parameters-learn"]),
            (.order, ["order-does-not-matter"]),
            (.constant, ["ties-outputs"]),
            (.reportCount, ["report-shape"]),
            (.reportBatch, ["report-alone"]),
            (.throwing, ["initializes"]),
            (.hiddenParameter, ["parameters-are-shown"]),
            (.hiddenEarly, ["parameters-are-shown"]),
            (.hiddenReport, ["state-is-shown"]),
            (.hiddenLearned, ["state-is-shown"]),
            (.sharedStatistics, ["instances-are-separate"]),
            (.firstBatch, ["prepare-repeats", "state-is-shown"]),
            (.observesIntoBuffer, []),
            (.observesBeside, ["state-is-shown"]),
            (.observesForReport, ["state-is-shown"]),
            (.observesForAll, ["instances-are-separate"]),
            (.observesLogarithm, ["observe-of-extremes"]),
            (.observesWeights, ["observe-keeps-parameters"]),
            (.observesCalls, ["observe-repeats"]),
            (.diagnosisOfNone, ["diagnosis-shape"]),
            (.diagnosisTwice, ["diagnosis-shape"]),
            (.diagnosisTaken, ["diagnosis-shape"]),
            (.diagnosisLines, ["diagnosis-shape"]),
            (.diagnosisCounts, ["diagnosis-repeats", "state-is-shown", "order-does-not-matter"]),
            (.diagnosisHidden, ["state-is-shown"]),
            (.diagnosisLast, ["order-does-not-matter"]),
            (.diagnosisMoves, ["diagnosis-keeps-state", "observe-repeats"]),
        ] as [(FaultyTerm.Fault, Set<String>)]
    )
    fileprivate func term(_ fault: FaultyTerm.Fault, _ rules: Set<String>) {
        let found = Set(checkConsistencyTerm(FaultyTerm.self, settings: .init(fault: fault), imageSize: 16).map(\.rule))
        // A value that changes with every call cannot agree with differences of it either.
        #expect(found.subtracting(fault == .forgetful ? ["gradient-agrees"] : []) == rules)
    }

    @Test("a name that cannot stand in a path, and a setting that cannot be written down")
    func description() {
        let rules = Set(checkConsistencyTerm(UnnamedTerm.self, imageSize: 16).map(\.rule))
        #expect(rules == ["has-name", "has-summary", "settings-listed"])
    }
}

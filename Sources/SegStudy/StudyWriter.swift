import Foundation
import SegConfiguration
import SegCore
import SegData
import SegFiles
import SegImageIO
import SegInterop
import SegManuscript
import SegMetrics
import SegPages
import SegReport
import SegResults
import SegScoring
import SegTraining

/// Puts a study's trainings together and writes its files.
struct StudyWriter {
    let study: StudyConfiguration
    let data: StudyData
    let folder: OutputFolder
    let tested: [TestedTraining]
    /// What came of arms whose models were used in another way too.
    let inferred: [TestedTraining]
    let features: [FeatureStatistics]
    let log: TestingLog
    /// What cases were judged by.
    let metrics: [NamedMetric]
    /// Sections of the report beside the library's own.
    let sections: [any ReportSection]
    /// The numbers that each arm's model has.
    let parameters: [String: Int]

    private static let significanceLevel = 0.05

    /// Writes `results.json`, `cases.csv`, `training.csv`, `split.json`, `table.tex`, `report.html` and TensorBoard's runs.
    func write(started: Date) throws -> StudyRunner.Outcome {
        let cases = (tested + inferred).flatMap(\.cases)
        let results = try results(started: started)
        let table = CaseTable(cases, results: results)
        try AtomicFile.write(
            Data(table.csv(for: study.isSpreadsheetSafe ? .spreadsheets : .programs).utf8),
            to: folder.cases
        )
        let curves = TrainingCurves(tested.map(\.training), hasFolds: study.train.split.foldCount != nil)
        try AtomicFile.write(Data(curves.csv.utf8), to: folder.curves)
        let report = HTMLReport.render(
            results: results,
            cases: cases,
            images: try images(),
            contours: [.truth, .prediction] + data.labels.enumerated().flatMap { Self.contours($0, $1) },
            sections: ReportSections.standard(with: sections)
        )
        try AtomicFile.write(Data(report.utf8), to: folder.report)
        try data.splitFile.write(to: folder.split)
        try AtomicFile.write(Data(latexTable(results).utf8), to: folder.table)
        let manuscript = Manuscript(results)
        try AtomicFile.write(Data(manuscript.methods.utf8), to: folder.methods)
        try AtomicFile.write(Data(manuscript.findings.utf8), to: folder.findings)
        try AtomicFile.write(Data(manuscript.claim.utf8), to: folder.checklist)
        for result in tested {
            let run = folder.tensorBoard(result.training.key.name)
            try TensorBoardEvents(result.training, start: started.timeIntervalSince1970, seconds: result.seconds)
                .write(toRun: run)
        }
        if let text = try results.choice?.file(of: study) {
            try AtomicFile.write(Data(text.utf8), to: folder.choice)
        } else if results.choice != nil {
            // What an earlier run of this study chose.
            try? FileManager.default.removeItem(at: folder.choice)
        }
        // Last, so that results are there only when everything else is.
        try AtomicFile.write(results.jsonData(), to: folder.results)
        return StudyRunner.Outcome(results: results, cases: table.rows, folder: folder.url, report: folder.report)
    }

    private func results(started: Date) throws -> StudyResults {
        let tests = (tested + inferred).map { (training: $0.training, cases: $0.cases, emptyCases: $0.emptyCases) }
        let statistics = StudyStatistics(
            tests,
            seeds: study.seeds,
            resamples: study.metrics.bootstrapResamples,
            metrics: metrics.map { MetricDescription($0) },
            prevalence: study.metrics.prevalence,
            adjustsArmsTogether: study.metrics.adjustment == .datasetsAndArms
        )
        let datasets = data.evaluated.map { evaluated in
            var description = evaluated.description
            description.population = Population(
                evaluated.records,
                cases: tested.first?.cases ?? [],
                of: description.name
            )
            return description
        }
        let names = datasets.map(\.name)
        let arms = try study.armDescriptions
        let seeds: [UInt64?] = study.seeds.map { $0 } + (study.seeds.count > 1 ? [nil] : [])
        let summaries = try arms.flatMap { arm in
            try names.flatMap { name in
                try seeds.compactMap { try statistics.summary(arm.name, name, seed: $0) }
            }
        }
        // A single arm is what its own models used otherwise are compared with.
        let reference = study.reference ?? (arms.count > 1 ? study.arms[0].name : nil)
        let comparisons = try reference.map {
            try statistics.comparisons(
                arms: arms.map(\.name),
                reference: $0,
                datasets: names,
                family: Set(testedDatasets.map(\.name))
            )
        }
        // The source's own images come first: its validation part, or all of them where folds held each out once.
        let choice = study.choice.map { StudyChoice($0, summaries: summaries, source: names[0]) }
        var results = StudyResults(
            study: study.study,
            question: study.question,
            packageVersion: segmentationKitVersion,
            trainingVersion: FinishedTraining.currentTraining,
            commit: segmentationKitCommit,
            timing: timing(started: started),
            machine: MachineDescription.current,
            seeds: study.seeds,
            folds: study.train.split.foldCount,
            includes: study.includes.isEmpty ? nil : study.includes.map(IncludedFile.init),
            choice: choice,
            arms: arms,
            referenceArm: reference,
            datasets: datasets,
            skippedDatasets: data.skipped.isEmpty ? nil : data.skipped,
            externalEvaluation: evaluation,
            split: data.splitSummary,
            audit: data.audit,
            trainings: tested.map(\.training),
            summaries: summaries,
            comparisons: comparisons ?? [],
            agreements: try PriorAgreement.all(tests, arms: arms.map(\.name), seeds: study.seeds),
            predictions: PredictionSummary.all(
                (tested + inferred).flatMap(\.cases),
                arms: arms.map(\.name),
                datasets: names
            ),
            maps: maps.isEmpty ? nil : maps,
            metrics: ownMetrics.isEmpty ? nil : ownMetrics,
            interference: try InterferenceSummary(tested.map(\.training), study),
            features: features,
            methods: methods,
            notes: StudyNotes(study: study, data: data, tested: tested, evaluation: evaluation, choice: choice).all,
            configuration: try study.yaml
        )
        try addFigures(to: &results, statistics)
        return results
    }

    /// Figures of parts of the data sets and of all of them together, and the size of each arm's model.
    private func addFigures(to results: inout StudyResults, _ statistics: StudyStatistics) throws {
        let (arms, names) = (results.arms.map(\.name), results.datasets.map(\.name))
        let subgroups = try statistics.subgroups(arms: arms, datasets: names)
        let pooled = try statistics.pooled(
            arms: arms,
            reference: results.referenceArm,
            datasets: results.datasets.filter { $0.role == .external }.map(\.name),
            comparisons: results.comparisons
        )
        let selection = try statistics.selection(
            arms: arms,
            datasets: names,
            validation: results.datasets.first { $0.role == .source }?.name
        )
        results.subgroups = subgroups.isEmpty ? nil : subgroups
        results.pooled = pooled.isEmpty ? nil : pooled
        results.selection = selection.isEmpty ? nil : selection
        for index in results.arms.indices {
            let arm = results.arms[index]
            results.arms[index].parameters = parameters[arm.derivedFrom ?? arm.name]
        }
    }

    private func timing(started: Date) -> StudyTiming {
        let finished = Date()
        return StudyTiming(
            startedAt: started.ISO8601Format(),
            finishedAt: finished.ISO8601Format(),
            totalSeconds: finished.timeIntervalSince(started),
            trainings: tested.map {
                .init(arm: $0.training.arm, seed: $0.training.seed, fold: $0.training.fold, seconds: $0.seconds)
            },
            externalsEvaluatedAt: hasExternals ? log.passes.first?.startedAt : nil
        )
    }

    /// The metrics that not every study has.
    private var ownMetrics: [MetricDescription] { metrics.filter { !$0.isStandard }.map { MetricDescription($0) } }

    private var hasExternals: Bool { data.evaluated.contains { $0.description.role == .external } }

    private var evaluation: ExternalEvaluation? {
        guard hasExternals else { return nil }
        let late = tested.filter {
            log.isLate(
                $0.training.key.name,
                model: $0.model,
                plan: data.plan(ofArm: $0.training.arm)
            )
        }.map(\.training)
        return ExternalEvaluation(
            trainedBefore: tested.count - late.count,
            trainedAfterwards: late.map { .init(arm: $0.arm, fold: $0.fold, seed: $0.seed) }
        )
    }

    /// When the external sets were evaluated, in a sentence.
    private var testing: String {
        guard let evaluation else { return "" }
        return evaluation.trainedAfterwards.isEmpty
            ? " Every training was fixed before the external sets were first evaluated, and each model was evaluated on them "
                + "once, after its training and its choices had ended."
            : " The external sets were first evaluated when \(evaluation.trainedBefore) of \(tested.count) trainings were fixed; "
                + "the others are named in the notes."
    }

    /// What is tested on and had no part in any choice: the hypotheses of a study.
    private var testedDatasets: [DatasetDescription] {
        data.evaluated.map(\.description).filter { $0.role != .source }
    }

    private var hasSeveralTests: Bool { study.seeds.count > 1 || study.train.split.foldCount != nil }

    /// What a case's values are averaged over.
    private var trainings: String {
        study.train.split.foldCount == nil ? "the seeds" : "the folds and seeds that tested it"
    }

    private var correction: String {
        let count = testedDatasets.count
        var family =
            count == 1
            ? "One data set, so that nothing is adjusted"
            : "Holm over the \(count) data sets tested on, for each arm and metric"
        if study.metrics.adjustment == .datasetsAndArms, study.arms.count > 2 {
            family = "Holm over the data sets tested on and all arms, for each metric"
        }
        guard count < data.evaluated.count else { return family + "." }
        let choosing = "p on the validation part of \(data.source.name), which served to choose, is not adjusted"
        return count == 0 ? "None: \(choosing)." : "\(family); \(choosing) and takes no part."
    }

    /// The metrics of cases that arms are compared by.
    private var comparedTitles: [String] {
        metrics.filter { $0.metric.places.contains(.comparisons) }.map(\.title)
    }

    /// Which epoch is kept.
    private static func description(of selection: Set<SelectionMetric>) -> String {
        let scores = selection.subtracting([.last]).map(\.rawValue).sorted().joined(separator: ", ")
        if scores.isEmpty { return "The last epoch." }
        let best = "The epoch with the best validation score (\(scores))"
        return selection.contains(.last) ? "\(best), or the last one, as each arm says." : "\(best)."
    }

    private var methods: MethodDescription {
        let folds = study.train.split.foldCount
        let selection = Set(study.arms.map(\.training.selectionMetric))
        return MethodDescription(
            emptyPolicy:
                "\(study.metrics.emptyMasks.rawValue): \(study.metrics.emptyMasks.policy.description). Of distances between "
                + "boundaries, what would earn a Dice of 0 counts as the image's diagonal.",
            hausdorff: study.metrics.hausdorff,
            boundaries: study.metrics.boundaryDescription,
            thresholdRule:
                "Both thresholds are chosen on the validation part of \(data.source.name) alone and kept for "
                + "every \(folds == nil ? "" : "held-out fold and every ")external set: for pixels the one of 0.05 to 0.95 "
                + "with the best mean Dice, for malignancy Youden's index.\(testing)",
            calibration: tested.contains(where: \.classifies)
                ? "Expected calibration error (ECE) over \(StudyStatistics.calibrationBinning.count) bins of equal width. "
                    + "Scaled: logits divided by one temperature for each training, fitted by maximum likelihood to the "
                    + "validation part of \(data.source.name) alone." : nil,
            modelSelection: Self.description(of: selection),
            interval: "Of means: 95 % bootstrap (BCa), \(study.metrics.bootstrapResamples) resamples of whole "
                + "patients, or of cases where patients are unknown. Of AUROC and its differences: DeLong, with the placements "
                + "of a patient's lesions summed (Obuchowski 1997)"
                + (hasSeveralTests ? " and averaged over \(trainings)." : ".")
                + " Of sensitivity, specificity and false alarms: Wilson, with the effective number of independent cases by "
                + "patient. Of AUPRC, calibration and predictive values: percentiles of resampled patients.",
            test:
                "\(NumberFormat.list(comparedTitles)): mean differences by flipping the signs of whole patients (exact up to 24 "
                + "patients), and ranks by Wilcoxon signed-rank, two-sided, pairs without difference dropped, exact up to 50 pairs "
                + "without ties, else the normal approximation; where patients have several images, signed ranks with "
                + "the signs of whole patients flipped. AUROC: DeLong, by patient."
                + (hasSeveralTests
                    ? " Each case's values (of malignancy: its placement, so that the AUROC is the mean of the trainings' own) "
                        + "are averaged over \(trainings) first." : "")
                + (study.seeds.count > 1
                    ? " These compare the trained models. Stars and verdicts go by p across seeds, which compares the "
                        + "methods, whose next training would differ: a quasi-F test over seeds and cases, for AUROC "
                        + "Obuchowski and Rockette's test with Hillis's degrees of freedom." : ""),
            correction: correction,
            effectSize: "Matched-pairs rank-biserial correlation r.",
            significanceLevel: Self.significanceLevel
        )
    }
}

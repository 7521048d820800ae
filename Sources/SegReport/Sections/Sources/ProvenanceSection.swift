import SegPages
import SegResults

/// Where everything came from, so that it can be made again.
struct ProvenanceSection: ReportSection {
    let id = "provenance"
    let title = "Provenance"

    func content(_ context: ReportContext) -> ReportContent? {
        let results = context.results
        var parts = ProvenanceOfData(results: results).parts
        parts.append(.heading("Trainings"))
        if !results.trainings.isEmpty { parts.append(.table(trainings(results))) }
        let machine = [
            results.machine.processor, results.machine.instructionSet,
            NumberFormat.plural(results.machine.threads, "thread"), results.machine.operatingSystem ?? "",
        ]
        parts += [
            .heading("Run"),
            .definitions([
                ("Version", version(results)),
                ("Settings included", (results.includes ?? []).map(\.sentence).joined(separator: "; ")),
                ("Seeds", results.seeds.map(String.init).joined(separator: ", ")),
                ("Machine", machine.filter { !$0.isEmpty }.joined(separator: ", ")),
                ("Started", results.timing.startedAt), ("Finished", results.timing.finishedAt),
                ("Wall time", NumberFormat.duration(results.timing.totalSeconds)),
                ("Configuration", "config.yaml next to this page, with every default; also in results.json"),
            ]),
        ]
        parts += results.arms.map { .file(title: "Settings of \($0.title)", text: $0.settings) }
        // A page that is sent alone can be repeated from.
        parts.append(.file(title: "Configuration as resolved", text: results.configuration))
        return ReportContent(parts)
    }

    private func version(_ results: StudyResults) -> String {
        let training = results.trainingVersion.map { "training \($0)" }
        let commit = results.commit.map { "commit \($0)" }
        return ["SegmentationKit \(results.packageVersion)", training, commit].compactMap(\.self).joined(
            separator: ", "
        )
    }

    private func trainings(_ results: StudyResults) -> ReportContent.Table {
        let rows = results.arms.flatMap { arm in
            results.trainings.filter { $0.arm == arm.name }.map { training -> [ReportContent.Cell] in
                let time = results.timing.trainings.first {
                    $0.arm == arm.name && $0.seed == training.seed && $0.fold == training.fold
                }
                let name = training.fold.map { "\(training.seed), fold \($0)" } ?? String(training.seed)
                let kept = training.bestEpoch.map(NumberFormat.count) ?? NumberFormat.missing
                let duration = time.map { NumberFormat.duration($0.seconds) } ?? NumberFormat.missing
                return [
                    .arm(arm.name), .init(name), .count(training.epochs.count), .init(kept),
                    .fixed(training.segmentationThreshold, 2), .fixed(training.malignancyThreshold), .init(duration),
                ]
            }
        }
        return ReportContent.Table(
            caption: "One row per arm and seed.",
            label: "Trainings",
            columns: [
                .init("Arm", .text), .init("Seed"), .init("Epochs"), .init("Kept epoch"),
                .init("Pixel threshold", explanation: "Probability from which a pixel counts as lesion"),
                .init("Malignancy threshold", explanation: "Probability from which a lesion counts as malignant"),
                .init("Wall time"),
            ],
            rows: rows
        )
    }
}

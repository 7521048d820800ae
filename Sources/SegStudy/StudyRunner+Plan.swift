import Foundation
import SegConfiguration
import SegCore
import SegInference
import SegPages
import SegReport
import SegSettings

extension StudyRunner {
    /// What a run would do, for a reader: the data sets, what each arm changes against the reference, and the trainings
    /// with how far each has come. No data are read.
    ///
    /// - Parameter selection: the share to list; the whole study if `nil`.
    ///
    /// - Throws: ``SegmentationError`` if the output folder is that of another study.
    public func plan(_ selection: StudySelection? = nil) throws -> String {
        let folder = try outputFolder()
        let trainings = Array(study.trainings.enumerated()).filter { selection?.trainings.contains($0.element) ?? true }
        let factors = [
            NumberFormat.plural(study.arms.count, "arm"),
            study.train.split.foldCount.map { NumberFormat.plural($0, "fold") },
            NumberFormat.plural(study.seeds.count, "seed"),
        ]
        var lines = [
            "Study \(study.study): \(factors.compactMap(\.self).joined(separator: " × ")) = "
                + NumberFormat.plural(study.trainings.count, "training"),
            "", "Data sets",
            "  \(label(study.train.dataset))  trained on",
        ]
        for dataset in study.test {
            let isSkipped = dataset.skipsIfMissing ? dataset.absence(environment: context.environment) : nil
            lines.append("  \(label(dataset))  tested on" + (isSkipped.map { ", but skipped: \($0)" } ?? ""))
        }
        lines += ["", study.reference.map { "Arms, and what each changes against \($0)" } ?? "Arms"]
        for arm in study.arms {
            lines.append("  \(arm.name)" + (arm.title == arm.name ? "" : "  \(arm.title)"))
            let differences = study.differences(of: arm, registry: context.registry)
            if arm.name == study.reference {
                lines.append("      the reference")
            } else if differences.isEmpty, study.reference != nil {
                lines.append("      nothing")
            }
            lines += differences.map { "      \($0)" }
            if let inferred = InferredArm(arm, of: study) {
                lines.append("      its models are judged once more as \(inferred.name): \(inferred.title)")
            }
        }
        lines += study.remarks.map { "  \($0)" }
        lines += ["", "Trainings, in \(folder.url.path)"]
        let width = String(study.trainings.count).count
        let titles = trainings.map(\.element.title.count).max() ?? 0
        for (index, key) in trainings {
            let number = String(index + 1)
            let padding = String(repeating: " ", count: width - number.count)
            let space = String(repeating: " ", count: titles - key.title.count + 2)
            lines.append("  \(padding)\(number)  \(key.title)\(space)\(state(of: key, in: folder))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func label(_ dataset: DatasetConfiguration) -> String {
        "\(dataset.name ?? dataset.dataset)  \(dataset.folder ?? dataset.settings.brief)"
    }

    /// How far a training has come, by the files that are there.
    private func state(of key: TrainingKey, in folder: OutputFolder) -> String {
        func exists(_ file: URL) -> Bool { FileManager.default.fileExists(atPath: file.path) }
        if let holder = FolderLock.holder(of: folder.lock(key.name)) { return "\(holder) is training or testing it" }
        if let finished = FinishedTraining.read(folder.finishedTraining(key.name)),
            !finished.isCurrent
        {
            return "to be trained again: it is of \(finished.version)"
        }
        if exists(folder.testedTraining(key.name)) { return "trained and tested" }
        if exists(folder.finishedTraining(key.name)) { return "trained" }
        return exists(folder.checkpoints(key.name)) ? "begun" : "to be trained"
    }
}

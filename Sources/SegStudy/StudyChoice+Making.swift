import Foundation
import SegConfiguration
import SegCore
import SegPages
import SegResults
import SegSettings

extension StudyChoice {
    /// What a study chooses, by the summaries of one data set: over all seeds where there are several.
    ///
    /// - Parameter source: the name under which the images of the data set that the study trains on are evaluated.
    init(_ configuration: ChoiceConfiguration, summaries: [EvaluationSummary], source: String) {
        typealias Measure = ChoiceConfiguration.Measure
        func value(_ measure: Measure, _ arm: String) -> Double? {
            let own = summaries.filter { $0.arm == arm && $0.dataset == source }
            guard let summary = own.first(where: { $0.seed == nil }) ?? own.first else { return nil }
            switch measure {
            case .dice: return summary.metrics["dice"].map(\.mean)
            case .auroc: return summary.malignancy?.auroc
            }
        }
        func mean(_ measure: Measure, _ arms: [String]) -> Double? {
            let values = arms.compactMap { value(measure, $0) }.filter(\.isFinite)
            return values.count == arms.count ? values.reduce(0, +) / Double(arms.count) : nil
        }
        let least = configuration.provided.flatMap { condition in
            mean(condition.measure, condition.above).map { $0 + condition.margin }
        }
        let candidates = configuration.among.map { arms in
            let figures = configuration.by.map { mean($0, arms) }
            let isEligible = configuration.provided.map { condition in
                guard let least, let reached = mean(condition.measure, arms) else { return false }
                return reached >= least
            }
            return Candidate(
                arms: arms,
                dice: mean(.dice, arms),
                auroc: mean(.auroc, arms),
                score: figures.contains { $0 == nil } ? nil : figures.reduce(0) { $0 + ($1 ?? 0) },
                isEligible: isEligible ?? true
            )
        }
        let eligible = candidates.filter { $0.isEligible && $0.score != nil }
        let best = eligible.map { $0.score ?? 0 }.max()
        self.init(
            criterion: configuration.criterion,
            candidates: candidates,
            chosen: eligible.first { $0.score == best }?.arms[0]
        )
    }

    /// The settings of the chosen arm as a file that another study includes; `nil` where none was chosen.
    func file(of study: StudyConfiguration) throws -> String? {
        guard let chosen, let difference = study.differences[chosen]?.members else { return nil }
        let figures = candidates.map { candidate in
            ConfigurationValue.text(
                "\(candidate.arms.joined(separator: " and ")): \(candidate.figures)"
                    + (candidate.isEligible ? "" : " (not eligible)")
            )
        }
        var members: ConfigurationMembers = [
            "chosen": .table([
                "study": .text(study.study), "arm": .text(chosen), "criterion": .text(criterion),
                "candidates": .list(figures),
            ])
        ]
        for key in ["model", "training"] {
            if let value = difference[key], value.members?.isEmpty == false { members[key] = value }
        }
        return try ConfigurationValue.table(members).yaml(itemsOnLines: ["chosen.candidates"])
    }

    /// The choice in a sentence of the report.
    var sentence: String {
        guard let chosen else { return "No arm was chosen: none has \(criterion)." }
        let score = candidates.first { $0.arms.first == chosen }?.score
        return
            "Chosen: \(chosen), as it has \(criterion) (\(score.map { NumberFormat.fixed($0) } ?? "")); its settings are in choice.yaml."
    }
}

extension IncludedFile {
    init(_ settings: IncludedSettings) {
        let state = GitState(of: settings.url)
        self.init(
            file: settings.file,
            arm: settings.arm,
            sha256: settings.hash,
            commit: state?.commit,
            isChanged: state?.isChanged,
            origin: settings.origin
        )
    }
}

/// What git knows of a file.
struct GitState: Equatable {
    /// The last commit that changed the file.
    var commit: String
    /// Whether the file is another one now.
    var isChanged: Bool

    /// `nil` where git is not installed, or does not keep the file.
    init?(of file: URL) {
        let folder = file.deletingLastPathComponent().path
        guard let log = Self.git(["-C", folder, "log", "-1", "--format=%H", "--", file.lastPathComponent]),
            log.count >= 40,
            let status = Self.git(["-C", folder, "status", "--porcelain", "--", file.lastPathComponent])
        else { return nil }
        commit = log
        isChanged = !status.isEmpty
    }

    private static func git(_ arguments: [String]) -> String? {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git"] + arguments
        // A status must not write the index of somebody's repository.
        process.environment = ProcessInfo.processInfo.environment.merging(["GIT_OPTIONAL_LOCKS": "0"]) { $1 }
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return nil }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

import SegConfiguration
import SegCore
import SegInference
import SegPages
import SegResults
import SegScoring
import SegTraining

/// Notes for the reader, in addition to the numbers.
struct StudyNotes {
    let study: StudyConfiguration
    let data: StudyData
    let tested: [TestedTraining]
    let evaluation: ExternalEvaluation?
    let choice: StudyChoice?

    /// Fewer validation images than this make the choice of epoch and thresholds a matter of luck.
    private static let smallValidation = 30

    var all: [StudyNote] {
        var notes: [StudyNote] = []
        for skipped in data.skipped {
            notes.append(StudyNote(.warning, "\(skipped.name) was skipped: \(skipped.reason)."))
        }
        notes += late
        if let choice { notes.append(StudyNote(choice.chosen == nil ? .warning : .remark, choice.sentence)) }
        notes += data.classGaps(classifies: tested.contains(where: \.classifies)).map { StudyNote(.warning, $0) }
        if study.seeds.count == 1, study.arms.count > 1, study.train.split.foldCount == nil {
            notes.append(
                StudyNote(
                    .warning,
                    "Every arm was trained once. Differences between arms include the chance of one seed, which the tests, "
                        + "made over cases, do not see."
                )
            )
        }
        if let contradictions = data.audit?.contradictions.count, contradictions > 0 {
            notes.append(
                StudyNote(
                    .warning,
                    "\(contradictions) pairs of images are the same image with different labels; the leakage audit "
                        + "under Provenance lists them."
                )
            )
        }
        let validation = data.validationCount
        if validation < Self.smallValidation {
            let keepsLast = study.arms.allSatisfy { $0.training.selectionMetric == .last }
            let chosen = keepsLast ? "Thresholds" : "Epoch and thresholds"
            notes.append(StudyNote(.warning, "\(chosen) were chosen on \(validation) validation images only."))
        }
        notes.append(
            study.train.split.foldCount != nil
                ? StudyNote(
                    .remark,
                    "Every image of \(data.source.name) was tested on once for each seed, by the model of its fold, which "
                        + "had no part of it in training or in any choice."
                )
                : StudyNote(
                    .remark,
                    "The numbers on \(data.source.name) are of the validation part that chose epoch and thresholds, and are "
                        + "optimistic for that reason"
                        + (late.isEmpty ? "; the external sets had no part in any choice." : ".")
                )
        )
        for dataset in data.evaluated {
            let groups = Set(dataset.records.map(\.group)).count
            if groups == dataset.records.count {
                notes.append(
                    StudyNote(
                        .remark,
                        "Every image of \(dataset.description.name) counts as a case of its own: it has one image a "
                            + "patient, or names no patients, and then intervals may be too narrow."
                    )
                )
            }
            let normals = dataset.description.evaluated.normal
            if normals > 0, study.metrics.emptyMasks == .undefinedWhenReferenceEmpty {
                notes.append(
                    StudyNote(
                        .remark,
                        "\(normals) of the \(dataset.records.count) images of \(dataset.description.name) are normal: "
                            + "they have no Dice and take no part in the malignancy metrics."
                    )
                )
            }
        }
        notes += unlike
        notes += study.inferredArms.map { inferred in
            StudyNote(
                .remark,
                "\(inferred.title): no additional training. "
                    + (inferred.inference.ensemble == .none
                        ? ""
                        : "Its probabilities are those of the models' mean logits, its thresholds the means of theirs. ")
                    + "`segkit evaluate` with the same models and options has the same rows."
            )
        }
        notes += unscaled
        for result in tested where result.training.bestEpoch == result.training.epochs.last?.epoch {
            notes.append(
                StudyNote(
                    .remark,
                    "\(result.training.key.title), was at its best in its last epoch: longer "
                        + "training may do better."
                )
            )
        }
        return notes
    }

    /// How many images are unlike those that models were trained on, a data set a note.
    private var unlike: [StudyNote] {
        data.evaluated.compactMap { dataset in
            let name = dataset.description.name
            let shares = tested.compactMap { $0.cases.filter { $0.dataset == name }.shareUnlike }
            guard let least = shares.min(), let most = shares.max() else { return nil }
            func percent(_ share: Double) -> String { NumberFormat.fixed(100 * share, 0) }
            let range = percent(least) == percent(most) ? percent(most) : "\(percent(least)) to \(percent(most))"
            return StudyNote(
                least > 0.25 ? .warning : .remark,
                "\(range) % of the images of \(name) are unlike the training part of \(data.source.name): their deepest features "
                    + "are farther off than those of 95 % of the validation part."
            )
        }
    }

    /// Why probabilities were not scaled, an arm a note.
    private var unscaled: [StudyNote] {
        study.arms.compactMap { arm in
            let own = tested.filter { $0.training.arm == arm.name && $0.classifies }
            let without = own.filter { $0.training.malignancyTemperature == nil }
            guard !without.isEmpty else { return nil }
            let lacksClass = without.contains { $0.training.malignancyThreshold == nil }
            return StudyNote(
                .remark,
                "No temperature could be fitted for \(without.count) of \(own.count) trainings of \(arm.name), so that its "
                    + "scaled calibration is not given: the validation part "
                    + (lacksClass
                        ? "lacks benign or malignant lesions."
                        : "is classified without an error, or no better than by chance.")
            )
        }
    }

    /// What was trained after the external sets had been evaluated, an arm a note.
    private var late: [StudyNote] {
        let trainings = evaluation?.trainedAfterwards ?? []
        return study.arms.compactMap { arm in
            let own = trainings.filter { $0.arm == arm.name }
            guard !own.isEmpty else { return nil }
            let isWhole = own.count == tested.count { $0.training.arm == arm.name }
            let which = own.map { TrainingKey(arm: arm.name, fold: $0.fold, seed: $0.seed).title }
            let subject = isWhole ? "The arm \(arm.name)" : NumberFormat.list(which)
            return StudyNote(
                .warning,
                "\(subject) \(isWhole || own.count == 1 ? "was" : "were") trained after the external sets had been evaluated: "
                    + "what was seen on them may have shaped it."
            )
        }
    }
}

import SegConfiguration
import SegCore
import SegTensor
import SegTraining

extension StudyRunner {
    /// Checks that a head asks for labels that the source has, takes for the lesion what is lesion there, and asks for
    /// exclusive ones only where they exclude each other there.
    ///
    /// - Returns: The labels beside the lesion that arms predict.
    ///
    /// - Throws: ``SegmentationError`` with the head's setting as its subject.
    func requireLabels(_ models: [MultiTaskModel], _ data: StudyData) throws -> [String] {
        let source = data.source.adapter
        let known = try PluginContext.with(source) { try (source as? any LabelStating)?.labels ?? .lesionOnly }
        // The lesion is there beside the labels that it is divided into.
        let names = (known.further.isEmpty ? [] : known.names) + [LabelSet.lesionName]
        for (arm, model) in zip(study.arms, models) {
            try requireOneLabelHead(model, arm)
            for head in model.heads {
                guard let labels = (head.head as? any LabelPredicting)?.labels, labels != .lesionOnly else { continue }
                let subject = "\(arm.path).model.heads.\(head.name).settings"
                if let stranger = labels.names.first(where: { !names.contains($0) }) {
                    throw SegmentationError(
                        "\(subject).labels",
                        "\(source.name) does not have the label `\(stranger)`",
                        cure: known == .lesionOnly
                            ? "name a data set with further labels, or set them in its `settings`"
                            : "use of: \(Set(names).sorted().joined(separator: ", "))"
                    )
                }
                try requireLesion(of: labels, known, source.name, subject: "\(subject).lesionLabels")
                let isDivided =
                    labels.names.contains(LabelSet.lesionName) && labels.further.contains { known.lesion.contains($0) }
                guard labels.isExclusive, !known.isExclusive || isDivided else { continue }
                throw SegmentationError(
                    "\(subject).exclusive",
                    isDivided
                        ? "`lesion` and its parts do not exclude each other"
                        : "labels of \(source.name) may overlap",
                    cure: isDivided
                        ? "name either `lesion` or its parts in `labels`"
                        : "use `exclusive: false`, or set `exclusiveLabels: true` on the data set if they never do"
                )
            }
        }
        var predicted: [String] = []
        for name in models.flatMap({ $0.labelHead?.labels.further ?? [] }) where !predicted.contains(name) {
            predicted.append(name)
        }
        return predicted
    }

    /// Checks that one head at most predicts labels beside the lesion: results score those of one.
    private func requireOneLabelHead(_ model: MultiTaskModel, _ arm: StudyConfiguration.ArmConfiguration) throws {
        let heads = model.heads.filter { ($0.head as? any LabelPredicting).map { $0.labels != .lesionOnly } ?? false }
        guard heads.count > 1 else { return }
        throw SegmentationError(
            "\(arm.path).model.heads.\(heads[1].name)",
            "`\(heads[1].name)` and `\(heads[0].name)` both predict labels in addition to the lesion, and results score those of one head",
            cure: "give one of them all the labels, or turn the other off"
        )
    }

    /// Checks that what a head takes for the lesion is lesion in the source, and that a head of the lesion's parts takes them
    /// for it.
    private func requireLesion(of labels: LabelSet, _ known: LabelSet, _ source: String, subject: String) throws {
        let parts = labels.names.filter { $0 == LabelSet.lesionName || known.lesion.contains($0) }
        let stranger = labels.lesion.first { !parts.contains($0) }
        guard let misjudged = stranger ?? (labels.lesion.isEmpty ? parts.first : nil) else { return }
        throw SegmentationError(
            subject,
            "`\(misjudged)` is \(stranger == nil ? "a part" : "no part") of the lesion in \(source)",
            cure: "set `lesionLabels: [\(parts.joined(separator: ", "))]`"
        )
    }
}

import SegConfiguration
import SegCore
import SegData
import SegInference
import SegPages
import SegResults
import SegScoring
import SegTraining

/// An arm's trained models used in another way than each as it is: a row of its own beside the arm's.
struct InferredArm {
    let arm: StudyConfiguration.ArmConfiguration
    let inference: InferenceConfiguration
    /// `multi-task-seeds-flips-rules`.
    let name: String
    /// `Multi-task, ensemble of 5 seeds, flips, rules chosen on validation`.
    let title: String
    /// Which trainings predict as one, and which training stands for them.
    let groups: [(key: TrainingKey, members: [TrainingKey])]

    /// `nil` where an arm's models are used as they are.
    init?(_ arm: StudyConfiguration.ArmConfiguration, of study: StudyConfiguration) {
        guard let inference = arm.inference, !inference.isPlain else { return nil }
        (self.arm, self.inference) = (arm, inference)
        let folds: [Int?] = study.train.split.foldCount.map { Array(1...$0) } ?? [nil]
        var (name, title) = (arm.name, arm.title)
        let all = study.trainings.filter { $0.arm == arm.name }
        var groups: [(fold: Int?, seed: UInt64, members: [TrainingKey])]
        switch inference.ensemble {
        case .none: groups = all.map { ($0.fold, $0.seed, [$0]) }
        case .seeds:
            name += "-seeds"
            title += ", ensemble of \(NumberFormat.plural(study.seeds.count, "seed"))"
            groups = folds.map { fold in (fold, study.seeds[0], all.filter { $0.fold == fold }) }
        case .folds:
            name += "-folds"
            title += ", ensemble of \(NumberFormat.plural(folds.count, "fold"))"
            groups = study.seeds.map { seed in (nil, seed, all.filter { $0.seed == seed }) }
        }
        switch inference.augmentation {
        case .none: break
        case .flips: (name, title) = (name + "-flips", title + ", flips")
        case .flipsAndScales: (name, title) = (name + "-flips-scales", title + ", flips and scales")
        }
        switch inference.tiling {
        case .none: break
        case .own: (name, title) = (name + "-tiles", title + ", tiles at the images' own resolution")
        case .side(let side): (name, title) = (name + "-tiles", title + ", tiles at \(side) px")
        }
        if let dropout = inference.dropout {
            name += "-dropout"
            title += ", \(NumberFormat.plural(dropout.passes, "dropout pass", "dropout passes"))"
        }
        switch inference.rules {
        case .none: break
        case .chosen: (name, title) = (name + "-rules", title + ", rules chosen on validation")
        case .stated(let rules): (name, title) = (name + "-rules", title + ", \(rules.text)")
        }
        (self.name, self.title) = (name, title)
        self.groups = groups.map { (TrainingKey(arm: name, fold: $0.fold, seed: $0.seed), $0.members) }
    }

    /// What results say of it.
    var description: ArmDescription {
        get throws { ArmDescription(name: name, title: title, settings: try arm.yaml, derivedFrom: arm.name) }
    }
}

extension StudyConfiguration {
    /// The arms whose models are used in another way too, in the order of the arms.
    var inferredArms: [InferredArm] { arms.compactMap { InferredArm($0, of: self) } }

    /// The arms with those that are derived from them behind each.
    var armDescriptions: [ArmDescription] {
        get throws {
            try arms.flatMap { arm in
                [ArmDescription(name: arm.name, title: arm.title, settings: try arm.yaml)]
                    + (try InferredArm(arm, of: self).map { [try $0.description] } ?? [])
            }
        }
    }
}

extension StudySession {
    /// Evaluates what is used in another way than as it is, on every data set on which none of its models was trained.
    func inferred(_ trained: [FinishedTraining]) throws -> [TestedTraining] {
        let all = study.inferredArms.flatMap { arm in arm.groups.map { (arm: arm, group: $0) } }
        return try jobs.map(all, in: runner.context) { item, context in
            try with(context).inferred(
                item.arm,
                item.group.key,
                item.group.members.compactMap { key in trained.first { $0.training.key == key } }
            )
        }
    }

    /// Models used in one way, and the record that stands for them.
    struct ModelUse {
        let models: TrainedEnsemble
        /// With all that rows depend on beside data and metrics in place of the hash of one model.
        let finished: FinishedTraining

        /// The finished test of it, of these data and metrics; `nil` if there is none.
        func tested(in folder: OutputFolder, data: StudyData, metrics: MetricSettings) -> TestedTraining? {
            TestedTraining.read(
                folder.testedTraining(finished.training.key.name),
                of: finished,
                fingerprint: data.fingerprint,
                metrics: metrics
            )
        }
    }

    func use(_ arm: InferredArm, _ key: TrainingKey, _ members: [FinishedTraining]) throws -> ModelUse {
        let rules: MaskPostprocessing? =
            switch arm.inference.rules {
            case .none: MaskPostprocessing.none
            case .chosen: nil
            case .stated(let rules): MaskPostprocessing(rules)
            }
        let used = try TrainedEnsemble(
            contentsOf: members.map { folder.model($0.training.key.name) },
            augmentation: arm.inference.augmentation,
            postprocessing: rules,
            tiling: arm.inference.tiling,
            dropout: arm.inference.dropout,
            registry: runner.context.registry
        )
        let description = used.description
        var record = TrainingRecord(
            arm: key.arm,
            seed: key.seed,
            fold: key.fold,
            epochs: [],
            segmentationThreshold: Double(description.segmentationThreshold)
        )
        record.malignancyThreshold = description.malignancyThreshold
        record.malignancyTemperature = description.malignancyTemperature
        let inference = used.ensemble.inference
        var identity = members.map(\.model) + [inference.augmentation.rawValue] + inference.postprocessing.rules
        if inference.tiling != .none { identity.append("tile \(inference.tiling.text)") }
        if let dropout = inference.dropout { identity.append("dropout \(dropout.passes) \(dropout.seed)") }
        var finished = members[0]
        finished.training = record
        finished.seconds = 0
        finished.model = identity.joined(separator: " ")
        return ModelUse(models: used, finished: finished)
    }

    func inferred(_ arm: InferredArm, _ key: TrainingKey, _ members: [FinishedTraining]) throws -> TestedTraining {
        let context = runner.context
        let use = try use(arm, key, members)
        if let known = use.tested(in: folder, data: data, metrics: study.metrics) { return known }
        let (used, description) = (use.models, use.models.description)
        var tested = TestedTraining(use.finished, fingerprint: data.fingerprint, metrics: study.metrics)
        let metrics = try study.metrics.makeMetrics(
            context.registry,
            labels: [MetricCase.defaultLabel] + data.labels
        )
        for (index, evaluated) in data.evaluated.enumerated() {
            // A fold's images were learned from by the models of all other folds.
            if evaluated.isDividedByFold, arm.inference.ensemble == .folds { continue }
            let evaluation = try CaseEvaluation(
                of: data.samples(of: index, size: description.imageSize, fold: key.fold),
                batchSize: arm.arm.training.batchSize,
                predictedBy: {
                    try used.ensemble.predict(
                        $0,
                        threshold: description.segmentationThreshold,
                        batchSize: arm.arm.training.batchSize,
                        isCancelled: context.isCancelled,
                        canvas: data.opened[evaluated.dataset].canvas
                    )
                },
                arm: key.arm,
                seed: key.seed,
                fold: key.fold,
                dataset: evaluated.description.name,
                threshold: description.segmentationThreshold,
                temperature: description.malignancyTemperature,
                metrics: metrics,
                emptyMasks: study.metrics.emptyMasks
            )
            tested.cases += evaluation.rows
            tested.emptyCases[evaluated.description.name] = evaluation.emptyCases
            context.observer.stage("Testing \(key.title)", done: index + 1, total: data.evaluated.count)
        }
        try tested.write(to: folder.testedTraining(key.name))
        return tested
    }
}

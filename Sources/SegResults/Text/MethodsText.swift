import SegCore
import SegPages
import SegSettings

/// The methods of a study as paragraphs of a paper, each number and setting from its results.
package struct MethodsText {
    private let results: StudyResults

    package init(results: StudyResults) { self.results = results }

    /// Paragraphs under headings; none without a sentence.
    package var paragraphs: [(heading: String, text: String)] {
        let all: [(String, [String])] = [
            ("Data", data), ("Models", models), ("Training", training), ("Choices", choices),
            ("Evaluation", evaluation),
            ("Software", software),
        ]
        return all.compactMap { heading, sentences in
            let text = sentences.filter { !$0.isEmpty }.map(Self.closed).joined(separator: " ")
            return text.isEmpty ? nil : (heading, text)
        }
    }

    /// With a full stop.
    static func closed(_ sentence: String) -> String { sentence.hasSuffix(".") ? sentence : sentence + "." }

    /// The arm that the others are described by.
    private var leading: ArmDescription? {
        results.referenceArm.flatMap { results.arm(named: $0) } ?? results.arms.first
    }

    // MARK: Data

    /// `80 images (44 benign, 24 malignant, 12 normal)`.
    package static func images(_ counts: PathologyCounts) -> String {
        let parts = [
            (counts.benign, "benign"), (counts.malignant, "malignant"), (counts.normal, "normal"),
            (counts.unknown, "of unknown pathology"),
        ].filter { $0.0 > 0 }.map { "\(NumberFormat.count($0.0)) \($0.1)" }
        let images = NumberFormat.plural(counts.total, "image")
        return parts.isEmpty ? images : "\(images) (\(parts.joined(separator: ", ")))"
    }

    private var data: [String] {
        let own = results.datasets.filter { $0.role != .external }
        let external = results.datasets.filter { $0.role == .external }
        var sentences: [String] = []
        if let source = own.first {
            let parts = results.split.parts.map { part in
                "\(part.name), \(Self.images(part.counts)) of "
                    + NumberFormat.plural(
                        part.groups,
                        "patient (or case, where patients are unknown)",
                        "patients (or cases, where patients are unknown)"
                    )
            }
            sentences.append("Models were developed on \(Self.images(source.counts)), the data set \(source.name)")
            sentences.append("Division: \(results.split.method)")
            if !parts.isEmpty { sentences.append("Parts: \(parts.joined(separator: "; "))") }
        }
        if let folds = results.folds {
            sentences.append(
                "The data were divided into \(folds) folds, each of which was held out once; no patient is in two of them"
            )
        }
        if !external.isEmpty {
            let sets = external.map { "\($0.name), \(Self.images($0.evaluated))" }
            sentences.append(
                "External test sets, on which nothing was trained or tuned: \(sets.joined(separator: "; "))"
            )
        }
        sentences += (results.skippedDatasets ?? []).map { "\($0.name) was left out: \($0.reason)" }
        if let audit = results.audit {
            sentences.append(
                "\(NumberFormat.count(audit.comparedImages)) images were compared with one another for duplicates (correlation of "
                    + "thumbnails above \(NumberFormat.fixed(audit.duplicateCorrelation, 2))); none is both in what was trained "
                    + "or tuned on and in what was tested on"
            )
        }
        return sentences
    }

    // MARK: Models and training

    private var models: [String] {
        guard let leading else { return [] }
        let settings = SettingsText(leading)
        var sentences: [String] = []
        if results.arms.count > 1 {
            sentences.append(
                "\(NumberFormat.words(results.arms.count).capitalizedFirst) ways of training (arms) were compared: "
                    + NumberFormat.list(results.arms.map(\.title))
            )
        }
        if let backbone = settings["model.backbone"] {
            sentences.append("The network of \(leading.title) was \(SettingsText.words(backbone))")
        }
        let counted = results.arms.compactMap { arm in
            arm.parameters.map { "\(NumberFormat.count($0)) (\(arm.title))" }
        }
        if !counted.isEmpty { sentences.append("Parameters of the models: \(counted.joined(separator: ", "))") }
        let heads = settings.parts("model.heads").map { "\($0.name) (\(SettingsText.words($0.value)))" }
        if !heads.isEmpty { sentences.append("Its heads, each with its loss: \(heads.joined(separator: "; "))") }
        let terms = settings.parts("model.terms").map { "\($0.name) (\(SettingsText.words($0.value)))" }
        if !terms.isEmpty { sentences.append("Its consistency terms: \(terms.joined(separator: "; "))") }
        if !heads.isEmpty {
            sentences.append(
                "The loss was the sum of the heads' losses" + (terms.isEmpty ? "" : " and the terms' penalties")
                    + ", each times its weight"
            )
        }
        if let start = settings["model.startFrom"]?.name, start != "false" {
            sentences.append("Training started from the weights of \(start)")
        }
        for arm in results.arms where arm.name != leading.name {
            let differences = settings.differences(of: SettingsText(arm))
            guard !differences.isEmpty else { continue }
            sentences.append("\(arm.title) differed from \(leading.title) in \(differences.joined(separator: "; "))")
        }
        return sentences
    }

    private var training: [String] {
        guard let leading else { return [] }
        let settings = SettingsText(leading)
        let value = { (key: String) in settings.text("training.\(key)") }
        var sentences: [String] = []
        if let size = value("imageSize") {
            sentences.append(
                "Images were letterboxed to \(size) × \(size) px and standardized to zero mean and unit variance"
            )
        }
        if let epochs = value("epochs"), let batch = value("batchSize"), let optimizer = settings["training.optimizer"]
        {
            var text =
                "Models were trained for \(epochs) epochs in batches of \(batch) with \(SettingsText.words(optimizer))"
            if let decay = value("weightDecay") { text += " and a weight decay of \(decay)" }
            sentences.append(text)
        }
        if let rate = value("learningRate") {
            var text = "The learning rate was \(rate)"
            if let warmUp = settings.number("training.warmUpEpochs"), warmUp > 0 {
                text += " after a linear warm-up of \(value("warmUpEpochs") ?? "") \(warmUp == 1 ? "epoch" : "epochs")"
            }
            if let schedule = settings["training.schedule"] { text += ", its schedule \(SettingsText.words(schedule))" }
            if let end = value("finalLearningRate") { text += ", ending at \(end)" }
            sentences.append(text)
        }
        sentences += further(settings)
        if let augmentation = settings["training.augmentation"]?.members {
            let active = Self.active(augmentation)
            let steps = settings["training.augmentationSteps"].map { [$0] } ?? []
            let own = steps.filter { $0 != .list([]) }.map(SettingsText.words)
            sentences.append(
                active.isEmpty && own.isEmpty
                    ? "Training images were not augmented"
                    : "Training images were augmented by \(NumberFormat.list(active + own)); strengths are limits of what was drawn"
            )
        }
        let seeds = results.seeds.map(String.init)
        if !results.trainings.isEmpty {
            sentences.append(
                "Every arm was trained with \(seeds.count == 1 ? "seed" : "seeds") \(NumberFormat.list(seeds))"
                    + (results.folds.map { " in each of \($0) folds" } ?? "") + ", "
                    + "\(NumberFormat.plural(results.trainings.count, "training")) in all"
            )
        }
        return sentences
    }

    /// Settings that are mentioned only where they have an effect.
    private func further(_ settings: SettingsText) -> [String] {
        func isAbove(_ key: String, _ limit: Double) -> Bool {
            settings.number("training.\(key)").map { $0 > limit } ?? false
        }
        func text(_ key: String) -> String { settings.text("training.\(key)") ?? "" }
        func number(_ key: String) -> Int { settings.number("training.\(key)").map { Int($0) } ?? 1 }
        var sentences: [String] = []
        if isAbove("gradientClip", 0) {
            sentences.append("Gradients were clipped to a norm of \(text("gradientClip"))")
        }
        let (rounds, replicas) = (number("accumulation"), number("replicas"))
        if rounds * replicas > 1 {
            let atOnce = replicas > 1 ? ", \(replicas) at a time from the same weights and running statistics" : ""
            sentences.append("Gradients of \(rounds * replicas) batches made one step\(atOnce)")
        }
        if isAbove("averaging", 0) {
            sentences.append(
                "A running mean of the weights, which keeps \(text("averaging")) at each step, was validated and kept"
            )
        }
        if isAbove("patience", 0) {
            sentences.append("Training ended after \(text("patience")) epochs without a better score")
        }
        if let balancing = settings["training.balancing"], balancing.name != "fixed" {
            sentences.append("The tasks' gradients were balanced by \(SettingsText.words(balancing))")
        }
        if let sampling = settings["training.sampling"]?.name, sampling != "shuffled" {
            sentences.append("Batches were drawn by \(sampling), classes in equal parts")
        }
        if let inference = settings["inference"], inference != .null {
            sentences.append("Predictions were made with \(SettingsText.words(inference))")
        }
        return sentences
    }

    /// The steps that are on, with their strengths: `horizontal flip 0.5`.
    private static func active(_ augmentation: ConfigurationMembers) -> [String] {
        augmentation.compactMap { key, value in
            let strength = value.resolved.members?["probability"] ?? value
            guard let number = SettingsText.number(strength), number != 0 else { return nil }
            let title = SettingsText.words(key: key)
            switch key {
            case "rotation", "shear": return "\(title) up to \(SettingsText.words(value))°"
            case "horizontalFlip", "verticalFlip": return "\(title) (probability \(SettingsText.words(value)))"
            case "scaling", "translation": return "\(title) up to \(NumberFormat.fixed(number * 100, 0)) %"
            default: return "\(title) (\(SettingsText.words(value)))"
            }
        }
    }

    // MARK: Choices, evaluation, software

    private var choices: [String] {
        let methods = results.methods
        let epochs = results.trainings.compactMap(\.bestEpoch)
        var sentences = ["Weights kept: \(methods.modelSelection)"]
        if let low = epochs.min(), let high = epochs.max() {
            sentences.append(
                low == high ? "That was epoch \(low)" : "Those were epochs \(low) to \(high), depending on the training"
            )
        }
        sentences += [methods.thresholdRule, methods.calibration ?? ""]
        if let choice = results.choice {
            let chosen = choice.chosen.map { results.arm(named: $0)?.title ?? $0 } ?? "none of them"
            sentences.append("One of the arms was chosen by \(choice.criterion): \(chosen)")
        }
        return sentences
    }

    private var evaluation: [String] {
        let methods = results.methods
        let own = (results.metrics ?? []).map(\.title).uniqued()
        var sentences = ["Empty masks: \(methods.emptyPolicy)", methods.boundaries ?? ""]
        if !own.isEmpty { sentences.append("Further metrics: \(NumberFormat.list(own))") }
        sentences.append("Intervals: \(methods.interval)")
        guard !results.comparisons.isEmpty else { return sentences }
        let reference = results.referenceArm.flatMap { results.arm(named: $0)?.title } ?? ""
        return sentences + [
            "Arms were compared with \(reference) on the same images", "Tests: \(methods.test)",
            "Several tests: \(methods.correction)", "Effect size: \(methods.effectSize)",
            "An adjusted p below \(NumberFormat.fixed(methods.significanceLevel, 2)), two-sided, counts as significant",
        ]
    }

    private var software: [String] {
        let machine = results.machine
        let parts = [
            machine.processor, machine.instructionSet, NumberFormat.plural(machine.threads, "thread"),
            machine.operatingSystem ?? "",
        ].filter { !$0.isEmpty }
        return [
            "Training and evaluation were done with SegmentationKit \(results.packageVersion) on \(parts.joined(separator: ", "))",
            (results.includes ?? []).isEmpty
                ? "" : "Settings included: \((results.includes ?? []).map(\.sentence).joined(separator: "; "))",
            "The study's file with every setting resolved, the division of the data and a value for each image and training are "
                + "kept with the results (config.yaml, split.json, cases.csv)",
        ]
    }
}

extension String {
    /// With a capital first letter.
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}

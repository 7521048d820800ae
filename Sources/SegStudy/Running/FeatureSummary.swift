import SegCore
import SegData
import SegTensor
import SegTraining

/// What an arm's consistency terms report on the true masks of the training set.
enum FeatureSummary {
    /// Logits that stand for certainty: their sigmoid differs from 0 and 1 by less than 1e-8.
    private static let certainty: Float = 20

    /// Moments of every reported feature on benign and on malignant lesions; none where the arm has no term.
    static func statistics(
        _ arm: StudyConfiguration.ArmConfiguration,
        data: StudyData,
        registry: PluginRegistry
    ) throws -> [FeatureStatistics] {
        let terms = try arm.model.terms.map { part in
            let subject = "\(arm.path).model.terms.\(part.name)"
            return try registry.term(part.name, subject: subject).make(part.settings, subject)
        }
        guard !terms.isEmpty else { return [] }
        let samples = data.training(size: arm.training.imageSize)
        let size = max(1, arm.training.batchSize)
        let batches = stride(from: 0, to: samples.count, by: size).map { start in
            Batch(samples[start..<min(start + size, samples.count)])
        }
        var names: [String] = []
        var values: [String: [(pathology: Pathology?, value: Double)]] = [:]
        try withoutGradients {
            for term in terms {
                try term.prepare(batches)
                for batch in batches {
                    var outputs = Outputs()
                    outputs[.lesion] = batch.masks * (2 * certainty) - certainty
                    for (name, column) in term.report(outputs, batch) where name != CaseEvaluation.priorName {
                        if values[name] == nil { names.append(name) }
                        values[name, default: []] += zip(batch.pathologies, column.map(Double.init)).map { ($0, $1) }
                    }
                }
            }
        }
        return names.map { name in
            let benign = moments(values[name] ?? [], of: .benign)
            let malignant = moments(values[name] ?? [], of: .malignant)
            return FeatureStatistics(
                name: name,
                title: title(name),
                sign: malignant.mean < benign.mean ? -1 : 1,
                benign: benign,
                malignant: malignant
            )
        }
    }

    /// The malignancy prior as a training left it.
    static func prior(of model: MultiTaskModel) -> LearnedPrior? { nil }

    private static func moments(
        _ values: [(pathology: Pathology?, value: Double)],
        of pathology: Pathology
    ) -> FeatureStatistics.Moments {
        let own = values.filter { $0.pathology == pathology && $0.value.isFinite }.map(\.value)
        let mean = own.reduce(0, +) / Double(own.count)
        let squares = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return FeatureStatistics.Moments(
            count: own.count,
            mean: mean,
            standardDeviation: own.count > 1 ? (squares / Double(own.count - 1)).squareRoot() : .nan
        )
    }

    /// `depthToWidth` as `Depth to width`.
    private static func title(_ name: String) -> String {
        var words = ""
        for character in name {
            if character.isUppercase, words.last?.isLowercase == true {
                words += " " + character.lowercased()
            } else {
                words.append(words.isEmpty ? Character(character.uppercased()) : character)
            }
        }
        return words
    }
}

import SegConfiguration
import SegCore
import SegData
import SegPages
import SegResults
import SegSettings
import SegTensor
import SegTraining

/// What an arm's consistency terms report on the true masks of the training set, or of the whole source where every image
/// of it trains in some fold.
///
/// Of a term with a malignancy prior only the features of its prior; of any other term, everything that it reports.
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
        let samples = data.described(size: arm.training.imageSize)
        let size = max(1, arm.training.batchSize)
        let batches = stride(from: 0, to: samples.count, by: size).map { start in
            Batch(samples[start..<min(start + size, samples.count)])
        }
        let features = terms.compactMap { ($0 as? any MalignancyPriorReporting)?.priorFeatures }.joined()
        let known = Dictionary(features.map { ($0.name, $0) }) { first, _ in first }
        var names: [String] = []
        var values: [String: [(pathology: Pathology?, value: Double)]] = [:]
        try withoutGradients {
            for term in terms {
                try term.prepare(batches)
                for batch in batches {
                    var outputs = Outputs()
                    outputs[.lesion] = batch.masks * (2 * certainty) - certainty
                    let own = (term as? any MalignancyPriorReporting)?.priorFeatures.map(\.name)
                    for (name, column) in term.report(outputs, batch) where own?.contains(name) ?? true {
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
                descriptor: known[name]?.descriptor.map { title($0).lowercased() },
                sign: sign(known[name]?.association ?? .fitted, benign, malignant),
                benign: benign,
                malignant: malignant
            )
        }
    }

    /// The malignancy prior as a training left it; `nil` where the model has none.
    static func prior(of model: MultiTaskModel) -> LearnedPrior? {
        guard let term = model.priorTerm?.term else { return nil }
        let weights = term.priorWeights.map { ($0.feature, Double($0.weight)) }
        return LearnedPrior(bias: Double(term.priorBias), weights: Dictionary(weights) { first, _ in first })
    }

    private static func sign(
        _ association: MalignancyAssociation,
        _ benign: FeatureStatistics.Moments,
        _ malignant: FeatureStatistics.Moments
    ) -> Int {
        switch association {
        case .higherInMalignant: 1
        case .lowerInMalignant: -1
        case .fitted: malignant.mean < benign.mean ? -1 : 1
        }
    }

    private static func moments(
        _ values: [(pathology: Pathology?, value: Double)],
        of pathology: Pathology
    ) -> FeatureStatistics.Moments {
        let own = values.filter { $0.pathology == pathology && $0.value.isFinite }.map(\.value)
        let mean = own.reduce(0, +) / Double(own.count)
        let squares = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let sorted = own.sorted()
        return FeatureStatistics.Moments(
            count: own.count,
            mean: mean,
            standardDeviation: own.count > 1 ? (squares / Double(own.count - 1)).squareRoot() : .nan,
            quantiles: own.isEmpty ? nil : FeatureStatistics.Moments.quantileLevels.map { quantile(sorted, $0) }
        )
    }

    /// `depth-to-width` and `depthToWidth` as `Depth to width`.
    private static func title(_ name: String) -> String {
        var words = ""
        for character in name {
            if character == "-" || character == "_" {
                words += " "
            } else if character.isUppercase, words.last?.isLowercase == true {
                words += " " + character.lowercased()
            } else {
                words += words.isEmpty ? character.uppercased() : String(character)
            }
        }
        return words
    }
}

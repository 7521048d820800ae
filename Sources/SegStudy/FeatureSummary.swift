import SegConfiguration
import SegCore
import SegData
import SegPages
import SegResults
import SegSettings
import SegTensor
import SegTraining

/// What the arms' consistency terms report on the true masks of the training set, or of the whole source where every image
/// of it trains in some fold.
///
/// Of a term with a malignancy prior only the features of its prior; of any other term, everything that it reports.
enum FeatureSummary {
    /// Logits that stand for certainty: their sigmoid differs from 0 and 1 by less than 1e-8.
    private static let certainty: Float = 20

    /// Moments of every feature that an arm reports, on benign and on malignant lesions; none where no arm has a term.
    ///
    /// A feature that several arms report under one name is the first one's.
    static func statistics(
        _ arms: [StudyConfiguration.ArmConfiguration],
        data: StudyData,
        registry: PluginRegistry
    ) throws -> [FeatureStatistics] {
        var result: [FeatureStatistics] = []
        var seen: Set<[NamedPlugin]> = []
        for arm in arms {
            // The same terms report the same names.
            let terms = arm.model.terms.map { NamedPlugin($0.name, settings: $0.settings) }
            guard !terms.isEmpty, seen.insert(terms).inserted else { continue }
            let known = Set(result.map(\.name))
            result += try statistics(arm, data: data, registry: registry).filter { !known.contains($0.name) }
        }
        return result
    }

    private static func statistics(
        _ arm: StudyConfiguration.ArmConfiguration,
        data: StudyData,
        registry: PluginRegistry
    ) throws -> [FeatureStatistics] {
        let terms = try arm.model.terms.map { part in
            let subject = "\(arm.path).model.terms.\(part.name)"
            return WeightedTerm(
                try registry.term(part.name, subject: subject).make(part.settings, subject),
                named: part.name
            )
        }
        let samples = data.described(size: arm.training.imageSize)
        let batches = PlainBatches(samples, size: arm.training.batchSize)
        var features: [(report: TermReport, prior: PriorFeature?)] = []
        var values: [String: [(pathology: Pathology?, value: Double)]] = [:]
        try withoutGradients {
            for term in terms {
                let prepared = Result { try term.prepare(batches) }
                // A term may complain of batches that ended early.
                try batches.failure.check()
                try prepared.get()
            }
            for batch in batches {
                var outputs = Outputs()
                outputs[.lesion] = batch.masks * (2 * certainty) - certainty
                for report in terms.reports(outputs, batch) {
                    let own = priorFeatures(of: report.term, in: terms)
                    let feature = own?.first { $0.name == report.ownName }
                    guard own == nil || feature != nil else { continue }
                    if values[report.name] == nil { features.append((report, feature)) }
                    values[report.name, default: []] += zip(batch.pathologies, report.values.map(Double.init))
                        .map { ($0, $1) }
                }
            }
        }
        try batches.failure.check()
        return features.map { report, feature in
            let benign = moments(values[report.name] ?? [], of: .benign)
            let malignant = moments(values[report.name] ?? [], of: .malignant)
            let suffix = report.name == report.ownName ? "" : " (\(report.term))"
            return FeatureStatistics(
                name: report.name,
                title: title(report.ownName) + suffix,
                descriptor: feature?.descriptor.map { title($0).lowercased() },
                sign: sign(feature?.association ?? .fitted, benign, malignant),
                benign: benign,
                malignant: malignant
            )
        }
    }

    /// The features of a term's prior; `nil` of a term without one.
    private static func priorFeatures(of name: String, in terms: [WeightedTerm]) -> [PriorFeature]? {
        (terms.first { $0.name == name }?.term as? any MalignancyPriorReporting)?.priorFeatures
    }

    /// The malignancy priors as a training left them, in the order of the model's terms.
    ///
    /// - Parameter reports: what the model's terms report of a batch, which says what their features and priors are called
    ///   in files.
    static func priors(of model: MultiTaskModel, _ reports: [TermReport]) -> [LearnedPrior] {
        let terms = model.terms.compactMap { weighted in
            (weighted.term as? any MalignancyPriorReporting).map {
                (name: weighted.name, label: weighted.label, term: $0)
            }
        }
        return terms.map { name, label, term in
            let own = reports.filter { $0.term == name }
            let (learned, bias, priorName) = PluginContext.with(label) {
                (term.priorWeights, term.priorBias, term.priorName)
            }
            let weights = learned.map { feature, weight in
                (own.first { $0.ownName == feature }?.name ?? feature, Double(weight))
            }
            var prior = LearnedPrior(
                bias: Double(bias),
                weights: Dictionary(weights) { first, _ in first }
            )
            if terms.count > 1 {
                // The first has the column of every study.
                let column = own.first(where: \.isPrior)?.name ?? priorName
                (prior.term, prior.column) = (name, name == terms[0].name ? LearnedPrior.firstColumn : column)
            }
            return prior
        }
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

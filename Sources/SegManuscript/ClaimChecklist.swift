import SegPages
import SegResults
import SegSettings

/// The items of the CLAIM checklist, filled as far as the software knows.
///
/// Items go by number and a short wording of this library's own; the checklist itself and its explanations are the
/// publication's.
///
/// - Source: A. S. Tejani et al., Checklist for Artificial Intelligence in Medical Imaging (CLAIM): 2024 Update,
///   Radiology: Artificial Intelligence 6 (2024).
struct ClaimChecklist {
    let results: StudyResults

    /// What stands where only the authors know.
    static let unknown = "not known to the software"

    struct Item {
        var number: Int
        var topic: String
        /// What the software knows; `nil` where it knows nothing.
        var answer: String?
    }

    var items: [Item] {
        // Once for all items: it reads the settings of every arm.
        let paragraphs = Dictionary(
            MethodsText(results: results).paragraphs.map { ($0.heading, $0.text) },
            uniquingKeysWith: { first, _ in first }
        )
        return Self.topics.enumerated().map { index, topic in
            Item(number: index + 1, topic: topic, answer: answer(index + 1, paragraphs))
        }
    }

    private static let topics = [
        "Title or abstract say that it is a study of AI, and of which kind", "Structured abstract",
        "Background, intended use and clinical role", "Aims and hypotheses", "Prospective or retrospective",
        "Goal of the study",
        "Where the data come from", "Who was included and excluded", "Preprocessing", "Selection of parts of the data",
        "De-identification", "Missing data", "How images were acquired", "Reference standard",
        "Why this reference standard",
        "Who annotated", "Annotation of the test set", "Variability of annotators", "Assignment to partitions",
        "Level at which partitions are apart", "Intended sample size", "Model", "Software", "Initial parameters",
        "Training",
        "Selection of the final model", "Ensembles", "Metrics", "Significance and uncertainty",
        "Robustness and sensitivity",
        "Explainability", "Evaluation on internal data", "Testing on external data", "Registration of a trial",
        "Numbers included and excluded", "Characteristics of cases in each partition", "Performance with uncertainty",
        "Diagnostic performance with precision", "Failure analysis", "Limitations", "Implications for practice",
        "Protocol and technical details", "Availability of software, models and data", "Funding",
    ]

    /// - Parameter paragraphs: the methods' paragraphs, by heading.
    private func answer(_ number: Int, _ paragraphs: [String: String]) -> String? {
        let methods = results.methods
        let isTraining = { (kind: DatasetDescription.Role) in results.datasets.filter { $0.role == kind } }
        let external = isTraining(.external)
        switch number {
        case 1:
            return
                "Deep learning: segmentation of lesions in breast ultrasound\(classifies ? ", with prediction of malignancy" : "")."
        case 4: return results.question
        case 7: return names(results.datasets) + " " + Self.unknownBeside("centers and dates")
        case 8: return skipped.map { "\($0) " + Self.unknownBeside("criteria of the data sets") }
        case 9:
            return settings("training.imageSize").map {
                "Letterboxed to \($0) × \($0) px, standardized; predictions are judged at the original size."
            }
        case 10: return results.split.method
        case 12:
            return
                "Images without a label take no part where the label is needed; images whose metric is undefined are counted out "
                + "(n next to each figure). Empty masks: \(methods.emptyPolicy)"
        case 19: return results.split.method
        case 20:
            return "Patients, or cases where patients are unknown, and duplicates are never divided. "
                + (results.audit == nil ? "" : "A leakage audit compared all images (report, Provenance).")
        case 22: return paragraphs["Models"]
        case 23: return paragraphs["Software"]
        case 24:
            let start = settings("model.startFrom").flatMap { $0 == "false" ? nil : $0 }
            return start.map { "Weights of \($0)." }
                ?? "Random, by the seeds \(NumberFormat.list(results.seeds.map(String.init)))."
        case 25: return paragraphs["Training"]
        case 26: return paragraphs["Choices"]
        case 27:
            return settings("inference") == nil
                ? "Figures are means over trainings unless an arm's `inference` says otherwise." : nil
        case 28: return paragraphs["Evaluation"]
        case 29: return "Intervals: \(methods.interval) Tests: \(methods.test) Several tests: \(methods.correction)"
        case 30: return robustness
        case 31: return explainability
        case 32:
            return datasets(.test) ?? datasets(.source).map { "\($0), the validation part, which served to choose." }
        case 33: return external.isEmpty ? "None." : datasets(.external)
        case 35: return included
        case 36: return partitions
        case 37: return "results.md, Results and table.tex: means with standard deviations, 95 % intervals and p."
        case 38: return classifies ? "results.md and report, Malignancy." : "No arm predicts malignancy."
        case 39: return "Report, Failures: lesions missed and false alarms; and worst cases with pictures."
        case 40:
            return
                "Report, Methods and limits, lists those that follow from the study's size and design; others: \(Self.unknown)."
        case 42: return "config.yaml (every setting as resolved), split.json, results.json."
        case 43:
            return
                "SegmentationKit \(results.packageVersion), open source; models are in models/. Data: \(Self.unknown)."
        default: return nil
        }
    }

    private static func unknownBeside(_ what: String) -> String { "The \(what): \(unknown)." }

    private var classifies: Bool { results.summaries.contains { $0.malignancy != nil } }

    private func settings(_ path: String) -> String? {
        results.arms.lazy.compactMap { SettingsText($0)[path]?.name }.first
    }

    private func names(_ datasets: [DatasetDescription]) -> String {
        "Data sets: \(NumberFormat.list(datasets.map(\.name).uniqued()))."
    }

    private func datasets(_ role: DatasetDescription.Role) -> String? {
        let own = results.datasets.filter { $0.role == role }
        return own.isEmpty ? nil : own.map { "\($0.name): \(MethodsText.images($0.evaluated))" }.joined(separator: "; ")
    }

    private var skipped: String? {
        results.skippedDatasets.map { sets in
            sets.map { "\($0.name) was left out: \($0.reason)." }.joined(separator: " ")
        }
    }

    private var included: String {
        results.datasets.map { "\($0.name), \($0.role.rawValue): \(MethodsText.images($0.evaluated))" }.joined(
            separator: "; "
        )
    }

    private var partitions: String {
        let parts = results.split.parts.map { "\($0.name): \(MethodsText.images($0.counts))" }.joined(separator: "; ")
        let described = results.datasets.compactMap { dataset in
            dataset.population.flatMap { $0.age ?? $0.diameter }.map { _ in dataset.name }
        }
        let population =
            described.isEmpty ? "" : " Ages, lesion sizes, categories and scanners as far as known: report, Methods."
        return "\(parts).\(population) Others: \(Self.unknown)."
    }

    private var robustness: String? {
        let parts = [
            results.seeds.count > 1 ? "\(results.seeds.count) seeds per arm, their spread next to each figure" : nil,
            results.folds.map { "cross-validation in \($0) folds" },
            results.datasets.contains { $0.role == .external }
                ? "external sets; report: Dice by pathology, lesion size and BI-RADS category" : nil,
        ].compactMap(\.self)
        return parts.isEmpty ? nil : NumberFormat.list(parts) + "."
    }

    private var explainability: String? {
        results.features.isEmpty
            ? nil
            : "Features that malignancy was held against: \(NumberFormat.list(results.features.map(\.title))) (report, Features and prior)."
    }
}

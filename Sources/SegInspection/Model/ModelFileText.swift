import SegConfiguration
import SegCore
import SegPages
import SegSettings

/// What a model file says of itself, in words: for `segkit model` and for the card.
struct ModelFileText {
    let file: TrainedModel.Description

    init(_ file: TrainedModel.Description) { self.file = file }

    /// Lines for a terminal, each with its subject in front.
    var console: String {
        var lines: [(subject: String, text: String)] = [
            (
                "trained on",
                "\(file.source)\(file.split.map { " (\($0))" } ?? ""), arm \(file.arm), seed \(file.seed) of study \(file.study), "
                    + "by segkit \(file.packageVersion)"
            )
        ]
        lines += starts.map { ("started from", $0) }
        if let card = file.card {
            lines += card.parts.map { ("data", Self.sentence($0)) }
            lines.append(("epoch", Self.epoch(card)))
            lines += card.figures.map { ("validation", Self.sentence($0)) }
        }
        lines += inference.map { ("inference", $0) }
        lines.append(("heads, terms", parts))
        lines.append(("settings", settings))
        if let card = file.card {
            lines.append(("intended use", card.intendedUse))
            lines += card.limits.map { ("limits", $0) }
            lines.append(("license", card.license ?? Self.noLicense))
            if let contact = card.contact { lines.append(("contact", contact)) }
        } else {
            lines.append(("card", Self.noCard))
        }
        var last = ""
        return lines.map { line in
            // The subject once, above what is said of it.
            let subject = line.subject == last ? "" : line.subject
            last = line.subject
            return "  \(subject)\(String(repeating: " ", count: 16 - subject.count))\(line.text)\n"
        }.joined()
    }

    static let noCard = "not stored in this file, which an earlier version wrote"
    static let noLicense = "not stated: ask whoever trained it before you pass it on"

    /// How masks and probabilities are made of the network's outputs, a sentence each.
    var inference: [String] {
        var sentences = [
            "A pixel counts as lesion from a probability of \(Self.fixed(Double(file.segmentationThreshold), 2))."
        ]
        if let threshold = file.malignancyThreshold {
            sentences.append("A lesion counts as malignant from a probability of \(Self.fixed(threshold, 3)).")
        }
        if let temperature = file.malignancyTemperature {
            sentences.append(
                "Logits of malignancy are divided by a temperature of \(Self.fixed(temperature, 2)) for scaled probabilities."
            )
        }
        sentences.append(file.rules?.sentence ?? "Rules for masks: none in the file; masks stay as they are.")
        sentences.append("Views: the image as it is; the option --tta of predict and evaluate averages several.")
        return sentences
    }

    /// What its weights were before it was trained, a sentence each; empty for random ones.
    var starts: [String] {
        var sentences: [String] = []
        if let start = file.startedFrom {
            let sources = start.sources.map { ", trained on \(NumberFormat.list($0))" } ?? ""
            sentences.append("\(start.file), hash \(start.hash)\(sources)")
        }
        if let weights = file.publishedWeights {
            sentences.append("published weights of \(weights.encoder)\(weights.hash.map { ", SHA-256 \($0)" } ?? "")")
        }
        return sentences
    }

    var parts: String {
        let all =
            file.model.heads.map { "\($0.name) (weight \($0.weight))" }
            + file.model.terms.map { "\($0.name) (weight \($0.weight))" }
        return all.joined(separator: ", ")
    }

    var settings: String {
        (file.model.backbone.settings.members ?? [:]).sorted { $0.key < $1.key }
            .map { "\($0.key) \(Self.word($0.value))" }.joined(separator: ", ")
    }

    /// `training: 64 images of 60 patients or cases, 40 benign, 24 malignant`
    static func sentence(_ part: ModelCard.Part) -> String {
        // In the order in which data sets appear everywhere.
        let order = ["benign", "malignant", "normal", "unknown"]
        let shown = order.compactMap { name in
            part.pathologies[name].map { "\(NumberFormat.count($0)) \(name == "unknown" ? "not labeled" : name)" }
        }
        return "\(part.name): \(NumberFormat.plural(part.images, "image")) of "
            + "\(NumberFormat.plural(part.groups, "patient or case", "patients or cases"))"
            + (shown.isEmpty ? "" : ", " + shown.joined(separator: ", "))
    }

    /// `Dice 0.712 (95 % CI 0.650 to 0.764, n = 25)`
    static func sentence(_ figure: ModelCard.Figure) -> String {
        "\(figure.title) \(fixed(figure.value, figure.decimals)) (\(interval(figure).map { "95 % CI \($0), " } ?? "")n = "
            + "\(NumberFormat.count(figure.images)))"
    }

    static func interval(_ figure: ModelCard.Figure) -> String? {
        guard let low = figure.low, let high = figure.high else { return nil }
        return "\(fixed(low, figure.decimals)) to \(fixed(high, figure.decimals))"
    }

    static func epoch(_ card: ModelCard) -> String { "\(card.keptEpoch) of \(card.epochs): \(card.epochChoice)" }

    static func fixed(_ value: Double, _ digits: Int) -> String { NumberFormat.fixed(value, digits) }

    private static func word(_ value: ConfigurationValue) -> String {
        switch value.resolved {
        case .null: "not set"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .text(let value), .written(let value, _): value
        case .list(let items): "[\(items.map(word).joined(separator: ", "))]"
        case .table(let members):
            members["name"].map(word)
                ?? "{\(members.sorted { $0.key < $1.key }.map { "\($0.key) \(word($0.value))" }.joined(separator: ", "))}"
        }
    }
}

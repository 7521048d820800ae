package import SegConfiguration
import SegPages
import SegTraining

/// The card of a model file as Markdown, to lie beside it.
package struct ModelCardPage {
    private let text: ModelFileText
    private let name: String
    private let parameters: Int

    private static let title = "# Model card: "

    /// - Parameters:
    ///   - name: the model file's, for the reader.
    ///   - parameters: the numbers that the network has.
    package init(_ file: TrainedModel.Description, name: String, parameters: Int) {
        text = ModelFileText(file)
        self.name = name
        self.parameters = parameters
    }

    /// Whether a text is a card that this type wrote.
    package static func isCard(_ text: String) -> Bool { text.hasPrefix(title) }

    package var markdown: String {
        let file = text.file
        var lines = [
            Self.title + Self.escaped("\(file.arm) of \(file.study)"), "",
            Self.escaped(
                "The model file \(name), seed \(file.seed). Made by segkit model --card from what the file holds."
            ),
        ]
        func section(_ heading: String, _ texts: [String]) {
            lines += ["", "## \(heading)"]
            for text in texts { lines += ["", Self.escaped(text)] }
        }
        func list(_ heading: String, _ items: [String]) {
            lines += ["", "## \(heading)", ""] + items.map { "- \(Self.escaped($0))" }
        }
        section("Intended use", [file.card?.intendedUse ?? Self.capitalized(ModelFileText.noCard) + "."])
        list("Limits", file.card?.limits ?? [Self.capitalized(ModelFileText.noCard) + "."])
        section("License", [file.card?.license ?? Self.capitalized(ModelFileText.noLicense) + "."])
        if let contact = file.card?.contact { section("Contact", [contact]) }
        list("Model", model)
        list("Training", training)
        if let card = file.card { lines += validation(card) }
        list("Inference", text.inference)
        section("What the training part looked like", profileSentences)
        if let profile = file.profile {
            lines += [""] + Self.table(["percentiles"] + ModelFileText.percentileHeads, ModelFileText.rows(profile))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var model: [String] {
        let file = text.file
        return [
            "Backbone: \(file.model.backbone.name), \(text.settings).",
            "Heads and terms: \(text.parts).",
            "\(NumberFormat.count(parameters)) parameters.",
            "Images: letterboxed into \(file.imageSize) px, \(file.hasColors ? "red, green and blue" : "gray").",
        ]
    }

    private var training: [String] {
        let file = text.file
        var items = ["Data set: \(file.source)" + (file.split.map { " (\($0))" } ?? "") + "."]
        items += (file.card?.parts ?? []).map { Self.capitalized(ModelFileText.sentence($0)) + "." }
        items +=
            text.starts.isEmpty ? ["It started from random weights."] : text.starts.map { "It started from \($0)." }
        if let card = file.card { items += ["Epoch \(ModelFileText.epoch(card))", card.thresholdChoice] }
        let commit = file.commit.map { ", commit \($0)" } ?? ""
        let training = file.trainingVersion.map { ", training \($0)" } ?? ""
        items.append("Software: SegmentationKit \(file.packageVersion)\(training)\(commit).")
        return items
    }

    private func validation(_ card: ModelCard) -> [String] {
        let rows = card.figures.map { figure in
            [
                figure.title, ModelFileText.fixed(figure.value, figure.decimals), ModelFileText.interval(figure) ?? "–",
                NumberFormat.count(figure.images),
            ]
        }
        return ["", "## Validation", "", Self.escaped("Masks as they are. Empty masks: \(card.emptyMasks)")]
            + (rows.isEmpty ? [] : [""] + Self.table(["metric", "mean", "95 % CI", "n"], rows))
    }

    private var profileSentences: [String] {
        guard let profile = text.file.profile else {
            return ["Not stored in this file: a study's table inference has it stored."]
        }
        return [ModelFileText.sentence(profile), ModelFileText.familiarity(profile)]
    }

    private static func table(_ head: [String], _ rows: [[String]]) -> [String] {
        let all = [head] + rows
        let lines = all.map { "| " + $0.map(escaped).joined(separator: " | ") + " |" }
        return [lines[0], "|---|" + String(repeating: "---:|", count: head.count - 1)] + lines.dropFirst()
    }

    private static func escaped(_ text: String) -> String { MarkdownText.escaped(text) }

    private static func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}

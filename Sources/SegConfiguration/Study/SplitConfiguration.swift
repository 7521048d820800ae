import SegCore
import SegSettings

/// How a study divides its source into training and validation.
///
/// ```yaml
/// train: {dataset: breast, folder: …, validationFraction: 0.2, splitSeed: 1}      # held out at random
/// train: {dataset: breast, folder: …, folds: 5, validationFraction: 0.2}          # cross-validation
/// train: {dataset: breast, folder: …, split: {folds: 5, part: 2, seed: 1}}        # the second of five folds
/// train: {dataset: bus-bra, folder: …, split: {published: 5-fold, part: 1}}       # as the data set's authors divided
/// train: {dataset: breast, folder: …, split: {file: split.json, part: fold 1}}    # as a file says
/// ```
///
/// With `folds` every arm is trained once for each fold. The fold is its internal test set, and a share of the other folds
/// chooses epoch and thresholds: every image of the source is tested on once, by models that knew nothing of it.
///
/// The first three never divide a patient or a set of duplicates; the others are taken as they are, and the leakage audit
/// reports if they do.
public enum SplitConfiguration: Hashable, Sendable {
    /// A share of the records validates.
    case holdOut(validationFraction: Double, seed: UInt64)
    /// Each of several folds tests once; a share of the others validates.
    case crossValidation(folds: Int, validationFraction: Double, seed: UInt64)
    /// One of several folds validates; `part` counts from 1.
    case folds(count: Int, part: Int, seed: UInt64)
    /// One part of a division that the data set's publication proposes; `part` counts from 1.
    case published(name: String, part: Int)
    /// A part of a split file, as written, with its variables.
    case file(path: String, part: String?)

    static let keys: [SettingDescription] = [
        .init("folds", "whole number", range: "2 or more", "Folds of a cross-validation; one division without it"),
        .init(
            "validationFraction",
            "number",
            range: "above 0, below 1",
            default: "0.2",
            "The share of the training images that validates"
        ),
        .init("splitSeed", "whole number", range: "0 or more", default: "1", "The seed of the division"),
        .init("split", "table", "A [division](#trainsplit) that is given, in place of the three keys above"),
    ]

    static let splitKeys: [SettingDescription] = [
        .init("file", "path", "A split file, with `${NAME}` for environment variables"),
        .init("folds", "whole number", range: "2 or more", "Folds, of which one validates"),
        .init("published", "name", "A division that the data set's publication proposes"),
        .init(
            "part",
            "whole number, or a name in a file",
            range: "1 to the number of parts",
            default: "1",
            "Which part of the division it is"
        ),
        .init("seed", "whole number", range: "0 or more", default: "1", "The seed of the folds"),
    ]

    /// Reads the keys beside those of the data set.
    init(_ source: ConfigurationTable) throws {
        guard let value = source["split"] else {
            let fraction = try source.number("validationFraction") ?? 0.2
            try require(source.subject("validationFraction"), fraction, in: .leastNonzeroMagnitude..<1)
            let seed = UInt64(try source.natural("splitSeed") ?? 1)
            guard let folds = try source.natural("folds") else {
                self = .holdOut(validationFraction: fraction, seed: seed)
                return
            }
            guard folds >= 2 else {
                throw SegmentationError(
                    source.subject("folds"),
                    "is \(folds)",
                    cure: "use 2 folds or more, or remove the key to hold out a validation part once"
                )
            }
            self = .crossValidation(folds: folds, validationFraction: fraction, seed: seed)
            return
        }
        for key in ["folds", "validationFraction", "splitSeed"] where source[key] != nil {
            throw SegmentationError(
                source.subject(key),
                "cannot be combined with `split`, which already says how to divide",
                cure: "remove one of the two"
            )
        }
        let path = source.subject("split")
        let table = try ConfigurationTable(value, path: path, keys: Self.splitKeys)
        let kinds = ["file", "folds", "published"].filter { table[$0] != nil }
        guard kinds.count == 1 else {
            throw SegmentationError(
                path,
                kinds.isEmpty ? "does not say how to divide" : "names \(kinds.joined(separator: " and "))",
                cure: "name one of `file`, `folds` and `published`"
            )
        }
        if kinds != ["folds"], table["seed"] != nil {
            throw SegmentationError(
                table.subject("seed"),
                "has no effect on a division that is given",
                cure: "remove it"
            )
        }
        if let file = try table.text("file") {
            self = .file(path: file, part: try table.text("part"))
            return
        }
        let part = try table.natural("part") ?? 1
        if let name = try table.text("published") {
            self = .published(name: name, part: part)
        } else {
            let count = try table.natural("folds") ?? 0
            guard count >= 2, (1...count).contains(part) else {
                throw SegmentationError(
                    table.subject(count < 2 ? "folds" : "part"),
                    "is \(count < 2 ? count : part)",
                    cure: count < 2 ? "use 2 folds or more" : "choose a fold from 1 to \(count)"
                )
            }
            self = .folds(count: count, part: part, seed: UInt64(try table.natural("seed") ?? 1))
        }
    }

    /// Folds that every arm is trained for; `nil` where there is one division.
    public var foldCount: Int? {
        if case .crossValidation(let folds, _, _) = self { folds } else { nil }
    }

    /// The division in a few words: `validationFraction 0.2, splitSeed 1`.
    package var text: String {
        switch self {
        case .holdOut(let fraction, let seed): "validationFraction \(fraction), splitSeed \(seed)"
        case .crossValidation(let folds, let fraction, let seed):
            "\(folds) folds, validationFraction \(fraction), splitSeed \(seed)"
        case .folds(let count, let part, let seed): "fold \(part) of \(count), seed \(seed)"
        case .published(let name, let part): "published division \(name), part \(part)"
        case .file(let path, let part): "file \(path)" + (part.map { ", part \($0)" } ?? "")
        }
    }

    /// The keys and values of the configuration.
    var resolved: ConfigurationMembers {
        switch self {
        case .holdOut(let fraction, let seed):
            return ["validationFraction": .number(fraction), "splitSeed": .integer(Int(seed))]
        case .crossValidation(let folds, let fraction, let seed):
            return [
                "folds": .integer(folds), "validationFraction": .number(fraction), "splitSeed": .integer(Int(seed)),
            ]
        case .folds(let count, let part, let seed):
            return [
                "split": .table(["folds": .integer(count), "part": .integer(part), "seed": .integer(Int(seed))])
            ]
        case .published(let name, let part):
            return ["split": .table(["published": .text(name), "part": .integer(part)])]
        case .file(let path, let part):
            var members: ConfigurationMembers = ["file": .text(path)]
            members["part"] = part.map(ConfigurationValue.text)
            return ["split": .table(members)]
        }
    }
}

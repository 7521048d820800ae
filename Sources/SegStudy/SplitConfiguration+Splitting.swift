import Foundation
import SegConfiguration
import SegCore
import SegData
import SegPages
import SegTensor

extension SplitConfiguration {
    /// Whether the split is made here, so that it can keep duplicates together.
    var isMade: Bool {
        switch self {
        case .holdOut, .crossValidation, .folds: true
        case .published, .file: false
        }
    }

    /// Divides the source: once, or once for each fold of a cross-validation.
    ///
    /// - Parameter linked: ids of records that are duplicates of one another.
    func splits(
        _ source: OpenedDataset,
        linked: [[String]],
        path: String,
        environment: [String: String]
    ) throws -> [Split] {
        let records = source.records
        switch self {
        case .holdOut(let fraction, let seed):
            return [try Split.holdOut(records, validationFraction: fraction, seed: seed, linked: linked)]
        case .crossValidation(let folds, let fraction, let seed):
            return try Split.crossValidation(
                records,
                folds: folds,
                validationFraction: fraction,
                seed: seed,
                linked: linked
            )
        case .folds(let count, let part, let seed):
            return [try Split.folds(records, count: count, seed: seed, linked: linked)[part - 1]]
        case .published(let name, let part):
            let published = try PluginContext.with(source.adapter) {
                try source.adapter.documented?.publishedSplits() ?? []
            }
            guard let split = published.first(where: { $0.name == name }) else {
                throw SegmentationError(
                    "\(path).split.published",
                    "\(source.adapter.name) publishes no division `\(name)`",
                    cure: published.isEmpty
                        ? "use `folds` or `validationFraction`"
                        : "choose one of \(published.map { "`\($0.name)`" }.joined(separator: ", "))"
                )
            }
            guard split.parts.indices.contains(part - 1) else {
                throw SegmentationError(
                    "\(path).split.part",
                    "is \(part), and the division `\(name)` has \(split.parts.count) parts",
                    cure: "choose a part from 1 to \(split.parts.count)"
                )
            }
            let ids = split.parts[part - 1]
            let validation = split.validation.indices.contains(part - 1) ? split.validation[part - 1] : []
            let known = Set(records.map(\.id)).union(source.leftOut)
            if let unknown = (ids + validation).first(where: { !known.contains($0) }) {
                throw SegmentationError(
                    "\(path).split.published",
                    "the division `\(name)` names \(unknown), which the data set does not have",
                    cure: "download the data set again"
                )
            }
            // Where the publication says what to validate on, what it holds out is a test part.
            return [
                validation.isEmpty
                    ? try Split(records, validation: ids, subject: "\(path).split")
                    : try Split(records, validation: validation, test: ids, subject: "\(path).split")
            ]
        case .file(let file, let part):
            let url = try DatasetConfiguration.url(file, subject: "\(path).split.file", environment: environment)
            let file = try SplitFile(contentsOf: url)
            return [try file.split(part: part, of: records, leftOut: Set(source.leftOut), file: url.path)]
        }
    }

    /// How the source was divided, in a sentence.
    func method(of source: String) -> String {
        let together =
            "by patient (or case, where patients are unknown) and by duplicates, which stay together, stratified by "
            + "pathology"
        switch self {
        case .holdOut(let fraction, let seed):
            let percent = NumberFormat.fixed(fraction * 100, 0)
            return "\(percent) % of \(source) held out for validation \(together), split seed \(seed)"
        case .crossValidation(let folds, let fraction, let seed):
            let percent = NumberFormat.fixed(fraction * 100, 0)
            return
                "\(folds) folds of \(source), each tested once, and \(percent) % of the others held out for validation "
                + "\(together), split seed \(seed)"
        case .folds(let count, let part, let seed):
            return "Fold \(part) of \(count) of \(source) held out for validation \(together), split seed \(seed)"
        case .published(let name, let part):
            return "Part \(part) of the published division `\(name)` of \(source) held out"
        case .file(let path, let part):
            let name = (path as NSString).lastPathComponent
            return "\(source) divided by the file \(name)" + (part.map { ", part `\($0)`" } ?? "")
        }
    }
}

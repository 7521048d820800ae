import Foundation
import SegCache
public import SegConfiguration
import SegCore
public import SegData
import SegImageIO
import SegPages
import SegResults
import SegSettings
import SegTraining

/// A data set divided by patient and duplicate, for a file that a paper can publish.
public struct DatasetDivision: Sendable {
    /// How to divide.
    public enum Scheme: Hashable, Sendable {
        /// A share is held out for validation.
        case holdOut(Double)
        /// Folds, each of which validates once.
        case folds(Int)
        /// Outer folds, each of which tests once, and inner folds of the rest, each of which validates once.
        case nested(outer: Int, inner: Int)
    }

    /// The divisions.
    public let file: SplitFile
    /// Parts without a benign or malignant lesion, a sentence each.
    public let gaps: [String]
    /// Sets of duplicates that were kept together, as ids.
    public let duplicates: [[String]]

    /// Reads a data set, finds its duplicates and divides it.
    ///
    /// - Throws: ``SegmentationError`` for whatever is wrong with the data set, or if it has too few patients;
    ///   ``SegTraining/TrainingCancelled`` when stopped.
    public init(
        _ configuration: DatasetConfiguration,
        scheme: Scheme,
        seed: UInt64,
        in context: RunContext = RunContext()
    ) throws {
        let opened = try configuration.open(context.registry, environment: context.environment)
        let records = opened.records
        let thumbnails = try Thumbnail.all(
            of: opened.adapter,
            name: opened.name,
            records: records,
            decoder: StandardImageDecoder(),
            cache: context.cache
        ) { done, total in try context.stage("Reading \(opened.name)", done: done, total: total) }
        context.cache?.tell(context.observer, since: nil)
        duplicates = DuplicateFinder().search(thumbnails).clusters.clusters.map { $0.map(\.id) }
        var parts: [(name: String, split: Split)]
        let method: String
        switch scheme {
        case .holdOut(let fraction):
            let split = try Split.holdOut(records, validationFraction: fraction, seed: seed, linked: duplicates)
            parts = [("hold-out", split)]
            method = "\(NumberFormat.fixed(fraction * 100, 0)) % held out for validation"
        case .folds(let count):
            let folds = try Split.folds(records, count: count, seed: seed, linked: duplicates)
            parts = folds.enumerated().map { ("fold \($0 + 1)", $1) }
            method = "\(count) folds"
        case .nested(let outer, let inner):
            let nested = try Split.nested(records, outer: outer, inner: inner, seed: seed, linked: duplicates)
            parts = nested.enumerated().flatMap { outer, folds in
                folds.enumerated().map { ("outer \(outer + 1), inner \($0 + 1)", $1) }
            }
            method = "\(outer) outer folds for testing, each with \(inner) inner folds for validation"
        }
        gaps = parts.flatMap { $0.split.classGaps(records, named: parts.count == 1 ? nil : $0.name) }
        file = SplitFile(
            dataset: opened.name,
            method: "\(method), by patient (or case, where patients are unknown) and by duplicates "
                + "(\(duplicates.count) sets of \(duplicates.reduce(0) { $0 + $1.count }) images), stratified by "
                + "pathology, seed \(seed)",
            records: records,
            parts: parts
        )
    }

    /// The parts with their counts, as a table for a console.
    public var summary: String {
        let pathologies = Dictionary(uniqueKeysWithValues: file.records.map { ($0.id, $0.pathology) })
        func counts(_ ids: [String]) -> String {
            let counts = PathologyCounts(ids.map { pathologies[$0] ?? nil })
            return "\(counts.total) (\(counts.benign) benign, \(counts.malignant) malignant, \(counts.normal) normal"
                + (counts.unknown > 0 ? ", \(counts.unknown) unknown)" : ")")
        }
        var lines = ["\(file.dataset): \(file.method)"]
        for part in file.parts {
            let test = part.test.isEmpty ? "" : "; test \(counts(part.test))"
            lines.append("  \(part.name): validation \(counts(part.validation))\(test)")
        }
        return lines.joined(separator: "\n")
    }
}

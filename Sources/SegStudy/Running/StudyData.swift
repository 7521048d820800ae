import Foundation
import SegCore
import SegData
import SegImageIO
import SegTraining

/// The data sets of a study: listed at once, read into memory at each image size that an arm asks for.
final class StudyData {
    /// A data set that arms are evaluated on.
    struct Evaluated {
        var description: DatasetDescription
        var opened: OpenedDataset
        /// The records that are evaluated.
        var records: [SampleRecord]
    }

    let source: OpenedDataset
    let split: Split
    let splitSummary: SplitSummary
    /// The held-out part of the source, then the external sets.
    private(set) var evaluated: [Evaluated]

    private var stores: [Int: [[PreparedSample]]] = [:]
    private let decoder = StandardImageDecoder()

    /// Opens and lists every data set of a study. Nothing is decoded.
    init(_ study: StudyConfiguration, registry: PluginRegistry, environment: [String: String]) throws {
        source = try study.train.dataset.open(registry, environment: environment)
        split = try Split.holdOut(
            source.records,
            validationFraction: study.train.validationFraction,
            seed: study.train.splitSeed
        )
        let external = try study.test.map { try $0.open(registry, environment: environment) }
        let validation = split.validation.map { [source] in source.records[$0] }
        evaluated = [Self.evaluated(source, role: .source, validation)]
        for (index, opened) in external.enumerated() {
            guard !evaluated.contains(where: { $0.description.name == opened.name }) else {
                throw SegmentationError(
                    "test[\(index)]",
                    "another data set of the study is called \(opened.name) too",
                    cure: "give it a `name:` of its own"
                )
            }
            evaluated.append(Self.evaluated(opened, role: .external, opened.records))
        }
        let parts = [("training", split.train), ("validation", split.validation)].map { [source] name, indices in
            let records = indices.map { source.records[$0] }
            return SplitSummary.Part(
                name: name,
                counts: PathologyCounts(records.map(\.pathology)),
                groups: Set(records.map(\.group)).count
            )
        }
        let percent = NumberFormat.fixed(study.train.validationFraction * 100, 0)
        splitSummary = SplitSummary(
            method: "\(percent) % of \(source.name) held out for validation by patient (or case, where patients are "
                + "unknown), stratified by pathology, split seed \(study.train.splitSeed)",
            parts: parts
        )
    }

    private static func evaluated(
        _ opened: OpenedDataset,
        role: DatasetDescription.Role,
        _ records: [SampleRecord]
    ) -> Evaluated {
        Evaluated(
            description: DatasetDescription(
                name: opened.name,
                role: role,
                counts: PathologyCounts(opened.records.map(\.pathology)),
                evaluated: PathologyCounts(records.map(\.pathology)),
                fingerprint: ""
            ),
            opened: opened,
            records: records
        )
    }

    /// Decodes and letterboxes everything at one size, once.
    func prepare(
        size: Int,
        observer: any StudyObserver,
        isCancelled: @escaping @Sendable () -> Bool
    ) throws {
        guard stores[size] == nil else { return }
        var all: [[PreparedSample]] = []
        for index in evaluated.indices {
            let opened = evaluated[index].opened
            let title = "Reading \(opened.name) at \(size) px"
            let store = try SampleStore.prepare(
                adapter: opened.adapter,
                records: opened.records,
                size: size,
                decoder: decoder
            ) { done, total in
                observer.stage(title, done: done, total: total)
                if isCancelled() { throw TrainingCancelled() }
            }
            if evaluated[index].description.fingerprint.isEmpty {
                var fingerprint = Fingerprint()
                for sample in store.samples { fingerprint.combine(sample) }
                evaluated[index].description.fingerprint = fingerprint.text
            }
            all.append(store.samples)
        }
        stores[size] = all
    }

    /// The training samples at a size that was prepared.
    func training(size: Int) -> [PreparedSample] { part(split.train, size) }

    /// The validation samples at a size that was prepared.
    func validation(size: Int) -> [PreparedSample] { part(split.validation, size) }

    /// What is evaluated of each of ``evaluated``, at a size that was prepared.
    func samples(of dataset: Int, size: Int) -> [PreparedSample] {
        dataset == 0 ? validation(size: size) : stores[size]?[dataset] ?? []
    }

    /// Decodes one image in its native size.
    func native(_ record: SampleRecord, of dataset: Int) throws -> Sample {
        try evaluated[dataset].opened.adapter.sample(for: record, decoder: decoder)
    }

    /// One hash over all data sets.
    var fingerprint: String {
        var fingerprint = Fingerprint()
        for dataset in evaluated { fingerprint.combine(dataset.description.fingerprint) }
        return fingerprint.text
    }

    private func part(_ indices: [Int], _ size: Int) -> [PreparedSample] {
        guard let all = stores[size]?.first else { preconditionFailure("the data are prepared at \(size) px first") }
        return indices.map { all[$0] }
    }
}

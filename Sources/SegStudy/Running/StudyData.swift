import Foundation
import SegCache
import SegCore
import SegData
import SegImageIO
import SegTraining

/// The data sets of a study: listed at once, read into memory at each image size that an arm asks for, then divided and
/// audited.
final class StudyData {
    /// What arms are evaluated on: the held-out parts of the source, and the external sets.
    struct Evaluated {
        var description: DatasetDescription
        /// Which of the opened data sets it belongs to; 0 is the source.
        var dataset: Int
        /// Indices of its records in the data set.
        var indices: [Int]
        /// The records that are evaluated.
        var records: [SampleRecord]
    }

    /// The source, then the external sets.
    let opened: [OpenedDataset]
    /// The validation part of the source, its test part if there is one, then the external sets. The parts of the source
    /// are known once the data are divided.
    private(set) var evaluated: [Evaluated] = []
    /// Whether what is learnt from and what is judged on are apart.
    private(set) var audit: AuditSummary?

    private let study: StudyConfiguration
    private let environment: [String: String]
    private var division = Split.none
    private var fingerprints: [String] = []
    private var stores: [Int: [[PreparedSample]]] = [:]
    private let decoder = StandardImageDecoder()

    var source: OpenedDataset { opened[0] }

    /// Opens and lists every data set of a study. Nothing is decoded.
    init(_ study: StudyConfiguration, registry: PluginRegistry, environment: [String: String]) throws {
        self.study = study
        self.environment = environment
        opened =
            [try study.train.dataset.open(registry, environment: environment)]
            + (try study.test.map { try $0.open(registry, environment: environment) })
        for (index, external) in opened.enumerated().dropFirst() {
            guard !opened[..<index].contains(where: { $0.name == external.name }) else {
                throw SegmentationError(
                    "test[\(index - 1)]",
                    "another data set of the study is called \(external.name) too",
                    cure: "give it a `name:` of its own"
                )
            }
        }
        // Without the duplicates, which only decoding shows: so that an impossible division is known at once.
        _ = try split(linked: [])
    }

    private func split(linked: [[String]]) throws -> Split {
        try study.train.split.split(source, linked: linked, path: "train", environment: environment)
    }

    /// Decodes and letterboxes everything at each of the sizes, divides the source and audits the division.
    ///
    /// Throws: ``SegmentationError`` naming a damaged file, or what leaks.
    func prepare(
        sizes: Set<Int>,
        cache: TensorCache?,
        observer: any StudyObserver,
        isCancelled: @escaping @Sendable () -> Bool
    ) throws {
        let known = cache?.report
        defer { cache?.tell(observer, since: known) }
        let missing = sizes.subtracting(stores.keys)
        let isFirst = evaluated.isEmpty
        guard !missing.isEmpty || isFirst else { return }
        let contents = try opened.map { opened in
            let title = "Reading \(opened.name)"
            return try DatasetContents(
                DatasetContents.Wanted(sizes: missing, thumbnailsOf: isFirst ? opened.name : nil),
                of: opened.adapter,
                records: opened.records,
                decoder: decoder,
                cache: cache
            ) { done, total in
                observer.stage(title, done: done, total: total)
                if isCancelled() { throw TrainingCancelled() }
            }
        }
        for size in missing { stores[size] = contents.map { $0.samples[size] ?? [] } }
        guard isFirst, let largest = stores.keys.max(), let all = stores[largest] else { return }
        fingerprints = all.map { samples in
            var fingerprint = Fingerprint()
            for sample in samples { fingerprint.combine(sample) }
            return fingerprint.text
        }
        try divide(contents.map(\.thumbnails))
    }

    /// Divides the source by patient and duplicate, and makes sure that nothing leaks.
    private func divide(_ thumbnails: [[Thumbnail]]) throws {
        let finder = DuplicateFinder()
        var linked: [[String]] = []
        if study.train.split.isMade {
            let clusters = DuplicateClusters(pairs: finder.pairs(thumbnails[0]))
            linked = clusters.clusters.map { $0.map(\.id) }
        }
        division = try split(linked: linked)
        evaluated = [part("", .source, division.validation)]
        if !division.test.isEmpty { evaluated.append(part(" test part", .test, division.test)) }
        for index in opened.indices.dropFirst() { evaluated.append(external(index)) }

        let sourceParts: [(LeakageAudit.Part.Role, [Int])] = [
            (.training, division.train), (.validation, division.validation), (.test, division.test),
        ]
        let parts =
            sourceParts.filter { !$0.1.isEmpty }.map { role, indices in
                LeakageAudit.Part(
                    role: role,
                    name: source.name,
                    dataset: source.adapter.name,
                    records: indices.map { source.records[$0] },
                    thumbnails: indices.map { thumbnails[0][$0] }
                )
            }
            + opened.indices.dropFirst().map { index in
                LeakageAudit.Part(
                    role: .external,
                    name: opened[index].name,
                    dataset: opened[index].adapter.name,
                    records: opened[index].records,
                    thumbnails: thumbnails[index]
                )
            }
        let result = LeakageAudit(parts, finder: finder)
        leakage = result
        audit = AuditSummary(result, linkedImages: linked.reduce(0) { $0 + $1.count }, threshold: finder.threshold)
    }

    /// The audit as made, with every leak; `nil` until the data are prepared.
    private(set) var leakage: LeakageAudit?

    private func part(_ suffix: String, _ role: DatasetDescription.Role, _ indices: [Int]) -> Evaluated {
        let records = indices.map { source.records[$0] }
        return Evaluated(
            description: DatasetDescription(
                name: source.name + suffix,
                role: role,
                counts: PathologyCounts(source.records.map(\.pathology)),
                evaluated: PathologyCounts(records.map(\.pathology)),
                fingerprint: fingerprints[0]
            ),
            dataset: 0,
            indices: indices,
            records: records
        )
    }

    private func external(_ index: Int) -> Evaluated {
        let records = opened[index].records
        let counts = PathologyCounts(records.map(\.pathology))
        return Evaluated(
            description: DatasetDescription(
                name: opened[index].name,
                role: .external,
                counts: counts,
                evaluated: counts,
                fingerprint: fingerprints[index]
            ),
            dataset: index,
            indices: Array(records.indices),
            records: records
        )
    }

    /// How the source was divided.
    var splitSummary: SplitSummary {
        SplitSummary(
            method: study.train.split.method(of: source.name),
            parts: division.parts.map { name, indices in
                let records = indices.map { source.records[$0] }
                return SplitSummary.Part(
                    name: name,
                    counts: PathologyCounts(records.map(\.pathology)),
                    groups: Set(records.map(\.group)).count
                )
            }
        )
    }

    /// The division as a file that others can use.
    var splitFile: SplitFile {
        SplitFile(
            dataset: source.name,
            method: study.train.split.method(of: source.name),
            records: source.records,
            parts: [("study", division)]
        )
    }

    /// The training samples at a size that was prepared.
    func training(size: Int) -> [PreparedSample] { part(0, division.train, size) }

    /// The validation samples at a size that was prepared.
    func validation(size: Int) -> [PreparedSample] { part(0, division.validation, size) }

    /// What is evaluated of each of ``evaluated``, at a size that was prepared.
    func samples(of index: Int, size: Int) -> [PreparedSample] {
        part(evaluated[index].dataset, evaluated[index].indices, size)
    }

    /// Decodes one image of what is evaluated, in its native size.
    func native(_ record: SampleRecord, of index: Int) throws -> Sample {
        try opened[evaluated[index].dataset].adapter.sample(for: record, decoder: decoder)
    }

    /// One hash over all data sets and the division.
    var fingerprint: String {
        var fingerprint = Fingerprint()
        for dataset in fingerprints { fingerprint.combine(dataset) }
        for id in division.trainIDs + [""] + division.validationIDs { fingerprint.combine(id) }
        return fingerprint.text
    }

    private func part(_ dataset: Int, _ indices: [Int], _ size: Int) -> [PreparedSample] {
        guard let all = stores[size]?[dataset] else {
            preconditionFailure("the data are prepared at \(size) px first")
        }
        return indices.map { all[$0] }
    }
}

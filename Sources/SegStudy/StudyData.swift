import Foundation
import SegCache
import SegConfiguration
import SegCore
import SegData
import SegImageIO
import SegInference
import SegResults
import SegSettings
import SegTensor
import SegTraining

/// The data sets of a study: listed at once, read at each image size that an arm asks for, as much of them into memory as the
/// study allows, then divided and audited.
final class StudyData {
    /// What arms are evaluated on: the held-out parts of the source, and the external sets.
    struct Evaluated {
        var description: DatasetDescription
        /// Which of the opened data sets it belongs to; 0 is the source.
        var dataset: Int
        /// Indices of its records in the data set.
        var indices: [Int]
        /// Whether each fold is evaluated on its own test part only.
        var isDividedByFold = false
        /// The records that are evaluated.
        var records: [SampleRecord]
    }

    /// The source, then the external sets.
    let opened: [OpenedDataset]
    /// External sets that are not there, and that the study may do without.
    let skipped: [SkippedDataset]
    /// The validation part of the source and its test part if there is one, or the whole of it where each fold is tested
    /// in its turn; then the external sets. The parts of the source are known once the data are divided.
    private(set) var evaluated: [Evaluated] = []
    /// Whether what is learned from and what is judged on are apart.
    private(set) var audit: AuditSummary?
    /// Whether an arm predicts malignancy.
    var classifies = false
    /// The labels beside the lesion that arms predict.
    var labels: [String] = []
    /// Hashes of the model files that arms start from, by the arm's name.
    var startingFiles: [String: String] = [:]

    /// Whether external sets of the study were not opened, as nothing is tested.
    let lacksExternals: Bool
    let study: StudyConfiguration
    private let environment: [String: String]
    /// The division of the source, or one for each fold.
    private(set) var divisions = [Split.none]
    private var fingerprints: [String] = []
    /// What the check found in each of the opened data sets.
    private var findings: [[DatasetDescription.Finding]] = []
    /// The group of each record by its id, in each of the opened data sets where duplicates join some.
    private var joinedGroups: [[String: String]] = []
    private var stores: [Int: [[StreamedSample]]] = [:]
    private let decoder = StandardImageDecoder()
    /// What the observer was told of the cache so far.
    private var toldOfCache: TensorCache.Report?
    /// Bounds the prepared images of all data sets and sizes that stay in memory.
    let memory: PreparedMemory

    var source: OpenedDataset { opened[0] }

    /// Opens and lists every data set of a study, or the source alone. Nothing is decoded.
    init(_ study: StudyConfiguration, readsExternals: Bool = true, in context: RunContext) throws {
        let (registry, environment) = (context.registry, context.environment)
        self.study = study
        lacksExternals = !readsExternals && !study.test.isEmpty
        self.environment = environment
        memory = try context.preparedMemory(study.preparedMemory)
        var opened = [try study.train.dataset.open(registry, environment: environment)]
        var skipped: [SkippedDataset] = []
        for external in readsExternals ? study.test : [] {
            if external.skipsIfMissing, let reason = external.absence(environment: environment) {
                skipped.append(SkippedDataset(name: external.name ?? external.dataset, reason: reason))
                continue
            }
            let found = try external.open(registry, environment: environment)
            guard !opened.contains(where: { $0.name == found.name }) else {
                throw SegmentationError(
                    external.path,
                    "another data set of the study is already called \(found.name)",
                    cure: "give it a `name:` of its own"
                )
            }
            opened.append(found)
        }
        (self.opened, self.skipped) = (opened, skipped)
        // Without the duplicates, which only decoding shows: so that an impossible division is known at once.
        divisions = try splits(linked: [])
    }

    private func splits(linked: [[String]]) throws -> [Split] {
        try study.train.split.splits(source, linked: linked, path: "train", environment: environment)
    }

    /// Decodes and letterboxes everything at each of the sizes, divides the source and audits the division.
    ///
    /// - Throws: ``SegmentationError`` naming a damaged file, or what leaks.
    func prepare(sizes: Set<Int>, in context: RunContext) throws {
        let cache = context.cache
        let known = cache?.report
        defer {
            cache?.tell(context.observer, since: known)
            toldOfCache = cache?.report
        }
        let missing = sizes.subtracting(stores.keys)
        let isFirst = evaluated.isEmpty
        guard !missing.isEmpty || isFirst else { return }
        let contents = try opened.map { opened in
            let title = "Reading \(opened.name)"
            return try DatasetContents(
                DatasetContents.Wanted(
                    sizes: missing,
                    thumbnailsOf: isFirst ? opened.name : nil,
                    inspects: isFirst,
                    colors: study.train.channels == 3,
                    memory: memory
                ),
                of: opened.adapter,
                records: opened.records,
                decoder: decoder,
                cache: cache
            ) { done, total in try context.stage(title, done: done, total: total) }
        }
        // Once, for the check of every data set, the division and the audit of each fold.
        let search = isFirst ? DuplicateFinder().search(contents.flatMap(\.thumbnails)) : nil
        if let search { try hold(contents, search, observer: context.observer) }
        for size in missing { stores[size] = contents.map { $0.samples[size] ?? [] } }
        context.tell(streamed: contents.flatMap(\.samples.values).joined(), within: memory)
        guard let search, let largest = stores.keys.max(), let all = stores[largest] else { return }
        fingerprints = all.map { samples in
            var fingerprint = Fingerprint()
            for sample in samples { fingerprint.combine(sample) }
            return fingerprint.text
        }
        try divide(contents.map(\.thumbnails), search)
    }

    /// Tells which of the images that are read when they are needed were damaged in the cache.
    func tellRebuilt(in context: RunContext) {
        context.cache?.tellRebuilt(context.observer, since: toldOfCache)
        toldOfCache = context.cache?.report
    }

    /// Asks of every data set what its check asks.
    ///
    /// - Throws: ``SegmentationError`` naming an error that is not allowed.
    private func hold(
        _ contents: [DatasetContents],
        _ search: DuplicateSearch,
        observer: any StudyObserver
    ) throws {
        var groups: [[String: String]] = []
        for (index, dataset) in opened.enumerated() {
            let own = search.restricted { $0.dataset == dataset.name }
            let pairs = own.pairs(of: dataset.records)
            let found = HeldFindings(
                dataset,
                inspections: contents[index].inspections,
                pairs: pairs,
                isSource: index == 0
            )
            try found.requireNoErrors()
            for warning in found.warnings { observer.message(warning) }
            findings.append(found.summaries)
            groups.append(dataset.groups(joining: own.clusters))
        }
        joinedGroups = groups
    }

    /// Divides the source by patient and duplicate, and makes sure that nothing leaks.
    private func divide(_ thumbnails: [[Thumbnail]], _ search: DuplicateSearch) throws {
        var linked: [[String]] = []
        if study.train.split.isMade {
            linked = search.restricted { $0.dataset == source.name }.clusters.clusters.map { $0.map(\.id) }
        }
        divisions = try splits(linked: linked)
        if study.train.split.foldCount != nil {
            var whole = part(" cross-validated", .test, divisions.flatMap(\.test))
            whole.isDividedByFold = true
            evaluated = [whole]
        } else {
            evaluated = [part("", .source, divisions[0].validation)]
            if !divisions[0].test.isEmpty { evaluated.append(part(" test part", .test, divisions[0].test)) }
        }
        for index in opened.indices.dropFirst() { evaluated.append(external(index)) }

        let result = LeakageAudit(joining: divisions.map { audit($0, thumbnails, search) })
        leakage = result
        audit = AuditSummary(
            result,
            linkedImages: linked.reduce(0) { $0 + $1.count },
            threshold: search.finder.threshold
        )
    }

    /// Compares the parts of a division with one another and with the external sets.
    private func audit(_ division: Split, _ thumbnails: [[Thumbnail]], _ search: DuplicateSearch) -> LeakageAudit {
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
                    thumbnails: indices.map { thumbnails[0][$0] },
                    patients: source.patients,
                    isPublished: source.adapter.documented?.publishedCounts != nil
                )
            }
            + opened.indices.dropFirst().map { index in
                LeakageAudit.Part(
                    role: .external,
                    name: opened[index].name,
                    dataset: opened[index].adapter.name,
                    records: opened[index].records,
                    thumbnails: thumbnails[index],
                    patients: opened[index].patients,
                    isPublished: opened[index].adapter.documented?.publishedCounts != nil
                )
            }
        return LeakageAudit(parts, search: search)
    }

    /// The audit as made, with every leak; `nil` until the data are prepared.
    private(set) var leakage: LeakageAudit?

    /// Records with the groups that count in intervals and tests.
    private func counted(_ records: [SampleRecord], of dataset: Int) -> [SampleRecord] {
        guard joinedGroups.indices.contains(dataset), !joinedGroups[dataset].isEmpty else { return records }
        return records.map { record in
            var record = record
            record.group = joinedGroups[dataset][record.id] ?? record.group
            return record
        }
    }

    private func part(_ suffix: String, _ role: DatasetDescription.Role, _ indices: [Int]) -> Evaluated {
        let records = counted(indices.map { source.records[$0] }, of: 0)
        return Evaluated(
            description: DatasetDescription(
                name: source.name + suffix,
                role: role,
                counts: PathologyCounts(source.records.map(\.pathology)),
                evaluated: PathologyCounts(records.map(\.pathology)),
                fingerprint: fingerprints[0],
                findings: findings.first
            ),
            dataset: 0,
            indices: indices,
            records: records
        )
    }

    private func external(_ index: Int) -> Evaluated {
        let records = counted(opened[index].records, of: index)
        let counts = PathologyCounts(records.map(\.pathology))
        return Evaluated(
            description: DatasetDescription(
                name: opened[index].name,
                role: .external,
                counts: counts,
                evaluated: counts,
                fingerprint: fingerprints[index],
                findings: findings.indices.contains(index) ? findings[index] : nil
            ),
            dataset: index,
            indices: Array(records.indices),
            records: records
        )
    }

    private func division(_ fold: Int?) -> Split { divisions[(fold ?? 1) - 1] }

    /// The training samples at a size that was prepared.
    func training(size: Int, fold: Int?) -> [StreamedSample] { part(0, division(fold).train, size) }

    /// The validation samples at a size that was prepared.
    func validation(size: Int, fold: Int?) -> [StreamedSample] { part(0, division(fold).validation, size) }

    /// What features are described on: the training samples, or all of a source whose every image trains in some fold.
    func described(size: Int) -> [StreamedSample] {
        divisions.count == 1 ? training(size: size, fold: nil) : part(0, Array(source.records.indices), size)
    }

    /// What is evaluated of each of ``evaluated``, at a size that was prepared.
    func samples(of index: Int, size: Int, fold: Int?) -> [StreamedSample] {
        let evaluated = evaluated[index]
        let samples = part(evaluated.dataset, evaluated.isDividedByFold ? division(fold).test : evaluated.indices, size)
        let records = counted(samples.map(\.record), of: evaluated.dataset)
        return zip(samples, records).map { sample, record in
            var sample = sample
            sample.record = record
            return sample
        }
    }

    /// Decodes one image of what is evaluated, in its native size.
    func native(_ record: SampleRecord, of index: Int) throws -> Sample {
        let adapter = opened[evaluated[index].dataset].adapter
        return try PluginContext.with(adapter) { try adapter.sample(for: record, decoder: decoder) }
    }

    /// One hash over all data sets and the division.
    var fingerprint: String { fingerprint(of: fingerprints) }

    /// One hash over the source and its division: all that a training depends on.
    var sourceFingerprint: String { fingerprint(of: fingerprints.prefix(1)) }

    /// One hash of all that the weights of an arm's trainings follow from beside the study's settings.
    func plan(ofArm arm: String) -> String {
        var fingerprint = Fingerprint()
        for text in [sourceFingerprint, startingFiles[arm] ?? "", String(FinishedTraining.currentTraining)] {
            fingerprint.combine(text)
        }
        return fingerprint.text
    }

    private func fingerprint(of datasets: some Sequence<String>) -> String {
        var fingerprint = Fingerprint()
        for dataset in datasets { fingerprint.combine(dataset) }
        for division in divisions {
            for id in division.trainIDs + [""] + division.validationIDs { fingerprint.combine(id) }
        }
        return fingerprint.text
    }

    private func part(_ dataset: Int, _ indices: [Int], _ size: Int) -> [StreamedSample] {
        guard let all = stores[size]?[dataset] else {
            preconditionFailure("the data are prepared at \(size) px first")
        }
        return indices.map { all[$0] }
    }
}

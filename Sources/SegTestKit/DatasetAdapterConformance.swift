import Foundation
public import SegCore
import SegFiles
public import SegImageIO
import SegTensor

/// Checks that a dataset adapter keeps the rules of ``SegCore/DatasetAdapter``.
///
/// | rule | meaning |
/// |---|---|
/// | `has-name` | the adapter has a name of one line |
/// | `lists-records` | `records()` does not throw and is not empty |
/// | `stable-listing` | a second listing gives the same records in the same order |
/// | `unique-ids` | ids are not empty, and no two records share one |
/// | `has-groups` | no group is empty |
/// | `one-image-a-record` | no two records share an image, and no file is image and mask at once |
/// | `files-exist` | every image and mask is a file, on the disk or in a zip archive |
/// | `normals-without-mask` | a normal image lists no mask, and its sample has no lesion |
/// | `lesions-with-mask` | an image with a lesion lists a mask, and its sample has a lesion |
/// | `spacing-is-positive` | pixel spacing, where given, is a positive number of mm |
/// | `decodes-samples` | `sample(for:decoder:)` does not throw |
/// | `keeps-records` | a sample carries the record that was asked for |
/// | `keeps-labels` | a sample has a mask of each further label that the adapter states and of no other; exclusive ones are apart |
/// | `mask-size` | image and lesion have the same size |
/// | `intensity-range` | intensities lie in `0...1` |
/// | `stable-samples` | a record decodes to the same sample twice |
/// | `order-does-not-matter` | records decode to the same samples in another order |
/// | `threads-do-not-matter` | records decode to the same samples on several threads at once, as a training reads them |
/// | `reads-listed-files` | the decoder is asked for no file that the record does not list |
/// | `published-splits` | of a ``SegCore/DocumentedDataset``: `publishedSplits()` does not throw and repeats; names are unique, and parts |
/// | | and what is validated on are ids of records, each once, and apart |
/// | `published-counts` | counts are 0 or more, and those by pathology are no more than the total |
/// | `decoding-version` | a version of how it decodes is one line, and stays |
/// | `doubts-are-lines` | `doubts(about:decoder:)` does not throw, says one line each, and says the same twice |
///
/// - Parameters:
///   - adapter: The adapter on a folder with data: the real one, or a small one that the test writes.
///   - decoder: What reads the files.
///   - maximumSamples: How many records are decoded, spread evenly over the listing.
/// - Returns: One failure for each broken rule, with the first record that breaks it and how many more do; empty for an
///   adapter that conforms.
public func checkDatasetAdapter(
    _ adapter: any DatasetAdapter,
    decoder: any ImageDecoder = StandardImageDecoder(),
    maximumSamples: Int = 20
) -> [ConformanceFailure] {
    adapterFailures(adapter, decoder, maximumSamples).toldOnce(limit: 1)
}

private func adapterFailures(
    _ adapter: any DatasetAdapter,
    _ decoder: any ImageDecoder,
    _ maximumSamples: Int
) -> [ConformanceFailure] {
    var failures: [ConformanceFailure] = []
    if adapter.name.trimmingCharacters(in: .whitespaces).isEmpty || adapter.name.contains(where: \.isNewline) {
        failures.append(ConformanceFailure("has-name", "the name is '\(adapter.name)'"))
    }
    let records: [SampleRecord]
    do {
        records = try adapter.records()
        if try adapter.records() != records {
            failures.append(ConformanceFailure("stable-listing", "the second listing differs from the first"))
        }
    } catch {
        return failures + [ConformanceFailure("lists-records", "\(error)")]
    }
    guard !records.isEmpty else { return failures + [ConformanceFailure("lists-records", "there are no records")] }
    failures += checkIdentity(of: records)
    failures += records.flatMap(checkRecord)
    // Evenly spread, so that every class of a sorted listing has a chance.
    let count = min(max(maximumSamples, 0), records.count)
    let chosen = (0..<count).map { records[$0 * records.count / count] }
    var unsteady: Set<String> = []
    var expected: [Int] = []
    for record in chosen {
        let (own, hash) = checkSample(of: record, adapter: adapter, decoder: decoder)
        failures += own
        expected.append(hash)
        if own.contains(where: { ["decodes-samples", "stable-samples"].contains($0.rule) }) {
            unsteady.insert(record.id)
        }
    }
    // Of a sample that is another one each time, nothing more can be said.
    if unsteady.isEmpty { failures += checkReading(of: chosen, expected, adapter: adapter, decoder: decoder) }
    if let documented = adapter.documented { failures += checkDocumented(documented, records, chosen, decoder) }
    return failures
}

/// Rules about the records as a whole.
private func checkIdentity(of records: [SampleRecord]) -> [ConformanceFailure] {
    var failures: [ConformanceFailure] = []
    var ids: Set<String> = []
    var images: Set<String> = []
    let masks = Set(records.flatMap { $0.maskFiles.map(\.standardizedFileURL.path) })
    for record in records {
        let image = record.imageFile.standardizedFileURL.path
        if record.id.isEmpty {
            failures.append(ConformanceFailure("unique-ids", "the record of \(image) has no id"))
        } else if !ids.insert(record.id).inserted {
            failures.append(ConformanceFailure("unique-ids", "\(record.id) is there more than once"))
        }
        if record.group.isEmpty { failures.append(ConformanceFailure("has-groups", "\(record.id) has no group")) }
        if !images.insert(image).inserted {
            failures.append(ConformanceFailure("one-image-a-record", "\(image) belongs to more than one record"))
        }
        if masks.contains(image) {
            failures.append(ConformanceFailure("one-image-a-record", "\(image) is listed as image and as mask"))
        }
    }
    return failures
}

/// Rules about one record before it is decoded.
private func checkRecord(_ record: SampleRecord) -> [ConformanceFailure] {
    var failures: [ConformanceFailure] = []
    // A generated data set names its images by addresses that are not files.
    for file in [record.imageFile] + record.maskFiles + record.labelFiles.values.joined() where file.isFileURL {
        if !FileReading.isFile(file) {
            failures.append(ConformanceFailure("files-exist", "\(record.id) lists \(file.path), which is not a file"))
        }
    }
    switch record.pathology {
    case .normal? where !record.maskFiles.isEmpty:
        failures.append(ConformanceFailure("normals-without-mask", "\(record.id) is normal but lists a mask"))
    case .benign? where record.maskFiles.isEmpty, .malignant? where record.maskFiles.isEmpty:
        failures.append(ConformanceFailure("lesions-with-mask", "\(record.id) has a lesion but lists no mask"))
    default: break
    }
    if let spacing = record.pixelSpacing, ![spacing.x, spacing.y].allSatisfy({ $0 > 0 && $0.isFinite }) {
        failures.append(ConformanceFailure("spacing-is-positive", "\(record.id) has \(spacing.x) × \(spacing.y) mm"))
    }
    return failures
}

/// Rules about one decoded sample, and its hash.
private func checkSample(
    of record: SampleRecord,
    adapter: any DatasetAdapter,
    decoder: any ImageDecoder
) -> (failures: [ConformanceFailure], hash: Int) {
    let sample: Sample
    let decoder = WitnessedDecoder(decoder)
    var failures: [ConformanceFailure] = []
    do {
        sample = try adapter.sample(for: record, decoder: decoder)
        if try adapter.sample(for: record, decoder: decoder) != sample {
            failures.append(ConformanceFailure("stable-samples", "\(record.id) decodes to two different samples"))
        }
    } catch {
        return (failures + [ConformanceFailure("decodes-samples", "\(record.id): \(error)")], 0)
    }
    let labelFiles = record.labelFiles.values.joined()
    let listed = Set(([record.imageFile] + record.maskFiles + labelFiles).map(\.standardizedFileURL.path))
    if let stranger = decoder.files.first(where: { !listed.contains($0.standardizedFileURL.path) }) {
        failures.append(
            ConformanceFailure(
                "reads-listed-files",
                "\(record.id) reads \(stranger.path), which it does not list: the cache would miss a change of it"
            )
        )
    }
    do {
        try ((adapter as? any LabelStating)?.labels ?? .lesionOnly).require(sample, of: adapter.name)
    } catch {
        failures.append(ConformanceFailure("keeps-labels", "\(record.id): \(error)"))
    }
    if sample.record != record {
        failures.append(ConformanceFailure("keeps-records", "the sample of \(record.id) has another record"))
    }
    let (image, lesion) = (sample.image, sample.lesion)
    if image.width != lesion.width || image.height != lesion.height {
        failures.append(
            ConformanceFailure(
                "mask-size",
                "\(record.id): image \(image.width)×\(image.height), lesion \(lesion.width)×\(lesion.height)"
            )
        )
    }
    if let bad = image.pixels.first(where: { !(0...1).contains($0) }) {
        failures.append(ConformanceFailure("intensity-range", "\(record.id) has the intensity \(bad)"))
    }
    if record.pathology == .normal && !lesion.isEmpty {
        failures.append(ConformanceFailure("normals-without-mask", "\(record.id) is normal but has a lesion"))
    }
    if record.pathology?.hasLesion == true && lesion.isEmpty {
        failures.append(ConformanceFailure("lesions-with-mask", "the lesion of \(record.id) is empty"))
    }
    return (failures, sample.hashValue)
}

/// Notes which files a decoder is asked for.
private final class WitnessedDecoder: ImageDecoder {
    private let decoder: any ImageDecoder
    private let asked = Locked<[URL]>([])

    init(_ decoder: any ImageDecoder) { self.decoder = decoder }

    /// The files whose bytes were decoded.
    var files: [URL] { asked.withLock(\.self) }

    func grayImage(at path: String) throws -> GrayImage {
        note(path)
        return try decoder.grayImage(at: path)
    }

    func colorChannels(at path: String) throws -> [GrayImage] {
        note(path)
        return try decoder.colorChannels(at: path)
    }

    func mask(at path: String, rule: MaskRule) throws -> Mask {
        note(path)
        return try decoder.mask(at: path, rule: rule)
    }

    func storedMask(at path: String) throws -> StoredMask? {
        note(path)
        return try decoder.storedMask(at: path)
    }

    func file(of path: String) -> URL { decoder.file(of: path) }

    var decodingVersion: String? { decoder.decodingVersion }

    private func note(_ path: String) { asked.withLock { $0.append(URL(fileURLWithPath: path)) } }
}

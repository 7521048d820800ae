import Foundation
import SegCore
import SegDatasets
import SegImageIO
import SegTestKit
import Synchronization
import TestSupport
import Testing

/// Answers as it is told, to break one rule at a time.
private struct FakeAdapter: DatasetAdapter {
    var name = "fake"
    var list: @Sendable () throws -> [SampleRecord]
    var edit: @Sendable (inout Sample) -> Void = { _ in }
    /// A file that is read for every record.
    var reads: String?

    func records() throws -> [SampleRecord] { try list() }

    func sample(for record: SampleRecord, decoder: any ImageDecoder) throws -> Sample {
        if let reads { _ = try decoder.grayImage(at: reads) }
        let size = try decoder.grayImage(at: record.imageFile.path)
        var lesion = Mask(emptyWithWidth: size.width, height: size.height)
        for file in record.maskFiles { lesion.formUnion(try decoder.mask(at: file.path)) }
        var sample = try Sample(record: record, image: size, lesion: lesion)
        edit(&sample)
        return sample
    }
}

@Suite("The conformance suite for adapters")
struct ConformanceTests {
    /// The rules that an adapter over the small BUSI breaks when its records and samples are edited.
    private func brokenRules(
        name: String = "fake",
        records edit: @escaping @Sendable (inout [SampleRecord]) throws -> Void = { _ in },
        samples: @escaping @Sendable (inout Sample) -> Void = { _ in }
    ) throws -> Set<String> {
        var rules: Set<String> = []
        try withTemporaryFolder { folder in
            try writeBUSI(to: folder)
            let original = try BUSI(folder: folder).records()
            let adapter = FakeAdapter(
                name: name,
                list: {
                    var records = original
                    try edit(&records)
                    return records
                },
                edit: samples
            )
            rules = Set(checkDatasetAdapter(adapter).map(\.rule))
        }
        return rules
    }

    @Test("an adapter that keeps the rules passes")
    func passes() throws {
        #expect(try brokenRules().isEmpty)
    }

    @Test("each rule about records is noticed")
    func records() throws {
        struct Trouble: Error {}
        #expect(try brokenRules(name: " ") == ["has-name"])
        #expect(try brokenRules(records: { $0 = [] }) == ["lists-records"])
        #expect(try brokenRules(records: { _ in throw Trouble() }) == ["lists-records"])
        #expect(try brokenRules(records: { $0[0].metadata["time"] = UUID().uuidString }) == ["stable-listing"])
        #expect(try brokenRules(records: { $0[0].id = $0[1].id }) == ["unique-ids"])
        #expect(try brokenRules(records: { $0[0].id = "" }) == ["unique-ids"])
        #expect(try brokenRules(records: { $0[2].group = "" }) == ["has-groups"])
        #expect(try brokenRules(records: { $0[0].imageFile = $0[1].imageFile }) == ["one-image-a-record"])
        #expect(try brokenRules(records: { $0[2].maskFiles = [$0[2].imageFile] }) == ["one-image-a-record"])
        #expect(try brokenRules(records: { $0[0].pixelSpacing = .init(x: 0, y: 1) }) == ["spacing-is-positive"])
        #expect(
            try brokenRules(records: { $0[0].imageFile.deleteLastPathComponent() }) == [
                "files-exist", "decodes-samples",
            ]
        )
        #expect(
            try brokenRules(records: { $0[0].maskFiles = [] }) == ["lesions-with-mask", "decodes-samples"]
        )
        #expect(try brokenRules(records: { $0[2].pathology = .normal }) == ["normals-without-mask"])
    }

    @Test("what is wrong with every record is told once, with a count")
    func counts() throws {
        try withTemporaryFolder { folder in
            try writeBUSI(to: folder)
            let records = try BUSI(folder: folder).records().map { record in
                var record = record
                record.group = ""
                return record
            }
            let failures = checkDatasetAdapter(FakeAdapter(list: { records }))
            #expect(failures.map(\.rule) == ["has-groups"])
            #expect(failures.first?.detail == "\(records[0].id) has no group; and \(records.count - 1) more like it")
        }
    }

    @Test("a file that the record does not list is noticed, as the cache would not notice its change")
    func unlistedFile() throws {
        try withTemporaryFolder { folder in
            try writeBUSI(to: folder)
            let records = try BUSI(folder: folder).records()
            let adapter = FakeAdapter(list: { records }, reads: records[1].imageFile.path)
            let failures = checkDatasetAdapter(adapter)
            #expect(failures.map(\.rule) == ["reads-listed-files"])
            #expect(failures.first?.detail.contains("\(records[0].id) reads ") == true)
        }
    }

    @Test("each rule about samples is noticed")
    func samples() throws {
        #expect(try brokenRules(samples: { $0.record.id = "other" }) == ["keeps-records"])
        #expect(try brokenRules(samples: { $0.image.pixels[0] = 1.5 }) == ["intensity-range"])
        #expect(try brokenRules(samples: { $0.image.pixels[0] = .nan }) == ["intensity-range", "stable-samples"])
        #expect(try brokenRules(samples: { $0.lesion = Mask(emptyWithWidth: 2, height: 2) }).contains("mask-size"))
        #expect(
            try brokenRules(samples: { $0.lesion.pixels[5] = $0.record.pathology == .normal ? 1 : 0 }) == [
                "normals-without-mask"
            ]
        )
        #expect(
            try brokenRules(samples: { $0.lesion = Mask(emptyWithWidth: 4, height: 3) }) == ["lesions-with-mask"]
        )
        #expect(
            try brokenRules(samples: { $0.image.pixels[0] = Float.random(in: 0...1) }) == ["stable-samples"]
        )
    }

    /// The rules that an adapter over the small BUSI breaks with what it states beside its images, or how it reads them.
    private func brokenRules(of fault: ForgetfulAdapter.Fault) throws -> Set<String> {
        var rules: Set<String> = []
        try withTemporaryFolder { folder in
            try writeBUSI(to: folder)
            rules = Set(checkDatasetAdapter(ForgetfulAdapter(BUSI(folder: folder), fault)).map(\.rule))
        }
        return rules
    }

    @Test(
        "what a data set states beside its images, and samples that depend on order or threads",
        arguments: [
            (.none, []),
            (.keepsLastImage, ["order-does-not-matter"]),
            (.sharesMemory, ["threads-do-not-matter"]),
            (.unknownPart, ["published-splits"]),
            (.unknownValidation, ["published-splits"]),
            (.partTwice, ["published-splits"]),
            (.nameTwice, ["published-splits"]),
            (.bothParts, ["published-splits"]),
            (.unevenValidation, ["published-splits"]),
            (.throwingSplits, ["published-splits"]),
            (.newSplits, ["published-splits"]),
            (.counts, ["published-counts"]),
            (.version, ["decoding-version"]),
            (.doubtLines, ["doubts-are-lines"]),
            (.doubtThrows, ["doubts-are-lines"]),
            (.doubtChanges, ["doubts-are-lines"]),
        ] as [(ForgetfulAdapter.Fault, Set<String>)]
    )
    fileprivate func stated(_ fault: ForgetfulAdapter.Fault, _ rules: Set<String>) throws {
        #expect(try brokenRules(of: fault) == rules)
    }
}

/// A data set that states what is not so, or reads its images by what it read before.
private final class ForgetfulAdapter: DocumentedDataset {
    enum Fault: Sendable {
        case none, keepsLastImage, sharesMemory, unknownPart, unknownValidation, partTwice, nameTwice, bothParts
        case unevenValidation, throwingSplits, newSplits, counts, version, doubtLines, doubtThrows, doubtChanges
    }

    let name = "forgetful"
    private let whole: BUSI
    private let fault: Fault
    private let last = Mutex<String?>(nil)

    init(_ whole: BUSI, _ fault: Fault) {
        self.whole = whole
        self.fault = fault
    }

    func records() throws -> [SampleRecord] { try whole.records() }

    func sample(for record: SampleRecord, decoder: any ImageDecoder) throws -> Sample {
        var sample = try whole.sample(for: record, decoder: decoder)
        switch fault {
        case .keepsLastImage:
            // Read twice in a row, a record is the same: only its neighbors tell.
            let previous = last.withLock { last in
                if let kept = last, kept.hasSuffix("\n" + record.id) { return kept }
                last = "\(last?.split(separator: "\n").last ?? "")\n\(record.id)"
                return last ?? ""
            }
            sample.image.pixels[0] = Float(previous.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) % 101 }) / 101
        case .sharesMemory:
            last.withLock { $0 = record.id }
            // Long enough for another thread to write what this one reads.
            Thread.sleep(forTimeInterval: 0.02)
            let id = last.withLock { $0 } ?? ""
            sample.image.pixels[0] = Float(id.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) % 101 }) / 101
        default: break
        }
        return sample
    }

    var decodingVersion: String? { fault == .version ? " " : "1" }

    var publishedCounts: PublishedCounts? {
        fault == .counts ? PublishedCounts(images: [.benign: 5, .malignant: 4], total: 8) : PublishedCounts(total: 8)
    }

    func publishedSplits() throws -> [PublishedSplit] {
        let ids = try records().map(\.id)
        var split = PublishedSplit(name: "two", parts: [[ids[0]], [ids[1]]], validation: [[ids[1]], [ids[2]]])
        switch fault {
        case .unknownPart: split.parts[1] = ["case 999"]
        case .unknownValidation: split.validation[1] = ["case 999"]
        case .partTwice: split.parts[0] = [ids[0], ids[0]]
        case .nameTwice: return [split, split]
        case .bothParts: split.validation[0] = [ids[0]]
        case .unevenValidation: split.validation.removeLast()
        case .throwingSplits: throw SegmentationError("splits.csv", "is damaged", cure: "download it again")
        case .newSplits: split.name = UUID().uuidString
        default: break
        }
        return [split]
    }

    func doubts(about record: SampleRecord, decoder: any ImageDecoder) throws -> [String] {
        switch fault {
        case .doubtLines: ["two\nlines"]
        case .doubtThrows: throw SegmentationError(record.id, "cannot be judged", cure: "look at it")
        case .doubtChanges: [UUID().uuidString]
        default: ["the lesion is small"]
        }
    }
}

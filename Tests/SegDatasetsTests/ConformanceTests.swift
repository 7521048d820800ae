import Foundation
import SegCore
import SegDatasets
import SegImageIO
import SegTestKit
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
}

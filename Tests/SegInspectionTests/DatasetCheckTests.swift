import Foundation
import SegCore
import SegData
import SegImageIO
import SegInspection
import SegResults
import SegSettings
import SegStudy
import TestSupport
import Testing

@Suite("A check of a data set")
struct DatasetCheckTests {
    private typealias Kind = CheckFinding.Kind

    private static func kinds(_ outcome: CheckOutcome) -> [String: [Kind]] {
        var kinds: [String: [Kind]] = [:]
        for finding in outcome.report.findings {
            for record in finding.records { kinds[record.id, default: []].append(finding.kind) }
        }
        return kinds
    }

    @Test("A good data set is fit, with nothing found")
    func good() throws {
        try withTemporaryFolder { folder in
            var dataset = try SmallDataset("Clinic", in: folder)
            try dataset.addGood(0..<6)
            dataset.publishedCounts = PublishedCounts(images: [.benign: 2, .malignant: 2, .normal: 2], patients: 6)
            let report = try check(dataset).report
            #expect(report.findings.isEmpty)
            #expect(report.isFit)
            #expect(report.dataset.counts.total == 6)
            #expect(report.images.readable == 6)
            #expect(report.images.withLesion == 4)
            #expect(report.images.bitDepths == ["8": 6])
            #expect(report.images.width?.least == 160)
            #expect(abs((report.images.lesionShare?.greatest ?? 0) - 900 / 19200) < 1e-12)
            #expect(report.table.hasPrefix("Clinic: 6 images (2 benign, 2 malignant, 2 normal), as published; 6 "))
            #expect(report.table.hasSuffix("\nFit for a study.\n"))
        }
    }

    @Test("All damage is collected, each by its kind, file and image")
    func damage() throws {
        try withTemporaryFolder { folder in
            var dataset = try SmallDataset("Clinic", in: folder)
            try dataset.addGood(0..<3)
            let lesion = square(40..<70)
            for (index, id) in ["cut", "no png", "cut mask"].enumerated() {
                try dataset.add(id, .benign, image: scan(UInt64(10 + index)), mask: lesion)
            }
            let cut = dataset.folder.appending(path: "cut.png")
            try Data(contentsOf: cut).prefix(900).write(to: cut)
            try Data("<html>".utf8).write(to: dataset.folder.appending(path: "no png.png"))
            let cutMask = dataset.folder.appending(path: "cut mask_mask.png")
            try Data(contentsOf: cutMask).prefix(50).write(to: cutMask)
            try dataset.add("size", .benign, image: scan(20), mask: square(5..<20, width: 80, height: 60))
            try dataset.add("empty", .malignant, image: scan(21), mask: Mask(emptyWithWidth: 160, height: 120))
            try dataset.add("normal", .normal, image: scan(22), mask: lesion)
            try dataset.add("no mask", .benign, image: scan(23), mask: nil)
            try dataset.add("blank", .normal, image: GrayImage(width: 160, height: 120, repeating: 0.5), mask: nil)
            let outcome = try check(dataset)
            let expected: [String: [Kind]] = [
                "cut": [.unreadable], "no png": [.unreadable], "cut mask": [.unreadable], "size": [.maskSize],
                "empty": [.emptyMask], "normal": [.maskOnNormal], "no mask": [.missingMask], "blank": [.blank],
            ]
            #expect(Self.kinds(outcome) == expected)
            #expect(!outcome.report.isFit)
            let unreadable = outcome.report.findings.filter { $0.kind == .unreadable }
            #expect(unreadable.compactMap(\.file) == [cut.path, dataset.folder.path + "/no png.png", cutMask.path])
            #expect(outcome.report.findings.first { $0.kind == .maskSize }?.message.contains("80×60") == true)
            // An image whose mask alone is bad still takes part in what follows.
            #expect(outcome.report.images.readable == 9)
            let unread = outcome.pictures.filter { $0.picture == nil }.map(\.record.id)
            #expect(unread == ["cut", "no png"])
            let accepted = try check(
                dataset,
                allowing: [.unreadable, .maskSize, .emptyMask, .maskOnNormal, .missingMask, .blank]
            )
            #expect(accepted.report.isFit)
            #expect(accepted.report.findings == outcome.report.findings)
            #expect(accepted.report.table.contains("allowed"))
            #expect(try check(dataset, exclude: Array(expected.keys)).report.isFit)
            #expect(throws: SegmentationError.self) { try check(dataset, exclude: ["nobody"]) }
        }
    }

    @Test("Duplicates are told apart by class, patient and data set")
    func duplicates() throws {
        try withTemporaryFolder { folder in
            let lesion = square(40..<70)
            var dataset = try SmallDataset("Clinic", in: folder)
            try dataset.addGood(0..<5)
            try dataset.add("original", .benign, image: scan(50), mask: lesion, patient: "a")
            try dataset.add("same class", .benign, image: scan(50), mask: lesion, patient: "b")
            try dataset.add("other class", .malignant, image: scan(60), mask: lesion, patient: "c")
            var brighter = scan(60)
            brighter.pixels = brighter.pixels.map { min(0.1 + 0.8 * $0, 1) }
            try dataset.add("brighter", .benign, image: brighter, mask: lesion, patient: "d")
            try dataset.add("twice", .normal, image: scan(70), mask: nil, patient: "e")
            try dataset.add("twice again", .normal, image: scan(70), mask: nil, patient: "e")
            var other = try SmallDataset("Hospital", in: folder)
            try other.addGood(90..<93)
            try other.add("copy", .benign, image: scan(80, width: 200, height: 170), mask: nil)
            try other.add("copy of copy", .benign, image: scan(80, width: 200, height: 170), mask: nil)
            other.list = other.list.map { record in
                var record = record
                // A lesion without its mask could not be decoded.
                if record.maskFiles.isEmpty { record.pathology = .normal }
                return record
            }
            try dataset.add("scaled", .benign, image: scan(80), mask: lesion, patient: "f")

            let report = try check(dataset, against: [other]).report
            let pairs = Dictionary(grouping: report.findings, by: \.kind).mapValues { findings in
                findings.map { $0.records.map(\.id) }
            }
            #expect(pairs[.duplicate] == [["original", "same class"]])
            #expect(pairs[.duplicateAcrossClasses] == [["other class", "brighter"]])
            #expect(pairs[.duplicateWithinPatient] == [["twice", "twice again"]])
            #expect(pairs[.duplicateAcrossDatasets] == [["scaled", "copy"], ["scaled", "copy of copy"]])
            // One drawn lesion serves all of these images.
            #expect(pairs[.repeatedMask] != nil)
            #expect(pairs.count == 5)
            #expect(!report.isFit)
            #expect(report.duplicates.pairs.count == 5)
            #expect(report.duplicates.clusters.count == 4)
            #expect(report.duplicates.pairs.filter(\.isExact).count == 2)
            #expect(report.compared.map(\.name) == ["Hospital"] && report.compared.map(\.images) == [5])
            let alone = try check(dataset, allowing: [.duplicateAcrossClasses]).report
            #expect(alone.isFit)
            // The same data set under another name is not taken for itself.
            let twin = try check(dataset, against: [dataset]).report
            #expect(twin.compared.map(\.name) == ["Clinic (2)"])
            #expect(twin.findings.contains { $0.records.map(\.dataset) == ["Clinic", "Clinic (2)"] })
        }
    }

    @Test("What is odd is a warning or a note, and does not make a data set unfit")
    func oddities() throws {
        try withTemporaryFolder { folder in
            var dataset = try SmallDataset("Clinic", in: folder)
            let lesion = square(40..<70)
            for (index, spacing) in [0.1, 0.1, 0.11, 0.1].enumerated() {
                try dataset.add(
                    "\(index)",
                    .benign,
                    image: scan(UInt64(index)),
                    mask: lesion,
                    spacing: PixelSpacing(x: spacing, y: spacing)
                )
            }
            let spacings = [("huge", 2.0, 2.0), ("stretched", 0.1, 0.12), ("far", 0.45, 0.45)]
            for (index, (id, x, y)) in spacings.enumerated() {
                try dataset.add(
                    id,
                    .benign,
                    image: scan(UInt64(10 + index)),
                    mask: lesion,
                    spacing: PixelSpacing(x: x, y: y)
                )
            }
            try dataset.add("tiny", .benign, image: scan(20), mask: square(40..<42))
            try dataset.add("border", .benign, image: scan(21), mask: square(0..<30))
            try dataset.add("large", .benign, image: scan(22), mask: square(0..<160))
            var flat = scan(23)
            flat.pixels = flat.pixels.map { 0.4 + 0.1 * $0 }
            try dataset.add("flat", .benign, image: flat, mask: lesion)
            try dataset.add("doubtful", .benign, image: scan(24), mask: lesion)
            try dataset.add("unlabeled", nil, image: scan(25), mask: lesion)
            try dataset.add("small", .normal, image: scan(26, width: 60, height: 50), mask: nil)
            dataset.doubtful = ["doubtful"]
            let deep = PNGImage(scan(27), bitDepth: 16)
            try dataset.add("deep", .normal, image: scan(27), mask: nil)
            try PNG.write(deep, to: dataset.folder.appending(path: "deep.png"))

            let report = try check(dataset).report
            var found: [Kind: [String]] = [:]
            for finding in report.findings { found[finding.kind, default: []] += finding.records.map(\.id) }
            let expected: [Kind: [String]] = [
                .pixelSpacing: ["huge", "stretched", "far"], .tinyLesion: ["tiny"], .largeLesion: ["large"],
                .lesionAtBorder: ["border", "large"], .lowContrast: ["flat"], .doubt: ["doubtful"],
                .unlabeled: ["unlabeled"], .smallImage: ["small"], .bitDepths: [], .unknownPatients: [],
                .oneClass: [],
                .repeatedMask: [
                    "0", "1", "2", "3", "huge", "stretched", "far", "flat", "doubtful", "unlabeled",
                ],
            ]
            #expect(found == expected)
            #expect(report.isFit)
            #expect(report.images.bitDepths == ["8": 14, "16": 1])
            #expect(report.findings(.error).isEmpty)
            #expect(report.table.contains("doubtful: the color contradicts the label"))
        }
    }

    @Test("Other counts than published, ids that repeat and a listing that fails are errors")
    func listing() throws {
        try withTemporaryFolder { folder in
            var dataset = try SmallDataset("Clinic", in: folder)
            try dataset.addGood(0..<6)
            dataset.publishedCounts = PublishedCounts(images: [.benign: 3, .malignant: 2], patients: 5)
            dataset.list.append(dataset.list[2])
            var report = try check(dataset).report
            let counts = report.findings.filter { $0.kind == .counts }.map(\.message)
            #expect(counts.count == 2)
            #expect(counts.first == "there are 2 benign images of 3 that the publication counts")
            #expect(
                report.findings.filter { $0.kind == .sameID }.map(\.records) == [
                    [.init(dataset: "Clinic", id: "good 2")]
                ]
            )
            dataset.failure = SegmentationError("folder", "is another one", cure: "name the right one")
            report = try check(dataset, allowing: [.listing]).report
            #expect(report.findings.map(\.kind) == [.listing])
            #expect(report.table.contains("folder: is another one"))
            dataset.failure = nil
            dataset.list = []
            #expect(try !check(dataset).report.isFit)
        }
    }

    @Test("The report's JSON has its documented keys and reads back")
    func json() throws {
        try withTemporaryFolder { folder in
            var dataset = try SmallDataset("Clinic", in: folder)
            try dataset.addGood(0..<4)
            try dataset.add("again", .benign, image: scan(1), mask: square(40..<70))
            let report = try check(dataset).report
            let data = try report.jsonData()
            #expect(try JSONDecoder().decode(CheckReport.self, from: data) == report)
            let value = try JSONDecoder().decode(ConfigurationValue.self, from: data)
            #expect(
                Set(value.members?.keys.map { $0 } ?? []) == [
                    "schemaVersion", "packageVersion", "dataset", "isFit", "allowed", "images", "findings",
                    "duplicates", "compared",
                ]
            )
            let duplicates = value.members?["duplicates"]?.members ?? [:]
            #expect(Set(duplicates.keys) == ["threshold", "structureThreshold", "pairs", "clusters"])
            guard case .list(let findings)? = value.members?["findings"], let first = findings.first?.members else {
                Issue.record("there are no findings")
                return
            }
            #expect(first["kind"] == .text("duplicate-across-classes"))
            #expect(first["severity"] == .text("error"))
        }
    }
}

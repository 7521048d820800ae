import Foundation
import SegCore
import SegDatasets
import SegImageIO
import SegPhantoms
import SegTestKit
import TestSupport
import Testing

@Suite("Data sets with several labels")
struct LabelDatasetTests {
    private let decoder = StandardImageDecoder()

    /// The pixels of each further label of a record.
    private func pixels(_ adapter: any DatasetAdapter, _ index: Int = 0) throws -> [String: [Int]] {
        let sample = try adapter.sample(for: adapter.records()[index], decoder: decoder)
        return Dictionary(
            uniqueKeysWithValues: sample.labels.map { label in
                (label.name, label.mask.pixels.indices.filter { label.mask.pixels[$0] == 1 })
            }
        )
    }

    private func writeLabels(_ file: URL, _ values: [UInt16]) throws {
        let samples = (0..<12).map { $0 < values.count ? values[$0] : 0 }
        try PNG.write(PNGImage(width: 4, height: 3, channels: .gray, bitDepth: 8, samples: samples), to: file)
    }

    @Test("a folder names patterns of further labels; what is not there is an error or nothing, as told")
    func folder() throws {
        try withTemporaryFolder { folder in
            try makeFolder(folder.appendingPathComponent("images"))
            try makeFolder(folder.appendingPathComponent("masks"))
            for name in ["a", "b"] { try writeImage(folder.appendingPathComponent("images/\(name).png")) }
            for name in ["a_mask1", "b_mask1"] {
                try writeMask(folder.appendingPathComponent("masks/\(name).png"), lesionAt: 5)
            }
            // The pattern of masks fits these as well.
            for (place, name) in ["a_mask_other1", "a_mask_other2"].enumerated() {
                try writeMask(folder.appendingPathComponent("masks/\(name).png"), lesionAt: 1 + place)
            }
            var settings = FolderPattern.Settings()
            settings.labelMasks = ["other": ["masks/{id}_mask_other*.png"]]
            let strict = try FolderPattern(folder: folder, settings: settings)
            #expect(message { _ = try strict.records() }.contains("b.png: the image has no mask of the label `other`"))
            var twice = settings
            twice.labelMasks = ["lesion": ["masks/{id}_mask1.png"]]
            #expect(
                message { _ = try FolderPattern(folder: folder, settings: twice) }.contains(
                    "labelMasks.lesion: the lesion has its masks already, as every data set does; name its files in `masks`"
                )
            )
            settings.labelMasksOptional = true
            let adapter = try FolderPattern(folder: folder, settings: settings)
            #expect(try adapter.labels == LabelSet(["lesion", "other"], isExclusive: false))
            #expect(try pixels(adapter) == ["other": [1, 2]] && pixels(adapter, 1) == ["other": []])
            #expect(try adapter.records()[0].maskFiles.map(\.lastPathComponent) == ["a_mask1.png"])
            let plain = try FolderPattern(folder: folder)
            #expect(adapter.decodingVersion != plain.decodingVersion)
            #expect(checkDatasetAdapter(adapter) == [])
        }
    }

    @Test("label images store exclusive labels: the lesion divided, or another structure beside it")
    func values() throws {
        try withTemporaryFolder { folder in
            try makeFolder(folder.appendingPathComponent("images"))
            try makeFolder(folder.appendingPathComponent("masks"))
            try writeImage(folder.appendingPathComponent("images/a.png"))
            try writeLabels(folder.appendingPathComponent("masks/a.png"), [0, 1, 2, 3, 2])
            var settings = FolderPattern.Settings()
            settings.maskRule = "labels"
            settings.labels = [1, 2]
            settings.otherLabels = [3]
            settings.labelValues = ["benign": [1], "malignant": [2]]
            let divided = try FolderPattern(folder: folder, settings: settings)
            #expect(divided.labels.names == ["benign", "malignant"] && divided.labels.isExclusive)
            #expect(divided.labels.lesion == ["benign", "malignant"])
            #expect(try pixels(divided) == ["benign": [1], "malignant": [2, 4]])
            settings.otherLabels = []
            settings.labelValues = ["shadow": [3]]
            let beside = try FolderPattern(folder: folder, settings: settings)
            #expect(beside.labels.names == ["lesion", "shadow"] && beside.labels.lesion == ["lesion"])
            #expect(try pixels(beside) == ["shadow": [3]] && beside.otherMaskValues == [3])
            #expect(checkDatasetAdapter(divided) == [] && checkDatasetAdapter(beside) == [])
            for (values, problem) in [
                (["benign": [1]], "a part of the lesion"), (["x": [2, 3]], "shares values with the lesion in part"),
                (["x": [0]], "has the value 0"), (["x": []], "is empty"),
            ] {
                settings.labelValues = values
                #expect(message { try settings.validate() }.contains(problem), "\(values)")
            }
            settings.maskRule = "nonzero"
            settings.labels = []
            settings.labelValues = ["x": [3]]
            #expect(message { try settings.validate() }.contains("maskRule is `nonzero`"))
        }
    }

    @Test("a manifest has a column for each label")
    func manifest() throws {
        try withTemporaryFolder { folder in
            try writeImage(folder.appendingPathComponent("a.png"))
            for (name, pixel) in [("m", 5), ("o", 1), ("p", 2)] {
                try writeMask(folder.appendingPathComponent("\(name).png"), lesionAt: pixel)
            }
            try writeText(
                "image,mask,Other mask\na.png,m.png,o.png;p.png\n",
                folder.appendingPathComponent("manifest.csv")
            )
            var settings = Manifest.Settings()
            settings.labelColumns = ["other": "Other mask"]
            settings.exclusiveLabels = true
            let adapter = try Manifest(folder: folder, settings: settings)
            #expect(try pixels(adapter) == ["other": [1, 2]] && adapter.labels.isExclusive)
            #expect(checkDatasetAdapter(adapter) == [])
            settings.labelColumns = ["other": "others"]
            #expect(
                message { _ = try Manifest(folder: folder, settings: settings).records() }
                    .contains("the manifest has no column others")
            )
        }
    }

    @Test("nnU-Net's labels get masks of their own by name")
    func nnunet() throws {
        try withTemporaryFolder { folder in
            for kind in ["imagesTr", "labelsTr"] { try makeFolder(folder.appendingPathComponent(kind)) }
            try writeImage(folder.appendingPathComponent("imagesTr/c_0000.png"))
            try writeLabels(folder.appendingPathComponent("labelsTr/c.png"), [0, 1, 2, 3])
            let text = """
                {"channel_names": {"0": "US"}, "labels": {"background": 0, "benign": 1, "malignant": 2, "shadow": 3},
                 "numTraining": 1, "file_ending": ".png"}
                """
            try writeText(text, folder.appendingPathComponent("dataset.json"))
            var settings = NNUNet.Settings()
            settings.lesion = ["benign", "malignant"]
            settings.labels = ["benign", "malignant", "shadow"]
            let adapter = try NNUNet(folder: folder, settings: settings)
            #expect(Set(adapter.labels.names) == ["benign", "malignant", "shadow"] && adapter.labels.isExclusive)
            #expect(adapter.labels.lesion == ["benign", "malignant"])
            #expect(try pixels(adapter) == ["benign": [1], "malignant": [2], "shadow": [3]])
            #expect(checkDatasetAdapter(adapter) == [])
            settings.labels = ["benign"]
            #expect(message { _ = try NNUNet(folder: folder, settings: settings) }.contains("a part of the lesion"))
            settings.labels = ["cyst"]
            #expect(
                message { _ = try NNUNet(folder: folder, settings: settings) }.contains(
                    "there is no label called `cyst`"
                )
            )
        }
    }

    @Test("BrEaST's other masks are the label `other`, if asked for")
    func breast() throws {
        try withTemporaryFolder { folder in
            try writeBrEaST(to: folder)
            var settings = BrEaST.Settings()
            settings.otherMasks = true
            let adapter = BrEaST(folder: folder, settings: settings)
            #expect(try adapter.labels.names == ["lesion", "other"] && !adapter.labels.isExclusive)
            #expect(try (0..<3).map { try pixels(adapter, $0) } == [["other": []], ["other": [1, 2]], ["other": []]])
            #expect(checkDatasetAdapter(adapter) == [])
            let plain = BrEaST(folder: folder)
            #expect(try plain.labels == .lesionOnly && plain.records().allSatisfy { $0.labelFiles.isEmpty })
        }
    }

    @Test("phantoms with a second structure: apart from the lesion, and else the same images")
    func phantoms() throws {
        let plain = PhantomDataset(center: .northern, count: 12, seed: 3)
        let other = PhantomDataset(center: .northern, count: 12, seed: 3, hasOtherStructure: true)
        #expect(try plain.labels == .lesionOnly && other.labels.isExclusive)
        #expect(try plain.records() == other.records())
        var shown = 0
        for record in try plain.records() {
            let (one, two) = (
                try plain.sample(for: record, decoder: decoder), try other.sample(for: record, decoder: decoder)
            )
            #expect(one.labels.isEmpty && two.labels.map(\.name) == ["other"] && one.lesion == two.lesion)
            try other.labels.require(two, of: other.name)
            #expect(two.labels[0].mask.isEmpty == (one.image == two.image))
            shown += two.labels[0].mask.isEmpty ? 0 : 1
        }
        #expect((1...12).contains(shown))
        #expect(checkDatasetAdapter(other) == [])
    }
}

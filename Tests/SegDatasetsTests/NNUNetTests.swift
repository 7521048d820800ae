import Foundation
import SegCore
import SegDatasets
import SegImageIO
import SegTestKit
import TestSupport
import Testing

@Suite("nnU-Net's layout")
struct NNUNetTests {
    private let decoder = StandardImageDecoder()

    private let description = """
        {"channel_names": {"0": "US"}, "labels": {"background": 0, "cyst": 1, "tumour": [2, 3], "ignore": 4},
         "numTraining": 2, "file_ending": ".png"}
        """

    /// Two training cases and one to test on; label images have the values 0 to 4.
    private func write(_ folder: URL, _ text: String, testLabels: Bool = true) throws {
        let data = folder.appendingPathComponent("Dataset001_Clinic")
        for (part, cases) in [("Tr", ["case_2", "case_10"]), ("Ts", ["case_3"])] {
            for kind in ["images", "labels"] where kind == "images" || part == "Tr" || testLabels {
                try makeFolder(data.appendingPathComponent(kind + part))
            }
            for name in cases {
                try writeImage(data.appendingPathComponent("images\(part)/\(name)_0000.png"))
                guard part == "Tr" || testLabels else { continue }
                let samples: [UInt16] = (0..<12).map { $0 < 5 ? UInt16($0) : 0 }
                try PNG.write(
                    PNGImage(width: 4, height: 3, channels: .gray, bitDepth: 8, samples: samples),
                    to: data.appendingPathComponent("labels\(part)/\(name).png")
                )
            }
        }
        try writeText(text, data.appendingPathComponent("dataset.json"))
    }

    private func lesion(_ folder: URL, _ edit: (inout NNUNet.Settings) -> Void = { _ in }) throws -> [Int] {
        var settings = NNUNet.Settings()
        edit(&settings)
        let adapter = try NNUNet(folder: folder, settings: settings)
        let lesion = try adapter.sample(for: adapter.records()[0], decoder: decoder).lesion
        return lesion.pixels.indices.filter { lesion.pixels[$0] == 1 }
    }

    @Test("another number of training cases than is stated is an error")
    func count() throws {
        try withTemporaryFolder { folder in
            try write(folder, description.replacing("\"numTraining\": 2", with: "\"numTraining\": 40"))
            let text = message { _ = try NNUNet(folder: folder).records() }
            #expect(text.contains("numTraining is 40, and imagesTr holds 2 cases"), "\(text)")
        }
    }

    @Test("cases by number, labels but background and ignore are lesion; from a folder or its archive")
    func lists() throws {
        try withTemporaryFolder { folder in
            let data = folder.appendingPathComponent("raw")
            try write(data, description)
            for url in [data, data.appendingPathComponent("Dataset001_Clinic/imagesTr"), try zipped(data)] {
                let adapter = try NNUNet(folder: url)
                let records = try adapter.records()
                #expect(adapter.name == "Dataset001_Clinic")
                #expect(records.map(\.id) == ["case_2", "case_10", "case_3"])
                #expect(records.allSatisfy { $0.pathology == nil && $0.maskFiles.count == 1 })
                #expect(try adapter.publishedSplits() == [PublishedSplit(name: "test", parts: [["case_3"]])])
                #expect(try lesion(url) == [1, 2, 3])
                #expect(try lesion(url) { $0.lesion = ["tumour"] } == [2, 3])
                #expect(checkDatasetAdapter(adapter) == [])
            }
            var settings = NNUNet.Settings()
            settings.lesion = ["cyst"]
            #expect(
                try NNUNet(folder: data).decodingVersion != NNUNet(folder: data, settings: settings).decodingVersion
            )
        }
        try withTemporaryFolder { folder in
            try write(folder, description, testLabels: false)
            let adapter = try NNUNet(folder: folder)
            #expect(try adapter.records().map(\.id) == ["case_2", "case_10"] && adapter.publishedSplits() == [])
        }
    }

    @Test(
        "what is not read is named",
        arguments: [
            (".png", ".nii.gz", "the files end in .nii.gz, which is not read"),
            (", \"file_ending\": \".png\"", "", "this is version 1, whose files are NIfTI"),
            ("\"cyst\": 1", "\"cyst\": \"one\"", "the label cyst is neither a number nor a list of numbers"),
            ("\"cyst\": 1", "\"cyst\": 0", "a lesion has the value 0"),
            ("\"cyst\": 1, \"tumour\": [2, 3], ", "", "there is no label that is lesion"),
            ("\"labels\"", "\"classes\"", "the JSON cannot be understood"),
            (".png", ".tif", "the name is not that of a case, a channel and the ending .tif"),
        ]
    )
    func badDescriptions(old: String, new: String, problem: String) throws {
        precondition(description.contains(old))
        try withTemporaryFolder { folder in
            try write(folder, description.replacingOccurrences(of: old, with: new))
            let text = message { _ = try NNUNet(folder: folder).records() }
            #expect(text.contains(problem), "\(text)")
        }
    }

    @Test("missing labels, labels without image, several channels and unknown labels are named")
    func errors() throws {
        func problem(_ setting: (inout NNUNet.Settings) -> Void = { _ in }, _ edit: (URL) throws -> Void) throws
            -> String
        {
            try withTemporaryFolder { folder in
                try write(folder, description)
                try edit(folder.appendingPathComponent("Dataset001_Clinic"))
                return message { _ = try lesion(folder, setting) }
            }
        }
        #expect(try problem { _ in } == "")
        #expect(
            try problem { try remove($0.appendingPathComponent("labelsTr/case_2.png")) }
                .contains("labelsTr/case_2.png: the label image of the case case_2 is missing")
        )
        #expect(
            try problem { try remove($0.appendingPathComponent("imagesTr/case_2_0000.png")) }
                .contains("labelsTr/case_2.png: no image in imagesTr belongs")
        )
        #expect(
            try problem { try writeImage($0.appendingPathComponent("imagesTr/case_2.png")) }
                .contains("imagesTr/case_2.png: the name is not that of a case")
        )
        func second(_ folder: URL) throws {
            for name in ["Tr/case_2", "Tr/case_10", "Ts/case_3"] {
                try writeImage(folder.appendingPathComponent("images\(name)_0001.png"))
            }
        }
        #expect(try problem({ _ in }, second).contains("has 2 channels; name the one to read"))
        #expect(try problem({ $0.channel = 1 }, second) == "")
        #expect(try problem({ $0.channel = 2 }, second).contains("imagesTr/case_2_0002.png: the image is missing"))
        #expect(try problem({ $0.lesion = ["mass"] }) { _ in }.contains("there is no label called `mass`"))
        #expect(
            try problem { try remove($0.appendingPathComponent("dataset.json")) }.contains("expected dataset.json")
        )
    }
}

import Foundation
import SegCore
import SegDatasets
import SegImageIO
import TestSupport
import Testing

@Suite("Labels and categories that nobody called lesion")
struct JoinedLabelTests {
    /// The doubts about each image of a COCO file with an object of each category in turn.
    private func doubts(_ categories: [String], _ edit: (inout COCO.Settings) -> Void = { _ in }) throws -> [[String]] {
        try withTemporaryFolder { folder in
            let gray = GrayImage(width: 40, height: 30, pixels: (0..<1200).map { Float($0 % 7) / 7 })
            for index in categories.indices {
                try PNG.write(PNGImage(gray), to: folder.appendingPathComponent("\(index).png"))
            }
            func list(_ item: (Int, String) -> String) -> String {
                categories.enumerated().map(item).joined(separator: ", ")
            }
            try writeText(
                """
                {"images": [\(list { index, _ in "{\"id\": \(index), \"file_name\": \"\(index).png\"}" })],
                 "categories": [\(list { "{\"id\": \($0), \"name\": \"\($1)\"}" })],
                 "annotations": [\(list { index, _ in
                     "{\"id\": \(index), \"image_id\": \(index), \"category_id\": \(index), "
                         + "\"segmentation\": [[5, 5, 20, 5, 20, 20, 5, 20]]}"
                 })]}
                """,
                folder.appendingPathComponent("a.json")
            )
            var settings = COCO.Settings()
            edit(&settings)
            let adapter = try COCO(folder: folder, settings: settings)
            return try adapter.records().map { try adapter.doubts(about: $0, decoder: StandardImageDecoder()) }
        }
    }

    @Test("a COCO file of several categories is doubted once, unless settings name them or they are classes")
    func categories() throws {
        let told =
            "the categories lesion and nipple all count as lesion; list the ones that are lesions in `categories`, "
            + "and those of each class in `benign` and `malignant`"
        #expect(try doubts(["lesion", "nipple"]) == [[told], []])
        #expect(try doubts(["benign", "shadow"])[0].first?.hasPrefix("the categories benign and shadow") == true)
        #expect(try doubts(["lesion", "nipple"]) { $0.categories = ["lesion", "nipple"] } == [[], []])
        #expect(try doubts(["Benign", "malignant"]) == [[], []])
        #expect(try doubts(["lesion"]) == [[]])
    }

    @Test(
        "nnU-Net's labels are doubted where several are joined unsaid; regions and what settings name are not",
        arguments: [
            ("\"a\": 1, \"muscle\": 2", [], true), ("\"a\": 1, \"muscle\": 2", ["a"], false), ("\"a\": 1", [], false),
            ("\"whole\": [1, 2], \"core\": 2", [], false), ("\"a\": 1, \"ignore\": 2", [], false),
        ]
    )
    func labels(stated: String, named: [String], isDoubted: Bool) throws {
        try withTemporaryFolder { folder in
            for part in ["imagesTr", "labelsTr"] { try makeFolder(folder.appendingPathComponent(part)) }
            for name in ["a", "b"] {
                try writeImage(folder.appendingPathComponent("imagesTr/\(name)_0000.png"))
                try writeMask(folder.appendingPathComponent("labelsTr/\(name).png"), lesionAt: nil)
            }
            try writeText(
                "{\"labels\": {\"background\": 0, \(stated)}, \"file_ending\": \".png\"}",
                folder.appendingPathComponent("dataset.json")
            )
            var settings = NNUNet.Settings()
            settings.lesion = TextList(named)
            let adapter = try NNUNet(folder: folder, settings: settings)
            let doubts = try adapter.records().map { try adapter.doubts(about: $0, decoder: StandardImageDecoder()) }
            let told =
                "the labels a and muscle of dataset.json all count as lesion; list the ones that are lesions in `lesion`"
            #expect(doubts == (isDoubted ? [[told], []] : [[], []]))
        }
    }

    @Test(
        "annotations that are none of COCO's are named for what they are",
        arguments: [
            ("\"[[1, 2]]\"", "annotations[0].segmentation is text or a number"),
            ("[]", "its annotations has an outline: `segmentation` is missing or empty; export"),
            ("[[\"x\"]]", "annotations[0].segmentation is neither a list of polygons nor run lengths"),
        ]
    )
    func outlines(segmentation: String, problem: String) throws {
        try withTemporaryFolder { folder in
            try writeImage(folder.appendingPathComponent("a.png"))
            try writeText(
                """
                {"images": [{"id": 1, "file_name": "a.png"}], "categories": [{"id": 1, "name": "lesion"}],
                 "annotations": [{"id": 7, "image_id": 1, "category_id": 1, "segmentation": \(segmentation)}]}
                """,
                folder.appendingPathComponent("a.json")
            )
            let text = message { _ = try COCO(folder: folder) }
            #expect(text.contains(problem) && !text.contains("emptyObjects"), "\(text)")
        }
    }

    @Test(
        "a table's message names line, row and a cure that fits",
        arguments: [
            (
                "image,age\na.png,999\n",
                "row 2 has '999' in the column age, which should be the age in years, at most 120"
            ),
            ("image,x\na.png,1\na.png,\"2\n", "the quotation mark in line 3 is never closed; close or remove it"),
            (",image\n0,a.png\n", "or save the table without its index (pandas: `index=False`"),
            ("image,pathology\na.png,gutartig\n", "which should be benign, malignant or normal; correct the cell, or"),
        ]
    )
    func tables(text: String, problem: String) throws {
        try withTemporaryFolder { folder in
            try writeImage(folder.appendingPathComponent("a.png"))
            try writeText(text, folder.appendingPathComponent("manifest.csv"))
            var settings = Manifest.Settings()
            settings.masksOptional = true
            let text = message { _ = try Manifest(folder: folder, settings: settings).records() }
            #expect(text.contains(problem), "\(text)")
        }
    }

    @Test("images of a format that is not read are no archives to unpack")
    func foreign() throws {
        try withTemporaryFolder { folder in
            try makeFolder(folder.appendingPathComponent("images"))
            try writeText("x", folder.appendingPathComponent("images/a.nii.gz"))
            let text = message { _ = try FolderPattern(folder: folder).records() }
            #expect(
                text.hasSuffix("convert the images to PNG or TIFF: images/a.nii.gz is of a format that is not read")
            )
        }
    }
}

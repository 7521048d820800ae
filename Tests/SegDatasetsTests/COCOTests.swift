import Foundation
import SegCore
import SegDatasets
import SegImageIO
import SegTestKit
import TestSupport
import Testing

@Suite("COCO annotations")
struct COCOTests {
    private let decoder = StandardImageDecoder()

    /// Two images of 4×3 px with an annotation each, and one without.
    private let annotations = """
        {"images": [{"id": 1, "file_name": "a.png", "width": 4, "height": 3, "patient": "P1", "score": 0.5},
                    {"id": 2, "file_name": "b.png", "width": 4, "height": 3, "patient": "P1"},
                    {"id": 3, "file_name": "c.png", "width": 4, "height": 3, "patient": "P2"}],
         "categories": [{"id": 7, "name": "Benign"}, {"id": 8, "name": "malignant"}, {"id": 9, "name": "shadow"}],
         "annotations": [
           {"id": 1, "image_id": 1, "category_id": 7, "segmentation": [[1, 1, 3, 1, 3, 2, 1, 2]], "iscrowd": 0},
           {"id": 2, "image_id": 2, "category_id": 8, "segmentation": {"size": [3, 4], "counts": [4, 2, 6]}},
           {"id": 3, "image_id": 2, "category_id": 9, "segmentation": [[0, 0, 1, 0, 1, 1, 0, 1]]}]}
        """

    private func write(_ folder: URL, _ text: String, images: String = "images", file: String = "annotations/all.json")
        throws
    {
        for part in [images, "annotations"] { try makeFolder(folder.appendingPathComponent(part)) }
        for name in ["a", "b", "c"] { try writeImage(folder.appendingPathComponent("\(images)/\(name).png")) }
        try writeText(text, folder.appendingPathComponent(file))
    }

    private func settings(_ edit: (inout COCO.Settings) -> Void = { _ in }) -> COCO.Settings {
        var settings = COCO.Settings()
        settings.masksOptional = true
        edit(&settings)
        return settings
    }

    @Test("outlines become masks, categories labels, fields metadata; from a folder or its archive")
    func lists() throws {
        try withTemporaryFolder { folder in
            let data = folder.appendingPathComponent("clinic")
            try write(data, annotations)
            for url in [data, try zipped(data)] {
                let adapter = try COCO(folder: url, settings: settings { $0.patient = "patient" })
                let records = try adapter.records()
                #expect(records.map(\.id) == ["a", "b", "c"] && records.map(\.group) == ["P1", "P1", "P2"])
                #expect(records.map(\.pathology) == [.benign, .malignant, .normal])
                #expect(
                    records[0].metadata["score"] == "0.5" && records[1].metadata["categories"] == "malignant&shadow"
                )
                let lesions = try records.map { try adapter.sample(for: $0, decoder: decoder).lesion.pixels }
                #expect(
                    lesions.map { pixels in pixels.indices.filter { pixels[$0] == 1 } } == [[5, 6], [0, 5, 9], []]
                )
                #expect(checkDatasetAdapter(adapter) == [])
                let lesion = try COCO(folder: url, settings: settings { $0.categories = ["malignant"] })
                #expect(try lesion.sample(for: lesion.records()[1], decoder: decoder).lesion.area == 2)
                #expect(try lesion.records().map(\.pathology) == [.normal, .malignant, .normal])
            }
        }
    }

    @Test("images beside the annotation file are found, and elsewhere if the settings name the folder")
    func places() throws {
        for (images, setting, file) in [
            ("annotations", "", "annotations/all.json"), ("annotations/images", "", "annotations/all.json"),
            ("pictures", "../pictures", "annotations/all.json"), ("images", "", "all.json"),
        ] {
            try withTemporaryFolder { folder in
                try write(folder, annotations, images: images, file: file)
                let adapter = try COCO(folder: folder, settings: settings { $0.images = setting })
                #expect(try adapter.records().count == 3)
                #expect(
                    try COCO(folder: folder.appendingPathComponent(file), settings: adapter.settings).records().count
                        == 3
                )
            }
        }
    }

    @Test(
        "what is wrong is named",
        arguments: [
            ("\"image_id\": 1", "\"image_id\": 4", "annotation 1 is of the image 4, which is not listed"),
            ("\"category_id\": 7", "\"category_id\": 6", "annotation 1 is of the category 6, which is not listed"),
            ("[[1, 1, 3, 1, 3, 2, 1, 2]]", "[]", "annotation 1 has no outline"),
            ("[[1, 1, 3, 1, 3, 2, 1, 2]]", "[[1, 1, 3, 1]]", "annotation 1 has 2 corners only"),
            (
                "[[1, 1, 3, 1, 3, 2, 1, 2]]", "[[1, 1, 3, 1, 3, 2, 1]]",
                "a polygon of annotation 1 does not have three corners"
            ),
            ("[4, 2, 6]", "[4, 2, 5]", "the run lengths of annotation 2 do not fill its mask"),
            ("[4, 2, 6]", "[-4, 10, 6]", "the run lengths of annotation 2 do not fill its mask"),
            ("[4, 2, 6]", "\"~~\"", "the run lengths of annotation 2 cannot be read"),
            ("\"id\": 2, \"file", "\"id\": 1, \"file", "two images have one id"),
            ("b.png", "a.png", "the image a.png is listed twice"),
            ("b.png", "d.png", "d.png: the image is missing; all.json lists it"),
            ("\"categories\"", "\"kinds\"", "this is not a COCO file: it lacks the key categories"),
            ("\"file_name\": \"b.png\", ", "", "this is not valid COCO: images[1] lacks file_name"),
            ("{\"images\"", "\"images\"", "the JSON cannot be understood"),
            ("\"patient\": \"P2\"", "\"doctor\": \"D\"", "the image c.png has no field patient"),
            (
                "\"size\": [3, 4]", "\"size\": [4, 3]",
                "the mask of annotation 2 is 3×4 px, but the file says that its image has 4×3 px"
            ),
        ]
    )
    func errors(old: String, new: String, problem: String) throws {
        precondition(annotations.contains(old))
        try withTemporaryFolder { folder in
            try write(folder, annotations.replacingOccurrences(of: old, with: new))
            let text = message {
                let adapter = try COCO(folder: folder, settings: settings { $0.patient = "patient" })
                for record in try adapter.records() { _ = try adapter.sample(for: record, decoder: decoder) }
            }
            #expect(text.contains(problem), "\(text)")
        }
    }

    @Test("images without annotation, unknown categories, and several or no files are named")
    func settingErrors() throws {
        try withTemporaryFolder { folder in
            try write(folder, annotations)
            func problem(_ edit: (inout COCO.Settings) -> Void) -> String {
                message { _ = try COCO(folder: folder, settings: settings(edit)).records() }
            }
            #expect(problem { $0.masksOptional = false }.contains("c.png: the image has no mask"))
            #expect(
                problem { $0.categories = ["cyst"] }.contains(
                    "no category called `cyst`; use one of: Benign, malignant"
                )
            )
            #expect(problem { $0.images = "elsewhere" }.contains("elsewhere/a.png: the image is missing"))
            #expect(problem { $0.pathology = "cyst" }.contains("pathology: is `cyst`"))
            try writeText(annotations, folder.appendingPathComponent("annotations/test.json"))
            #expect(problem { _ in }.contains("there are 2 JSON files"))
            #expect(problem { $0.file = "annotations/test.json" } == "")
        }
        try withTemporaryFolder { folder in
            #expect(message { _ = try COCO(folder: folder) }.contains("there is no annotation file"))
        }
    }

    @Test("benign and malignant in one image, and another size, are doubts")
    func doubts() throws {
        try withTemporaryFolder { folder in
            let mixed = annotations.replacingOccurrences(of: "\"category_id\": 9", with: "\"category_id\": 7")
                .replacingOccurrences(of: "\"width\": 4, \"height\": 3, \"patient\": \"P2\"", with: "\"width\": 5")
            try write(folder, mixed)
            let adapter = try COCO(folder: folder, settings: settings())
            let records = try adapter.records()
            #expect(records[1].pathology == .malignant)
            #expect(
                try records.map { try adapter.doubts(about: $0, decoder: decoder) } == [
                    [], ["the image has benign and malignant annotations, and counts as malignant"],
                    ["the annotation file says width 5, but it is 4 px"],
                ]
            )
        }
    }
}

import Foundation
import SegCore
import SegDatasets
import SegImageIO
import TestSupport
import Testing

@Suite("COCO annotations that contradict their image or themselves")
struct COCOContradictionTests {
    private let decoder = StandardImageDecoder()

    /// What an image of 40×30 px with one annotation gives: its mask and its doubts.
    private func read(
        _ annotation: String,
        image: String = "\"width\": 40, \"height\": 30",
        _ edit: (inout COCO.Settings) -> Void = { _ in }
    ) throws -> (lesion: Mask, doubts: [String]) {
        try withTemporaryFolder { folder in
            let gray = GrayImage(width: 40, height: 30, pixels: (0..<1200).map { Float($0 % 7) / 7 })
            try PNG.write(PNGImage(gray), to: folder.appendingPathComponent("a.png"))
            try writeText(
                """
                {"images": [{"id": 1, "file_name": "a.png", \(image)}], "categories": [{"id": 1, "name": "Lesion "}],
                 "annotations": [{"id": 7, "image_id": 1, "category_id": 1, \(annotation)}]}
                """,
                folder.appendingPathComponent("a.json")
            )
            var settings = COCO.Settings()
            settings.categories = ["lesion"]
            edit(&settings)
            let adapter = try COCO(folder: folder, settings: settings)
            let record = try adapter.records()[0]
            return (
                try adapter.sample(for: record, decoder: decoder).lesion,
                try adapter.doubts(about: record, decoder: decoder)
            )
        }
    }

    private static let square = "\"segmentation\": [[10, 10, 20, 10, 20, 20, 10, 20]]"

    @Test("outlines of an image of another size are an error, or scaled where the settings ask for it")
    func sizes() throws {
        let double = "\"segmentation\": [[20, 20, 40, 20, 40, 40, 20, 40]]"
        let image = "\"width\": 80, \"height\": 60"
        #expect(
            message { _ = try read(double, image: image) }
                .contains("the outlines of a were drawn on 80×60 px, but its image is 40×30 px; restore the images")
        )
        #expect(try read(double, image: image) { $0.resizeMasks = true }.lesion == read(Self.square).lesion)
        let far = "\"segmentation\": [[200, 10, 220, 10, 220, 20, 200, 20]]"
        #expect(
            message { _ = try read(far) }.contains("reaches from (200, 10) to (220, 20), but its image is 40×30 px")
        )
        let over = "\"segmentation\": [[30, 10, 46, 10, 46, 20, 30, 20]]"
        #expect(try read(over).doubts == ["an outline reaches out of the image, and is cut off at its border"])
        #expect(try read(over).lesion.area == 100)
        let claim = "\"width\": 1e300, \"height\": 30"
        #expect(message { _ = try read(Self.square, image: claim) }.contains("were drawn on"))
    }

    @Test(
        "sizes and runs are compared before anything is multiplied or allocated",
        arguments: [
            ("{\"size\": [4294967296, 4294967296], \"counts\": [1]}", "claim 4294967296×4294967296 px"),
            ("{\"size\": [100000, 100000], \"counts\": [10000000000]}", "claim 100000×100000 px"),
            ("{\"size\": [2147483648, 2147483648], \"counts\": [4611686018427387904, 4611686018427387904]}", "claim"),
            ("{\"size\": [30, 40], \"counts\": [9223372036854775807, 9223372036854775807]}", "do not fill its mask"),
            ("{\"size\": [-30, -40], \"counts\": [1200]}", "claim -40×-30 px"),
            ("{\"size\": [0, 40], \"counts\": []}", "claim 40×0 px"),
            ("{\"size\": [60, 20], \"counts\": [1200]}", "is 20×60 px, but the file says that its image has 40×30 px"),
            ("{\"size\": [30, 40], \"counts\": [1200]}", "annotation 7 marks no pixel"),
            ("{\"size\": [30], \"counts\": [1200]}", "cannot be read"),
            (
                "{\"size\": [30, 40], \"counts\": \"ooooooooooooooo0ooooooooooooooo0ooooooooooooooo0\"}",
                "cannot be read"
            ),
            ("[[40, 30, 40, 30, 41, 30, 41, 30]]", "annotation 7 does not enclose anything"),
            ("[[1e400, 0, 5, 5, 0, 5]]", "lies farther out than any image reaches"),
            ("[[1e308, -1e308, -1e308, 1e308, 0, 5]]", "lies farther out than any image reaches"),
        ]
    )
    func claims(outline: String, problem: String) throws {
        let text = message { _ = try read("\"segmentation\": \(outline)") }
        #expect(text.contains(problem), "\(text)")
    }

    @Test("runs of a smaller mask are scaled up where the settings ask for it")
    func smallerRuns() throws {
        // Rows and columns 5 to 9 of 20×15 px, column by column.
        let counts = [5 * 15 + 5, 5, 10, 5, 10, 5, 10, 5, 10, 5]
        let runs = "\"segmentation\": {\"size\": [15, 20], \"counts\": \(counts + [300 - counts.reduce(0, +)])}"
        let lesion = try read(runs, image: "\"width\": 20, \"height\": 15") { $0.resizeMasks = true }.lesion
        #expect(try lesion == read(Self.square).lesion)
    }

    @Test("what the file says of an object is compared with its outline")
    func statements() throws {
        #expect(try read("\(Self.square), \"bbox\": [10, 10, 10, 10], \"area\": 100").doubts == [])
        #expect(try read("\(Self.square), \"bbox\": [10.5, 9, 11, 11], \"area\": 110").doubts == [])
        let doubts = try read("\(Self.square), \"bbox\": [0, 0, 5, 5], \"area\": 900").doubts
        #expect(
            doubts == [
                "the file says that the box of annotation 7 is [0, 0, 5, 5], but its outline's is [10, 10, 10, 10]",
                "the file says that annotation 7 covers 900 px, but its outline encloses 100",
            ]
        )
    }

    @Test("runs by rows are known by the box that the file states, and read so")
    func rows() throws {
        // Rows 3 to 7, columns 5 to 24, row by row.
        let counts: [Int] = [125, 20, 20, 20, 20, 20, 20, 20, 20, 20]
        let rest = 1200 - counts.reduce(0, +)
        let runs = "\"segmentation\": {\"size\": [30, 40], \"counts\": \(counts + [rest])}, \"bbox\": [5, 3, 20, 5]"
        let (lesion, doubts) = try read(runs)
        #expect(lesion.area == 100 && lesion[5, 3] && lesion[24, 7] && !lesion[4, 3] && !lesion[5, 8])
        #expect(doubts == ["the run lengths of annotation 7 run by rows, as its bounding box shows, and are read so"])
    }

    @Test("objects that enclose nothing are named all at once, or left out where the settings say so")
    func empty() throws {
        try withTemporaryFolder { folder in
            for name in ["a", "b"] { try writeImage(folder.appendingPathComponent("\(name).png")) }
            try writeText(
                """
                {"images": [{"id": 0, "file_name": "a.png"}, {"id": 1, "file_name": "b.png"}],
                 "categories": [{"id": 1, "name": "lesion"}],
                 "annotations": [{"id": 1, "image_id": 0, "category_id": 1, "segmentation": [[1, 1, 3, 1, 3, 2, 1, 2]]},
                                 {"id": 3, "image_id": 0, "category_id": 1, "segmentation": [], "area": 0},
                                 {"id": 4, "image_id": 1, "category_id": 1, "segmentation": [[1.0, 1.0]]}]}
                """,
                folder.appendingPathComponent("a.json")
            )
            #expect(
                message { _ = try COCO(folder: folder) }
                    .contains(
                        "annotation 3 has no outline; annotation 4 has one corner only; correct them in the annotation"
                    )
            )
            var settings = COCO.Settings()
            settings.emptyObjects = .skip
            #expect(
                message { _ = try COCO(folder: folder, settings: settings).records() }.contains(
                    "b.png: the image has no mask"
                )
            )
            settings.masksOptional = true
            let adapter = try COCO(folder: folder, settings: settings)
            let records = try adapter.records()
            #expect(records.map(\.pathology) == [nil, .normal])
            #expect(
                try records.map { try adapter.doubts(about: $0, decoder: decoder) } == [
                    ["annotation 3 has no outline, and is left out"],
                    ["annotation 4 has one corner only, and is left out"],
                ]
            )
        }
    }

    @Test("outlines in shares of the image are an error that says so")
    func shares() throws {
        let share = "\"segmentation\": [[0.25, 0.3, 0.5, 0.3, 0.5, 0.6, 0.25, 0.6]]"
        #expect(message { _ = try read(share) }.contains("lies between 0 and 1: its places are shares of the image"))
    }

    @Test("the field of a patient is found by its name, and another list is no COCO file")
    func fields() throws {
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("a.json")
            for name in ["a", "b"] { try writeImage(folder.appendingPathComponent("\(name).png")) }
            for (first, second, groups) in [
                ("\"Patient_ID\": \"P1\"", "\"Patient_ID\": \"P1\"", ["P1", "P1"]),
                ("\"subject\": 7", "\"x\": 1", ["7", "b"]), ("\"case\": 7", "\"case\": 7", ["a", "b"]),
            ] {
                try writeText(
                    """
                    {"images": [{"id": 1, "file_name": "a.png", \(first)}, {"id": 2, "file_name": "b.png", \(second)}],
                     "categories": [], "annotations": []}
                    """,
                    file
                )
                var settings = COCO.Settings()
                settings.masksOptional = true
                #expect(try COCO(folder: folder, settings: settings).records().map(\.group) == groups)
            }
            try writeText("{\"shapes\": [], \"imagePath\": \"a.png\"}", file)
            #expect(
                message { _ = try COCO(folder: folder) }
                    .contains("this is not a COCO file: it lacks the key images; it has imagePath, shapes; export")
            )
        }
    }

    @Test("patients who are not known have no name")
    func patients() throws {
        for (value, patient) in [("\"P1\"", "P1"), ("10", "10"), ("1e3", "1e3"), ("null", nil), ("\"NA\"", nil)]
            as [(String, String?)]
        {
            try withTemporaryFolder { folder in
                try writeImage(folder.appendingPathComponent("a.png"))
                try writeText(
                    """
                    {"images": [{"id": 1, "file_name": "a.png", "who": \(value)}], "categories": [{"id": 1, "name": "x"}],
                     "annotations": [{"image_id": 1, "category_id": 1, \(Self.square.replacingOccurrences(of: "0", with: ""))}]}
                    """,
                    folder.appendingPathComponent("a.json")
                )
                var settings = COCO.Settings()
                settings.patient = "who"
                settings.emptyObjects = .skip
                settings.masksOptional = true
                let record = try COCO(folder: folder, settings: settings).records()[0]
                #expect(record.clinical.patient == patient && record.group == patient ?? "a")
            }
        }
    }
}

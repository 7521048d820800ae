import Foundation
import SegCore
import SegDatasets
import SegImageIO
import SegTables
import TestSupport
import Testing

@Suite("Tables as other programs save them")
struct ForeignTableTests {
    private func table(_ text: String) throws -> Table {
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("t.csv")
            try writeText(text, file)
            return try CSVReader(file: file).table()
        }
    }

    @Test("the separator is what a first line says, or stands most often outside of quotes")
    func separators() throws {
        for text in [
            "sep=;\r\na;b,c\r\n1;2\r\n", "a;\"b,c\"\n1;2\n", "a;b,c\r1;2\r", "SEP=\t\na\tb,c\n1\t2\n",
            "\"a\";\"b,c\"\n1;2",
        ] {
            let table = try table(text)
            #expect(table.columns == ["a", "b,c"], "\(text)")
            #expect(table.rows.map(\.values) == [["a": "1", "b,c": "2"]], "\(text)")
        }
        #expect(try table("quote\n5\"\n").rows[0]["quote"] == "5\"")
    }

    /// A manifest of one image, with one more column.
    private func record(
        _ column: String,
        _ value: String,
        separator: String = ",",
        _ edit: (inout Manifest.Settings) -> Void = { _ in }
    )
        throws -> SampleRecord
    {
        try withTemporaryFolder { folder in
            try writeImage(folder.appendingPathComponent("a.png"))
            try writeMask(folder.appendingPathComponent("b.png"), lesionAt: 3)
            let s = separator
            try writeText(
                "image\(s)mask\(s)\(column)\na.png\(s)b.png\(s)\(value)\n",
                folder.appendingPathComponent("manifest.csv")
            )
            var settings = Manifest.Settings()
            edit(&settings)
            return try Manifest(folder: folder, settings: settings).records()[0]
        }
    }

    @Test("decimal commas are read; what only programmers write is no number")
    func numbers() throws {
        #expect(try record("pixelSpacing", "0,078", separator: ";").pixelSpacing == PixelSpacing(x: 0.078, y: 0.078))
        #expect(try record("pixelSpacing", "0,07x0,08", separator: ";").pixelSpacing == PixelSpacing(x: 0.07, y: 0.08))
        #expect(try record("age", "57,0", separator: ";").clinical.age == 57)
        for text in ["0x10", "inf", "1_0", "1.2.3", "1,2,3"] {
            #expect(message { _ = try record("age", "\"\(text)\"") }.contains("row 2 has '\(text)' in the column age"))
        }
    }

    @Test(
        "words for what is missing are no patient and no class, in any case and language",
        arguments: [
            "NA", "N/A", "n/a", "nan", "NaN", "None", "NULL", "null", "-", "?", "#N/A", "unknown", "Unknown", "", " ",
            "not available", "<NA>", "#NV", "k.A.",
        ]
    )
    func unknownWords(word: String) throws {
        for column in ["patient", "pathology", "category", "shape", "margin", "age", "device", "split", "id"] {
            let record = try record(column, word)
            #expect(record.clinical == ClinicalDescriptors(), "\(column)")
            #expect(record.group == "a" && record.pathology == nil && record.id == "a")
        }
        #expect(try record("posteriorFeatures", "none").clinical.posteriorFeatures == PosteriorFeatures.none)
        #expect(try record("patient", "verschollen") { $0.unknown = ["Verschollen"] }.clinical.patient == nil)
        #expect(try record("patient", "verschollen").clinical.patient == "verschollen")
    }

    @Test(
        "names are as written: in CSV",
        arguments: ["010", "1_2", "1e3", "0x10", "12:30", "no", "1.0", "12345678901234567890"]
    )
    func namesInCSV(name: String) throws {
        #expect(try record("patient", name).clinical.patient == name)
        #expect(try record("id", name).id == name)
    }

    @Test(
        "names are as written: in JSON",
        arguments: ["1e3", "1.0", "12345678901234567890", "\"010\"", "true", "\"no\""]
    )
    func namesInJSON(name: String) throws {
        try withTemporaryFolder { folder in
            try writeImage(folder.appendingPathComponent("a.png"))
            try writeMask(folder.appendingPathComponent("b.png"), lesionAt: 3)
            try writeText(
                "[{\"image\": \"a.png\", \"mask\": [\"b.png\"], \"patient\": \(name), \"age\": NaN}]",
                folder.appendingPathComponent("manifest.json")
            )
            let record = try Manifest(folder: folder).records()[0]
            #expect(record.clinical.patient == name.trimmingCharacters(in: ["\""]))
        }
    }

    @Test("JSON that is damaged, nested without end or has a key twice is named by line")
    func badJSON() throws {
        func problem(_ text: String) throws -> String {
            try withTemporaryFolder { folder in
                try writeText(text, folder.appendingPathComponent("manifest.json"))
                return message { _ = try Manifest(folder: folder).records() }
            }
        }
        #expect(try problem("[{\n\"image\": 1,\n\"image\": 2}]").contains("line 3: the key image appears twice"))
        #expect(try problem(String(repeating: "[", count: 100_000)).contains("nested more than 64 deep"))
        #expect(try problem("[{\"image\": 01}]").contains("line 1: `01` is not a value"))
        #expect(try problem("[{\"image\": \"a\u{1}\"}]").contains("control character"))
        #expect(try problem("[1] x").contains("something follows"))
        #expect(try problem("[{\"image\": \"\\ud800\"}]").contains("the file is missing"))
    }

    /// Names that separate, quote, escape or mean something elsewhere.
    private static let odd = [
        "50%25", "a#1", "b?x", "c&d", "e;f", "g page=2", "h#page=2", "benign (1)", "x,y", "quote\"s", "  lead", "~t",
        "[1]", "{id}",
        "*", "a+b", "$HOME", "'",
    ]

    @Test("odd names are read in a folder, an archive, a manifest of either kind and COCO")
    func oddNames() throws {
        try withTemporaryFolder { folder in
            let data = folder.appendingPathComponent("data")
            for kind in ["benign", "normal"] { try makeFolder(data.appendingPathComponent(kind)) }
            for (index, name) in Self.odd.enumerated() {
                try writeImage(data.appendingPathComponent("benign/\(name).png"))
                try writeMask(data.appendingPathComponent("benign/\(name)_mask.png"), lesionAt: index % 12)
                try writeMask(data.appendingPathComponent("benign/\(name)_mask;2.png"), lesionAt: (index + 1) % 12)
                try writeImage(data.appendingPathComponent("normal/n \(name).png"))
                try writeMask(data.appendingPathComponent("normal/n \(name)_mask.png"), lesionAt: index == 0 ? 3 : nil)
            }
            var settings = FolderPattern.Settings()
            settings.image = "{pathology}/{id}.png"
            settings.masks = ["{pathology}/{id}_mask*.png"]
            func quoted(_ text: String) -> String { "\"\(text.replacingOccurrences(of: "\"", with: "\"\""))\"" }
            let rows = Self.odd.flatMap { name in
                [
                    "\(quoted("benign/\(name).png")),\(quoted("benign/\(name)_mask.png;benign/\(name)_mask;2.png")),benign",
                    "\(quoted("normal/n \(name).png")),\(quoted("normal/n \(name)_mask.png")),normal",
                ]
            }
            try writeText(
                "image,mask,pathology\n" + rows.joined(separator: "\n"),
                data.appendingPathComponent("list.csv")
            )
            let objects = Self.odd.flatMap { name in
                [
                    [
                        "image": ["benign/\(name).png"],
                        "mask": ["benign/\(name)_mask.png", "benign/\(name)_mask;2.png"], "pathology": ["benign"],
                    ],
                    [
                        "image": ["normal/n \(name).png"], "mask": ["normal/n \(name)_mask.png"],
                        "pathology": ["normal"],
                    ],
                ]
            }
            try JSONEncoder().encode(objects).write(to: data.appendingPathComponent("list.json"))
            for url in [data, try zipped(data)] {
                var manifest = Manifest.Settings()
                var adapters: [any DocumentedDataset] = [try FolderPattern(folder: url, settings: settings)]
                for file in ["list.csv", "list.json"] {
                    manifest.file = file
                    adapters.append(try Manifest(folder: url, settings: manifest))
                }
                for adapter in adapters {
                    let records = try adapter.records()
                    #expect(records.count == 2 * Self.odd.count)
                    let decoder = StandardImageDecoder()
                    for record in records where record.pathology == .benign {
                        #expect(try adapter.sample(for: record, decoder: decoder).lesion.area == 2, "\(record.id)")
                    }
                    let doubts = try records.flatMap { try adapter.doubts(about: $0, decoder: decoder) }
                    #expect(doubts == ["the image is labeled normal but its mask n 50%25_mask.png marks 1 px"])
                }
            }
            let images = Self.odd.enumerated().map { ["id": "\($0)", "file_name": "benign/\($1).png"] }
            let file = data.appendingPathComponent("coco.json")
            let annotations = Self.odd.indices.map {
                "{\"image_id\": \"\($0)\", \"category_id\": 1, \"segmentation\": [[1, 1, 3, 1, 3, 2, 1, 2]]}"
            }
            let list = String(decoding: try JSONEncoder().encode(images), as: UTF8.self)
            try writeText(
                "{\"images\": \(list), \"annotations\": [\(annotations.joined(separator: ","))], "
                    + "\"categories\": [{\"id\": 1, \"name\": \"lesion\"}]}",
                file
            )
            let coco = try COCO(folder: file)
            let areas = try coco.records().map { try coco.sample(for: $0, decoder: StandardImageDecoder()).lesion.area }
            #expect(areas == Self.odd.map { _ in 2 })
        }
    }
}

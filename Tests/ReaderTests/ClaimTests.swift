import Foundation
import ReaderChecks
import SegDatasets
import SegTables
import TestSupport
import Testing

/// Files made to claim what is not so: each is answered at once, by a line that says where.
@Suite("What a file claims is compared before it is believed")
struct ClaimTests {
    /// What becomes of a file, and how long that takes.
    fileprivate func outcome(
        _ kind: ReaderCheck.Kind,
        _ make: (_ seed: [UInt8]) throws -> [UInt8]
    ) throws -> ReaderCheck.Outcome {
        try withTemporaryFolder { folder in
            let check = try ReaderCheck(kind, in: folder)
            let bytes = try make(check.seeds[0])
            let start = ContinuousClock.now
            let outcome = check.outcome(of: bytes)
            // A guard against minutes: other tests run beside this one, on machines of any speed.
            #expect(ContinuousClock.now - start < .seconds(60), "\(kind) took \(ContinuousClock.now - start)")
            return outcome
        }
    }

    fileprivate func refusal(_ kind: ReaderCheck.Kind, _ make: ([UInt8]) throws -> [UInt8]) throws -> String {
        guard case .refused(let text) = try outcome(kind, make) else { return "not refused" }
        return text
    }

    /// A safetensors file with another text in its header, whose length is set right.
    private func edited(_ file: [UInt8], _ old: String, _ new: String) throws -> [UInt8] {
        let count = file[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = String(decoding: file[8..<(8 + count)], as: UTF8.self)
        try #require(header.contains(old), "\(header)")
        let changed = Array(header.replacingOccurrences(of: old, with: new).utf8)
        return (0..<8).map { UInt8(truncatingIfNeeded: changed.count >> (8 * $0)) } + changed + file[(8 + count)...]
    }

    @Test(
        "numbers in a model file",
        arguments: [
            (#"\"imageSize\":16"#, #"\"imageSize\":0"#, "its imageSize is 0"),
            (#"\"imageSize\":16"#, #"\"imageSize\":-32"#, "its imageSize is -32"),
            (#"\"imageSize\":16"#, #"\"imageSize\":1000000"#, "its imageSize is 1000000"),
            (#"\"imageSize\":16"#, #"\"imageSize\":1e300"#, "not a model that segkit wrote"),
            (#"\"width\":2"#, #"\"width\":1000000000"#, "width"), (#"\"width\":2"#, #"\"width\":-2"#, "width"),
            (#"\"width\":2"#, #"\"width\":0"#, "width"), (#"\"depth\":2"#, #"\"depth\":60"#, "depth"),
            (#"\"width\":2"#, #"\"width\":4"#, "does not fit the model"),
            (#"\"segmentationThreshold\":0.5"#, #"\"segmentationThreshold\":5"#, "its segmentationThreshold is 5"),
            (#"\"malignancyTemperature\":1.2"#, #"\"malignancyTemperature\":0"#, "its malignancyTemperature is 0"),
            (#""formatVersion":"1""#, #""formatVersion":"9""#, "has format version 9"),
        ]
    )
    func model(old: String, new: String, fragment: String) throws {
        let text = try refusal(.model) { try edited($0, old, new) }
        #expect(text.contains("model.safetensors") && text.contains(fragment), "\(text)")
    }

    @Test("weights that are not numbers", arguments: [ReaderCheck.Kind.model, .checkpoint])
    func weights(kind: ReaderCheck.Kind) throws {
        let text = try refusal(kind) { Array($0.dropLast(4)) + [0, 0, 0xC0, 0x7F] }
        #expect(text.contains(".safetensors: ") && text.contains("contains values that are not numbers"), "\(text)")
    }

    @Test(
        "numbers in a checkpoint",
        arguments: [
            (#"\"completedEpochs\":2"#, #"\"completedEpochs\":3"#, "it has 3 of 2 epochs"),
            (#"\"completedEpochs\":2"#, #"\"completedEpochs\":-1"#, "it has -1 of 2 epochs"),
            (
                #"\"completedEpochs\":2"#, #"\"completedEpochs\":1"#,
                "its history does not end with the last of its completed epochs, 1"
            ),
            (
                #"\"isFinished\":true"#, #"\"isFinished\":false"#,
                "it says both that the training is finished and that it goes on"
            ),
            (#"\"step\":0"#, #"\"step\":-1"#, "it has -1 of an epoch's 1 steps"),
            (#"\"step\":0"#, #"\"step\":9223372036854775807"#, "of an epoch's 1 steps"),
            (#"\"images\":0"#, #"\"images\":9223372036854775807"#, "what it gathered of the epoch"),
            (#"\"skippedSteps\":0}"#, #"\"skippedSteps\":-5}"#, "what it gathered of the epoch"),
            (#""optimizerSteps":"[2,"#, #""optimizerSteps":"[-2,"#, "moments"),
            (#""optimizerSteps":"[2,"#, #""optimizerSteps":"[9223372036854775807,"#, "moments"),
            (#""optimizerSteps":"[2,"#, #""optimizerSteps":"[2,2,"#, "parameters instead of the model's"),
            (#"\"seed\":\"1\""#, #"\"seed\":\"2\""#, "is that of another training: seed was 2 and is 1"),
        ]
    )
    func checkpoint(old: String, new: String, fragment: String) throws {
        let text = try refusal(.checkpoint) { try edited($0, old, new) }
        #expect(text.contains("last.safetensors: the checkpoint") && text.contains(fragment), "\(text)")
    }

    /// A workbook's sheet in place of the seed's.
    fileprivate func sheet(_ text: String, in seed: [UInt8]) -> [UInt8] {
        var parts = seed.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
        parts[2] = Array(text.utf8)
        return Array(parts.joined(separator: [0]))
    }

    fileprivate func row(_ number: Int, cells: Int) -> String {
        "<row r=\"\(number)\">" + String(repeating: "<c t=\"b\"><v>1</v></c>", count: cells) + "</row>"
    }

    @Test("merged ranges over all rows, as often as one likes")
    func merges() throws {
        let titles = "<row r=\"1\">" + (0..<400).map { "<c t=\"str\"><v>c\($0)</v></c>" }.joined() + "</row>"
        let rows = (2..<8000).map { row($0, cells: 1) }.joined()
        func workbook(_ merges: String) -> String {
            "<worksheet><sheetData>\(titles)\(rows)</sheetData><mergeCells>\(merges)</mergeCells></worksheet>"
        }
        let wide = try refusal(.sheet) { sheet(workbook("<mergeCell ref=\"A2:XFD1048576\"/>"), in: $0) }
        #expect(wide.contains("its merged ranges cover millions of cells"))
        let many = try outcome(.sheet) {
            sheet(workbook(String(repeating: "<mergeCell ref=\"A7999:B7999\"/>", count: 20_000)), in: $0)
        }
        #expect(many == .read)
    }

    @Test("entities that grow into gigabytes")
    func entities() throws {
        let names = (1...9).map { "<!ENTITY e\($0) \"" + String(repeating: "&e\($0 - 1);", count: 10) + "\">" }
        let text = try refusal(.sheet) {
            sheet(
                "<!DOCTYPE w [<!ENTITY e0 \"0123456789\">\(names.joined())]><worksheet><sheetData><row><c t=\"inlineStr\">"
                    + "<is><t>&e9;</t></is></c></row></sheetData></worksheet>",
                in: $0
            )
        }
        #expect(text.contains("cannot be understood"))
    }

    @Test("a table of very many columns")
    func columns() throws {
        let names = (0..<60_000).map { "c\($0)" }.joined(separator: ",")
        #expect(try outcome(.csv) { _ in Array("image,mask,\(names)\na.png,b.png\n".utf8) } == .read)
        let text = try refusal(.csv) { _ in Array("image,\(names),c7\na.png\n".utf8) }
        #expect(text.contains("the column c7 appears twice"))
    }

    @Test("run lengths of the largest mask, a thousand times")
    func runs() throws {
        let annotation =
            #"{"image_id": 1, "category_id": 1, "segmentation": {"size": [8192, 8192], "counts": [0, 67108864]}}"#
        let list = Array(repeating: annotation, count: 1000).joined(separator: ",")
        // Refused by the reading that does not resize, as the sizes differ.
        let text = try refusal(.coco) { _ in
            Array(
                """
                {"images": [{"id": 1, "file_name": "a.png"}], "categories": [{"id": 1, "name": "x"}], "annotations": [\(list)]}
                """.utf8
            )
        }
        #expect(text.contains("were drawn on 8192×8192 px"))
    }

    @Test("a study nested by its indentation, and long keys that aliases repeat")
    func yaml() throws {
        let nested = (0..<2000).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n")
        #expect(try refusal(.study) { _ in Array(nested.utf8) }.contains("nested more than"))
        let list = "[" + String(repeating: "1,", count: 5000) + "1]"
        let key = String(repeating: "k", count: 900)
        let text = "a: &a \(list)\n" + (0..<15).map { "\(key)\($0): *a\n" }.joined()
        #expect(
            try refusal(.study) { _ in Array(text.utf8) }.contains("the document grows to values whose keys' paths")
        )
    }
}

extension ClaimTests {
    @Test("a workbook that lists one sheet ten thousand times, and one of millions of cells")
    func sheets() throws {
        let rows = (1..<2000).map { row($0, cells: 20) }.joined()
        let listed = (0..<10_000).map { "<sheet name=\"\($0)\" r:id=\"a\"/>" }.joined()
        let read = try withTemporaryFolder { folder in
            let file = folder.appending(path: "a.xlsx")
            try zip(
                [
                    ("xl/workbook.xml", Array("<workbook xmlns:r=\"r\"><sheets>\(listed)</sheets></workbook>".utf8)),
                    (
                        "xl/_rels/workbook.xml.rels",
                        Array(
                            "<Relationships><Relationship Id=\"a\" Type=\"/worksheet\" Target=\"s.xml\"/></Relationships>"
                                .utf8
                        )
                    ), ("xl/s.xml", Array("<worksheet><sheetData>\(rows)</sheetData></worksheet>".utf8)),
                ],
                isDeflated: true
            ).write(to: file)
            let reader = try XLSXReader(file: file)
            return (reader.sheetNames.count, try reader.rows(ofSheet: 9999).count)
        }
        #expect(read == (10_000, 1999))
        let cells = (1...66).map { row($0, cells: 16_000) }.joined()
        let text = try refusal(.sheet) {
            sheet("<worksheet><sheetData>\(cells)</sheetData></worksheet>", in: $0)
        }
        #expect(text.contains("a sheet has more than 1048576 cells"))
    }

    @Test("an entry nested thousands of folders deep")
    func depth() throws {
        let name = String(repeating: "a/", count: 30_000) + "b"
        let text = try refusal(.zip) { _ in [UInt8](zip([(name, [1])], isDeflated: false)) }
        #expect(text.contains("is nested 30001 deep"))
    }
}

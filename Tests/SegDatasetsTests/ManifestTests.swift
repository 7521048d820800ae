import Foundation
import SegCore
import SegDatasets
import SegImageIO
import SegTestKit
import TestSupport
import Testing

@Suite("A manifest")
struct ManifestTests {
    private let decoder = StandardImageDecoder()

    private let table = """
        ID,image,Mask,patient,Pathology,pixel_spacing,split,BI-RADS,margins,Age,Operator
        one,img/1.png,seg/1a.png;seg/1b.png,P1,benign,0.08,train,4a,angular;indistinct,57,AB
        two,img/2.png,seg/2.png,P1,malignant,0.07x0.09,test,5,,not available,
        three,img/3.png,,P2,normal,,val,,,,CD

        """

    private func write(_ folder: URL, _ text: String, name: String = "manifest.csv") throws {
        for part in ["img", "seg"] { try makeFolder(folder.appendingPathComponent(part)) }
        for number in 1...3 { try writeImage(folder.appendingPathComponent("img/\(number).png")) }
        for (name, pixel) in [("1a", 1), ("1b", 2), ("2", 3), ("3", 4)] {
            try writeMask(folder.appendingPathComponent("seg/\(name).png"), lesionAt: pixel)
        }
        try writeText(text, folder.appendingPathComponent(name))
    }

    @Test("where one column of patients is silent another counts, and a contradiction names two rows")
    func patients() throws {
        func records(_ rows: [String]) throws -> [SampleRecord] {
            try withTemporaryFolder { folder in
                let text = (["image,mask,patient,subject_id"] + rows).joined(separator: "\n")
                try write(folder, text + "\n")
                return try Manifest(folder: folder).records()
            }
        }
        let silent = try records(["img/1.png,seg/1a.png,,S1", "img/2.png,seg/2.png,n/a,S1", "img/3.png,seg/3.png,P3,"])
        #expect(silent.map(\.clinical.patient) == ["S1", "S1", "P3"])
        let agreeing = ["img/1.png,seg/1a.png,P1,S1", "img/2.png,seg/2.png,P1,S1", "img/3.png,seg/3.png,P2,S2"]
        #expect(try records(agreeing).map(\.clinical.patient) == ["P1", "P1", "P2"])
        let contradicting = ["img/1.png,seg/1a.png,P1,S1", "img/2.png,seg/2.png,P1,S2"]
        let text = message { _ = try records(contradicting) }
        #expect(text.contains("patient and subject_id") && text.contains("rows 2 and 3"), "\(text)")
    }

    private func problem(_ text: String, _ edit: (inout Manifest.Settings) -> Void = { _ in }) throws -> String {
        try withTemporaryFolder { folder in
            try write(folder, text)
            var settings = Manifest.Settings()
            edit(&settings)
            return message {
                let adapter = try Manifest(folder: folder, settings: settings)
                _ = try adapter.records()
                _ = try adapter.publishedSplits()
            }
        }
    }

    @Test("columns with a meaning are typed, all stay in the metadata; any separator, with or without byte order mark")
    func lists() throws {
        let quoted = table.replacingOccurrences(of: "seg/1a.png;seg/1b.png", with: "\"seg/1a.png;seg/1b.png\"")
            .replacingOccurrences(of: "angular;indistinct", with: "\"angular;indistinct\"")
        let variants = [table, "\u{FEFF}" + table, quoted.replacingOccurrences(of: ",", with: ";")]
        for text in variants {
            try withTemporaryFolder { folder in
                let data = folder.appendingPathComponent("clinic")
                try write(data, text)
                for url in [data, data.appendingPathComponent("manifest.csv"), try zipped(data)] {
                    let adapter = try Manifest(folder: url, name: "clinic")
                    let records = try adapter.records()
                    #expect(records.map(\.id) == ["one", "two", "three"])
                    #expect(records.map(\.group) == ["P1", "P1", "P2"])
                    #expect(records.map(\.pathology) == [.benign, .malignant, .normal])
                    #expect(records.map(\.maskFiles.count) == [2, 1, 0])
                    #expect(
                        records.map(\.pixelSpacing) == [
                            PixelSpacing(x: 0.08, y: 0.08), PixelSpacing(x: 0.07, y: 0.09), nil,
                        ]
                    )
                    #expect(records.map(\.clinical.category) == [.lowSuspicion, .highlySuggestiveOfMalignancy, nil])
                    #expect(records.map(\.clinical.margins) == [[.angular, .indistinct], [], []])
                    #expect(records.map(\.clinical.age) == [57, nil, nil])
                    #expect(records.map { $0.metadata["Operator"] } == ["AB", nil, "CD"])
                    #expect(records[0].metadata["pixel_spacing"] == "0.08" && records[0].clinical.patient == "P1")
                    let lesion = try adapter.sample(for: records[0], decoder: decoder).lesion
                    #expect(lesion.pixels.indices.filter { lesion.pixels[$0] == 1 } == [1, 2])
                    #expect(
                        try adapter.publishedSplits() == [
                            PublishedSplit(name: "split", parts: [["two"]], validation: [["three"]])
                        ]
                    )
                    #expect(checkDatasetAdapter(adapter) == [])
                }
            }
        }
    }

    @Test("a JSON file is the same list")
    func json() throws {
        let rows = """
            [{"id": "one", "image": "img/1.png", "masks": ["seg/1a.png", "seg/1b.png"], "pathology": "benign",
              "pixelSpacing": 0.08, "age": 57, "split": 1, "checked": true, "note": null},
             {"image": "img/2.png", "masks": "seg/2.png", "pathology": "malignant", "split": 2}]
            """
        for text in [rows, "{\"samples\": \(rows), \"version\": 1}"] {
            try withTemporaryFolder { folder in
                try write(folder, text, name: "manifest.json")
                let adapter = try Manifest(folder: folder)
                let records = try adapter.records()
                #expect(records.map(\.id) == ["one", "img/2"])
                #expect(records.map(\.maskFiles.count) == [2, 1])
                #expect(records[0].pixelSpacing == PixelSpacing(x: 0.08, y: 0.08) && records[0].clinical.age == 57)
                #expect(records[0].metadata["checked"] == "true" && records[0].metadata["note"] == nil)
                #expect(try adapter.publishedSplits() == [PublishedSplit(name: "split", parts: [["one"], ["img/2"]])])
                #expect(checkDatasetAdapter(adapter) == [])
            }
        }
        func problem(_ text: String) throws -> String {
            try withTemporaryFolder { folder in
                try write(folder, text, name: "manifest.json")
                return message { _ = try Manifest(folder: folder).records() }
            }
        }
        #expect(try problem("{\"a\": 1}").contains("is not a list of objects"))
        #expect(try problem("[1]").contains("row 1 is not an object"))
        #expect(try problem("[{\"image\": {\"x\": 1}}]").contains("row 1 has an object within an object"))
        #expect(try problem("[{\"image\": \"img/1.png\"").contains("the JSON cannot be understood"))
        #expect(try problem("[{\"image\": \"img/9.png\"}]").contains("img/9.png: the file is missing; row 1 of"))
        #expect(try problem("[]").contains("no column image"))
    }

    @Test(
        "what is wrong is named with its row and column",
        arguments: [
            ("img/1.png", "img/9.png", "img/9.png: the file is missing; row 2 of manifest.csv lists it as image"),
            ("seg/1b.png", "seg/9.png", "seg/9.png: the file is missing; row 2 of manifest.csv lists it as mask"),
            ("seg/2.png", "", "img/2.png: the image is malignant but has no mask"),
            (",benign,", ",cyst,", "row 2 has 'cyst' in the column Pathology"),
            (",0.08,", ",0,", "row 2 has '0' in the column pixel_spacing"),
            (",0.08,", ",1x2x3,", "row 2 has '1x2x3' in the column pixel_spacing"),
            (",4a,", ",4d,", "row 2 has '4d' in the column BI-RADS"),
            ("angular;", "round;", "row 2 has 'round;indistinct' in the column margins"),
            (",57,", ",young,", "row 2 has 'young' in the column Age"),
            ("two,", "one,", "row 3 has 'one' in the column ID, which should be unique"),
            (
                "img/2.png", "img/../img/1.png",
                "row 3 has 'img/../img/1.png' in the column image, which should be listed once"
            ),
            (",Operator", ",Masks", "the columns Mask and Masks both mean mask"),
            ("image,", "picture,", "no column image; add it; there are"),
            (",test,", ",fold 1,", "the split has the part 'fold 1' besides train and val"),
        ]
    )
    func errors(old: String, new: String, problem expected: String) throws {
        precondition(table.contains(old))
        let text = try problem(table.replacingOccurrences(of: old, with: new))
        #expect(text.contains(expected), "\(text)")
    }

    @Test(
        "the patient's column may have one of its usual names, and `patient` goes before them",
        arguments: ["patient_id", "Patient ID", "subject", "SubjectID", "patient,subject", "subject_id,patient"]
    )
    func patients(column: String) throws {
        try withTemporaryFolder { folder in
            let isDouble = column.contains(",")
            let cells = !isDouble ? "P1" : column.hasPrefix("patient") ? "P1,other" : "other,P1"
            try write(folder, "image,\(column)\nimg/1.png,\(cells)\nimg/2.png,\(cells)\n")
            var settings = Manifest.Settings()
            settings.masksOptional = true
            #expect(try Manifest(folder: folder, settings: settings).records().map(\.group) == ["P1", "P1"])
        }
    }

    @Test("images without masks and labels are errors, or normal if the settings say so")
    func settings() throws {
        let text = "image,mask\nimg/1.png,seg/1a.png\nimg/3.png,\n"
        #expect(try problem(text).contains("img/3.png: the image has no mask"))
        #expect(try problem(text) { $0.masksOptional = true } == "")
        #expect(try problem(text) { $0.file = "cases.csv" }.contains("cases.csv: the file does not exist"))
        try withTemporaryFolder { folder in
            try write(folder, text)
            var settings = Manifest.Settings()
            settings.masksOptional = true
            settings.pathology = "benign"
            settings.pixelSpacing = 0.1
            let adapter = try Manifest(folder: folder, settings: settings)
            let records = try adapter.records()
            #expect(records.map(\.pathology) == [.benign, .normal] && records.map(\.id) == ["img/1", "img/3"])
            #expect(records[1].pixelSpacing == PixelSpacing(x: 0.1, y: 0.1))
            #expect(try adapter.publishedSplits() == [])
            try writeText(text, folder.appendingPathComponent("manifest.json"))
            #expect(message { _ = try Manifest(folder: folder).records() }.contains("there are 2 manifests"))
            try remove(folder.appendingPathComponent("manifest.json"))
            try remove(folder.appendingPathComponent("manifest.csv"))
            #expect(message { _ = try Manifest(folder: folder).records() }.contains("no manifest.csv"))
        }
    }

    @Test("the mask of a normal image is not listed, and a doubt if it is not empty")
    func doubts() throws {
        try withTemporaryFolder { folder in
            try write(folder, "image,mask,pathology\nimg/3.png,seg/3.png,normal\n")
            let adapter = try Manifest(folder: folder)
            let record = try adapter.records()[0]
            #expect(record.maskFiles.isEmpty)
            #expect(
                try adapter.doubts(about: record, decoder: decoder) == [
                    "the image is labeled normal but its mask 3.png marks 1 px"
                ]
            )
        }
    }

    @Test("without a test part, the validation part is held out")
    func holdOut() throws {
        try withTemporaryFolder { folder in
            try write(
                folder,
                "id,image,mask,split\na,img/1.png,seg/1a.png,Training\nb,img/2.png,seg/2.png,valid\n"
            )
            #expect(try Manifest(folder: folder).publishedSplits() == [PublishedSplit(name: "split", parts: [["b"]])])
        }
    }
}

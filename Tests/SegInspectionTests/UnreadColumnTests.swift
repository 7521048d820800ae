import Foundation
import SegCore
import SegData
import SegImageIO
import SegInference
import SegInspection
import TestSupport
import Testing

@Suite("Columns that are not read, and cures that lead on")
struct UnreadColumnTests {
    /// The finding of a kind about four images with these values in a column.
    private func finding(_ kind: CheckFinding.Kind, _ column: String, _ values: [String]) throws -> CheckFinding {
        try withTemporaryFolder { folder in
            var data = try SmallDataset("clinic", in: folder)
            for (index, value) in values.enumerated() {
                try data.add("\(index)", nil, image: scan(UInt64(index)), mask: square((30 + index)..<(60 + index)))
                data.list[index].metadata = [column: value]
            }
            return try #require(try check(data).report.findings.first { $0.kind == kind })
        }
    }

    @Test(
        "patients in a column that is not read are a warning that names it; what else tables say of patients is not",
        arguments: [
            ("Patienten-ID", true), ("patient;pathology", true), ("PID", true), ("Patient age", false),
            ("device", false),
        ]
    )
    func patients(column: String, isTold: Bool) throws {
        let found = try finding(.unknownPatients, column, ["1", "1", "2", "3"])
        #expect(found.severity == (isTold ? .warning : .note))
        #expect(found.message.hasSuffix("though `\(column)` seems to name patients and is not read") == isTold)
    }

    @Test(
        "labels by other words, or in a column named as labels are, are a warning as well",
        arguments: [
            ("label", ["0", "1", "0", "1"], true), ("Befund", ["benign lesion", "Malign"], true),
            ("categories", ["benign mass", "benign mass"], true), ("device", ["A", "B"], false),
            ("skin", ["normal", "normal"], false),
            ("label", ["a", "a", "a", "a"], false),
        ]
    )
    func labels(column: String, values: [String], isTold: Bool) throws {
        let found = try finding(.unlabeled, column, values)
        #expect(found.severity == (isTold ? .warning : .note) && found.message.contains("though `\(column)`") == isTold)
    }

    @Test("what a study cannot decode is not offered to be allowed, but to be left out")
    func cures() throws {
        try withTemporaryFolder { folder in
            var data = try SmallDataset("clinic", in: folder)
            try data.addGood(0..<4)
            try Data().write(to: data.list[1].imageFile)
            try data.add("small", .benign, image: scan(9), mask: Mask(emptyWithWidth: 10, height: 10))
            let text = try check(data).report.table
            #expect(text.contains("it is empty\n    restore the file from its source"))
            #expect(text.contains("leave the image out with `exclude`"))
            #expect(!text.contains("--allow unreadable") && !text.contains("--allow mask-size"))
        }
    }
}

@Suite("What a folder holds beside the images that are predicted")
struct PassedOverTests {
    @Test("pictures of other formats and folders of pictures are told, in one line a folder")
    func folders() throws {
        try withTemporaryFolder { folder in
            for path in ["a.png", "b.webp", "notes.txt", ".c.gif", "more/d.png", "texts/e.txt"] {
                let file = folder.appending(path: path)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(),
                    withIntermediateDirectories: true
                )
                try Data().write(to: file)
            }
            let files = try ImagePredictor.files([folder])
            #expect(
                ImagePredictor.passedOver(in: [folder], besides: files) == [
                    "\(folder.path): not predicted: b.webp, of a format that is not read; the images in more, as subfolders "
                        + "are not entered"
                ]
            )
            #expect(ImagePredictor.passedOver(in: files, besides: files) == [])
            let text = message { try ImagePredictor.requireDistinctNames((files + files).map { PredictedImage($0) }) }
            #expect(text.contains("a.png: the image is named twice"))
        }
    }
}

@Suite("A plan of data that are not fit")
struct UnfitPlanTests {
    @Test("what a check calls an error stands in the plan")
    func errors() throws {
        try withTemporaryFolder { folder in
            var data = try SmallDataset("clinic", in: folder)
            for index in 0..<4 {
                try data.add("\(index)", nil, image: scan(UInt64(index)), mask: Mask(emptyWithWidth: 160, height: 120))
            }
            func fingerprint() throws -> DatasetFingerprint {
                try DatasetFingerprint(of: data, name: "clinic", records: data.list, decoder: StandardImageDecoder())
            }
            #expect(try fingerprint().errors == ["empty-lesion, 1: 4 of 4 unlabeled images come out without a lesion"])
            data.list = []
            for index in 0..<4 {
                try data.add("\(index)", .benign, image: scan(UInt64(index)), mask: square((30 + index)..<(60 + index)))
            }
            #expect(try fingerprint().errors == [])
        }
    }
}

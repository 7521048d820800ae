import Foundation
import SegConfiguration
import SegCore
import SegData
import SegDatasets
import SegImageIO
import SegSettings

/// Tables, annotations, studies and splits.
extension ReaderCheck {
    /// Two images of 4×3 px, of which the second is a mask.
    private static func writeImages(_ folder: URL) throws {
        for (name, bright) in [("a.png", 5), ("b.png", 6)] {
            var image = GrayImage(width: 4, height: 3)
            image[bright % 4, bright / 4] = 1
            try PNG.encode(PNGImage(image)).write(to: folder.appending(path: name))
        }
    }

    private static func listed(
        _ seeds: [String],
        _ name: String,
        in folder: URL,
        read: @escaping (URL) throws -> Void
    ) throws -> ReaderCheck {
        try writeImages(folder)
        let file = folder.appending(path: name)
        return ReaderCheck(seeds: seeds.map { Array($0.utf8) }) { bytes in
            try file.replace(by: bytes)
            try read(file)
        }
    }

    static func csv(_ folder: URL) throws -> ReaderCheck {
        let text =
            "image,mask,patient,pathology,pixelSpacing,age,split\n\"a.png\",b.png;a.png,P1,benign,0.08x0.1,57,test\n"
        let german = "sep=;\nimage;mask;age\n\"a.png\";b.png;\"5,5\"\n"
        return try listed([text, german], "manifest.csv", in: folder) { file in
            let manifest = try Manifest(folder: file)
            let records = try manifest.records()
            try Insane.unless(Set(records.map(\.id)).count == records.count, "an id appears twice")
            _ = try manifest.publishedSplits()
        }
    }

    static func json(_ folder: URL) throws -> ReaderCheck {
        let text =
            "{\"samples\": [{\"image\": \"a.png\", \"mask\": [\"b.png\"], \"patient\": 1e3, \"note\": \"\\u00e4\", \"age\": 57}]}"
        return try listed([text], "manifest.json", in: folder) { _ = try Manifest(folder: $0).records() }
    }

    static func coco(_ folder: URL) throws -> ReaderCheck {
        let text = """
            {"images": [{"id": 1, "file_name": "a.png", "width": 4, "height": 3}], "categories": [{"id": 1, "name": "x"}],
             "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[1, 1, 3, 1, 3, 2, 1, 2]], "area": 2},
             {"id": 2, "image_id": 1, "category_id": 1, "segmentation": {"size": [3, 4], "counts": [4, 2, 6]}, "bbox": [1, 1, 1, 2]},
             {"id": 3, "image_id": 1, "category_id": 1, "segmentation": {"size": [3, 4], "counts": "426"}}]}
            """
        let decoder = StandardImageDecoder()
        return try listed([text], "a.json", in: folder) { file in
            for isResized in [false, true] {
                var settings = COCO.Settings()
                (settings.masksOptional, settings.resizeMasks) = (isResized, isResized)
                let adapter = try COCO(folder: file, settings: settings)
                for record in try adapter.records() {
                    let sample = try adapter.sample(for: record, decoder: decoder)
                    try Insane.unless(sample.image.width <= 4, "another image")
                    _ = try adapter.doubts(about: record, decoder: decoder)
                }
            }
        }
    }

    static func nnunet(_ folder: URL) throws -> ReaderCheck {
        let text = """
            {"channel_names": {"0": "US"}, "labels": {"background": 0, "benign": 1, "whole": [1, 2], "ignore": 3}, "numTraining": 1,
             "file_ending": ".png", "dataset": {"c1": {"images": ["imagesTr/c1_0000.png"], "label": "labelsTr/c1.png"}}}
            """
        for (name, file) in [("imagesTr", "c1_0000.png"), ("labelsTr", "c1.png")] {
            let inner = folder.appending(path: name)
            try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
            try PNG.encode(PNGImage(GrayImage(width: 4, height: 3))).write(to: inner.appending(path: file))
        }
        return try listed([text], "dataset.json", in: folder) { _ in _ = try NNUNet(folder: folder).records() }
    }

    static func study() -> ReaderCheck {
        ReaderCheck(seeds: [Array(smallStudy.utf8)]) { bytes in
            let document = try ConfigurationDocument(text: String(decoding: bytes, as: UTF8.self), name: "a.yaml")
            do {
                _ = try StudyConfiguration(document, registry: .standard)
            } catch let error as SegmentationError {
                throw document.located(error)
            }
        }
    }

    static func split(_ folder: URL) throws -> ReaderCheck {
        let records = (0..<6).map { index in
            SampleRecord(id: "case \(index)", imageFile: URL(fileURLWithPath: "/\(index).png"), pathology: .benign)
        }
        let split = try Split.holdOut(records, validationFraction: 0.3, seed: 1)
        let file = folder.appending(path: "split.json")
        try SplitFile(dataset: "clinic", method: "by hand", records: records, parts: [("only", split)]).write(to: file)
        return ReaderCheck(seeds: [[UInt8](try Data(contentsOf: file))]) { bytes in
            try file.replace(by: bytes)
            let read = try SplitFile(contentsOf: file).split(part: nil, of: records, file: file.path)
            let ids = read.trainIDs + read.validationIDs + read.testIDs
            try Insane.unless(ids.sorted() == records.map(\.id).sorted(), "the split lost or doubled a record")
        }
    }
}

import Foundation
import SegConfiguration
import SegCore
import SegImageIO
import SegInference
import SegInspection
import SegSettings
import SegTensor
import SegTraining
import TestSupport
import Testing

@Suite("Plans of studies")
struct PlanTests {

    private static func plan(_ settings: ConfigurationMembers, threads: Int = 1) throws -> String {
        let dataset = try DatasetConfiguration(
            dataset: "phantom",
            folder: nil,
            settings: .table(settings),
            registry: .standard
        )
        return try WorkerPool.with(WorkerPool(threadCount: threads)) {
            try StudyPlan.yaml(dataset, in: RunContext(cache: nil))
        }
    }

    private static func study(_ yaml: String) throws -> StudyConfiguration {
        try StudyConfiguration(ConfigurationDocument(text: yaml, name: "plan"), registry: .standard)
    }

    @Test("A plan of phantoms is a study that can be read, the same for any number of threads")
    func phantoms() throws {
        let settings: ConfigurationMembers = [
            "count": .integer(90), "center": .text("northern"), "resolution": .number(0.4),
        ]
        let yaml = try Self.plan(settings)
        #expect(yaml == (try Self.plan(settings, threads: 3)))
        #expect(yaml.hasPrefix(StudyPlan.opening))
        let study = try Self.study(yaml)
        #expect(study.arms.map(\.name) == ["multi-task", "segmentation-only"])
        #expect(study.arms[0].training.batchSize == 8)
        #expect(study.arms[0].training.learningRate == 0.001)
        #expect(study.train.dataset.settings.members?["count"]?.resolved == .integer(90))
        // What is not as it would be anyway is named, and nothing else.
        #expect(yaml.contains("\n  settings: {count: 90, resolution: 0.4}\n"))
        #expect(yaml.contains("# A step takes about"))
        // A reason stands above every choice.
        let lines = yaml.split(separator: "\n")
        for key in ["imageSize:", "epochs:", "batchSize:", "depth:", "width:", "normalization:", "scaling:", "gain:"] {
            let index = try #require(lines.firstIndex { $0.trimmingCharacters(in: .whitespaces).hasPrefix(key) })
            #expect(lines[index - 1].trimmingCharacters(in: .whitespaces).hasPrefix("#"), "\(key)")
        }
    }

    @Test("Few images make small batches, long trainings and no classification")
    func few() throws {
        let training = try Self.study(Self.plan(["count": .integer(20), "resolution": .number(0.4)])).arms[0]
        #expect(training.training.batchSize == 2)
        #expect(training.training.epochs == 100)
        #expect(training.model.heads.map(\.name) == ["segmentation"])
    }

    @Test("Small lesions ask for larger images, and these for a deeper network")
    func small() throws {
        try withTemporaryFolder { folder in
            var dataset = try SmallDataset("Clinic", in: folder)
            for index in 0..<6 {
                let mask = square(300..<312, width: 640, height: 480)
                let image = GrayImage(width: 640, height: 480, pixels: (0..<640 * 480).map { Float($0 % 97) / 97 })
                try dataset.add("case\(index)", index % 2 == 0 ? .benign : .malignant, image: image, mask: mask)
            }
            let data = try DatasetFingerprint(
                of: dataset,
                name: "Clinic",
                records: dataset.records(),
                decoder: StandardImageDecoder()
            )
            #expect(data.longSide.median == 640)
            #expect(data.lesions == 6 && data.cutLesions == 0)
            // A square of 12 px has the area of a disk of 13.5 px across.
            #expect(abs((data.lesionDiameter?.median ?? 0) * 640 - 13.54) < 0.01)
            let plan = StudyPlan(data)
            #expect(plan.imageSize.value == 512)
            #expect(plan.depth.value == 7)
            #expect(plan.imageSize.reason.hasPrefix("small lesions"))
        }
    }

    @Test("A plan of BrEaST keeps the paper's recipe", .enabled(if: realData != nil, "SEGKIT_DATA is not set"))
    func breast() throws {
        let folder = try #require(realData).appending(path: "BrEaST")
        let dataset = try DatasetConfiguration(dataset: "breast", folder: folder.path, registry: .standard)
        let yaml = try StudyPlan.yaml(dataset, in: RunContext(cache: nil))
        let arm = try Self.study(yaml).arms[0]
        #expect(arm.training.imageSize == 128)
        #expect(arm.training.epochs == 60)
        #expect(arm.training.batchSize == 8)
        #expect(arm.model.backbone.settings.members?["depth"]?.resolved == .integer(5))
        #expect(yaml.contains("256 images of 256 patients"))
    }
}

import Foundation
import SegCache
import SegConfiguration
import SegCore
import SegData
import SegInference
import SegPhantoms
import SegResults
import SegSettings
import SegStudy
import TestSupport
import Testing

@Suite("Studies of more images than memory")
struct StreamedStudyTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for (name, center, count) in [("source", SyntheticCenter.northern, 24), ("external", .eastern, 7)] {
            try PhantomDataset(center: center.atResolution(0.4), count: count, seed: 1)
                .write(to: folder.appending(name)) { _, _ in }
        }
    }

    private func study(_ name: String, _ extra: String = "") throws -> StudyConfiguration {
        try SmallStudy.read(
            """
            study: small
            output: "\(folder.appending(name).path)"
            train: {dataset: phantom-folder, folder: "\(folder.appending("source").path)", validationFraction: 0.4}
            test:
              - {dataset: phantom-folder, folder: "\(folder.appending("external").path)", name: external}
            model:
              backbone: {name: unet, settings: {width: 2, depth: 2}}
              heads: {segmentation: {}, classification: {}}
              terms: {birads: {weight: 0.1}}
            training:
              {epochs: 2, imageSize: 32, batchSize: 4, augmentation: {histogramMatching: {probability: 0.5}}}
            inference: {tta: flips, rules: chosen, profile: true}
            metrics: {emptyMasks: undefinedWhenReferenceEmpty, bootstrapResamples: 200}
            \(extra)
            """
        )
    }

    /// Everything that a study found, and its model's bytes.
    private func run(_ study: StudyConfiguration, _ context: RunContext = RunContext()) throws -> [Data] {
        let outcome = try StudyRunner(study, in: context).run()
        var results = try StudyResults(contentsOf: outcome.folder.appending(path: "results.json"))
        results.timing = StudyTiming(startedAt: "", finishedAt: "", totalSeconds: 0)
        results.configuration = ""
        let models = try FileManager.default.contentsOfDirectory(atPath: outcome.folder.appending(path: "models").path)
            .filter { $0.hasSuffix(".safetensors") }.sorted()
        #expect(models.count == 1)
        return try [results.jsonData(), Data(contentsOf: outcome.folder.appending(path: "cases.csv"))]
            + models.map { try Data(contentsOf: outcome.folder.appending(path: "models/\($0)")) }
    }

    @Test("Models, cases and results are those of images in memory, to the byte, with a cache and without")
    func sameBytes() throws {
        let quiet = Messages()
        let kept = try run(study("kept"), RunContext(environment: [:], observer: quiet))
        #expect(!quiet.all.contains { $0.contains("do not fit") })
        let cache = TensorCache(folder: folder.appending("cache"), maximumBytes: 64 << 20)
        for (name, bound, cache) in [("cold", "1", cache), ("warm", "12K", cache), ("none", "1K", nil)] {
            let told = Messages()
            let context = RunContext(environment: [:], cache: cache, observer: told)
            #expect(try run(study(name, "preparedMemory: \(bound)"), context) == kept, "\(name)")
            let message = try #require(told.all.first { $0.contains("do not fit") })
            #expect(message.contains("of 31 prepared images") && message.contains("preparedMemory"))
            #expect(message.contains("no cache") == (cache == nil))
        }
        // Read in every epoch, and for the tests.
        #expect(cache.report.hits > 100 && cache.report.rebuilt.isEmpty)
    }

    @Test("Images that are made and not read from files are made again")
    func phantoms() throws {
        let output = folder.appending("made")
        let study = try SmallStudy.configuration(output: output.path, epochs: 1, extra: "preparedMemory: 1")
        _ = try StudyRunner(study).run()
        let cases = try Data(contentsOf: output.appending(path: "cases.csv"))
        #expect(try cases == FinishedStudy.oneEpoch.get().data("cases.csv"))
    }

    @Test("The bound is a size of the study, else of the environment, else a quarter of the machine's memory")
    func bounds() throws {
        func bytes(_ text: String) throws -> Int? { try study("bounds", "preparedMemory: \(text)").preparedMemory }
        #expect(try bytes("2G") == 2 << 30 && bytes("1.5 GB") == 3 << 29 && bytes("4096") == 4096)
        #expect(try study("bounds").preparedMemory == nil)
        for text in ["big", "0", "-1", "[1]", "true", "1.5"] {
            #expect(message { _ = try bytes(text) }.contains("preparedMemory"), "\(text)")
        }
        let context = RunContext(environment: ["SEGKIT_PREPARED_MEMORY": "3M"])
        #expect(try context.preparedMemory(4096).bytes == 4096 && context.preparedMemory().bytes == 3 << 20)
        #expect(try RunContext(environment: [:]).preparedMemory().bytes == Int(MachineMemory.bytes / 4))
        let wrong = RunContext(environment: ["SEGKIT_PREPARED_MEMORY": "much"])
        #expect(
            message { _ = try wrong.preparedMemory() }
                == "SEGKIT_PREPARED_MEMORY: `much` is not a size; write a size such as 500M or 2G"
        )
    }

    @Test("It is written out, and the study is the same to its output folder")
    func identity() throws {
        let (plain, bounded) = (try study("same"), try study("same", "preparedMemory: 2G"))
        #expect(try bounded.yaml.contains("preparedMemory: 2147483648") && !plain.yaml.contains("preparedMemory"))
        #expect(try SmallStudy.read(bounded.yaml).preparedMemory == 2 << 30)
        #expect(bounded.identity.firstDifference(from: plain.identity) == nil)
    }
}

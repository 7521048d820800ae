import ArgumentParser
import Foundation
import SegConfiguration
import SegCore
import SegInspection
import SegSettings
import SegStudy
import SegTraining

/// `segkit model`
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Show a network: layers, parameters, multiply-adds and memory, of a model file or a study's arms.",
        discussion: """
            Nothing is trained, computed or read but the file itself: a network of any size is measured at once. \
            Multiply-adds are those of convolutions and matrix products, for one image in inference. Memory of training is \
            that at the arm's batch and image size.

            EXAMPLES
              \(program) model my-study.yaml
              \(program) model my-study.yaml --arm multi-task
              \(program) model runs/quick/models/multi-task-1.safetensors --json
            """
    )

    @Argument(help: "A model file, *.safetensors, or a study's file, YAML; the embedded study if left out.")
    var file: String?

    @Option(help: "The arm's name; every arm of the study if left out.")
    var arm: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if let file, arm != nil, file.hasSuffix(Self.suffix) {
            throw ValidationError("--arm goes with a study; \(file) is a model file, which holds one model")
        }
    }

    func run() throws {
        let report = try report()
        print(json ? String(decoding: try report.jsonData(), as: UTF8.self) : report.text, terminator: "")
    }

    private static let suffix = ".safetensors"

    private func report() throws -> NetworkReport {
        if let file, file.hasSuffix(Self.suffix) {
            let description = try TrainedModel.requireDescription(of: URL(fileURLWithPath: file))
            return NetworkReport(
                try description.network(registry: Segkit.registry, file: file),
                file: file,
                description
            )
        }
        let document = try studyDocument(file)
        do {
            let study = try StudyConfiguration(document, registry: Segkit.registry)
            let runner = StudyRunner(study, in: Segkit.context(cache: nil, InterruptHandler()))
            return NetworkReport(try runner.networks(arm: arm))
        } catch let error as SegmentationError {
            throw document.located(error)
        }
    }
}

import ArgumentParser
import Foundation
import SegConfiguration
import SegCore
import SegFiles
import SegInspection
import SegProgress
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
            that at the arm's batch and image size. Of a model file its card is shown too: data, how epoch and thresholds were \
            chosen, figures of the validation part, use, limits and license, how masks are made, and percentiles of what it was \
            trained on.

            EXAMPLES
              \(program) model my-study.yaml
              \(program) model my-study.yaml --arm multi-task
              \(program) model runs/quick/models/multi-task-1.safetensors --json
              \(program) model runs/quick/models/multi-task-1.safetensors --card card.md
            """
    )

    @Argument(help: "A model file, *.safetensors, or a study's file, YAML; the embedded study if left out.")
    var file: String?

    @Option(help: "The arm's name; every arm of the study if left out.")
    var arm: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    @Option(help: "Write the model file's card as Markdown too. A file that is not a card is never overwritten.")
    var card: String?

    func validate() throws {
        if card != nil, file?.hasSuffix(Self.suffix) != true {
            throw ValidationError(
                "--card goes with a model file, *.safetensors: a study's models are yet to be trained"
            )
        }
        if let file, arm != nil, file.hasSuffix(Self.suffix) {
            throw ValidationError("--arm goes with a study; \(file) is a model file, which holds one model")
        }
    }

    func run() throws {
        let page = card.map { URL(fileURLWithPath: $0) }
        if let page {
            try OutputPlace.require(page, for: "a model's card") { file in
                (try? FileReading.contents(of: file)).map { ModelCardPage.isCard(String(decoding: $0, as: UTF8.self)) }
                    ?? false
            }
        }
        let report = try report(card: page)
        print(json ? String(decoding: try report.jsonData(), as: UTF8.self) : report.text, terminator: "")
    }

    private static let suffix = ".safetensors"

    /// - Parameter card: where the card of a model file is written.
    private func report(card: URL?) throws -> NetworkReport {
        if let file, file.hasSuffix(Self.suffix) {
            let url = URL(fileURLWithPath: file)
            let description = try TrainedModel.requireDescription(of: url)
            let network = try description.network(registry: Segkit.registry, file: file)
            if let card {
                let page = ModelCardPage(description, name: url.lastPathComponent, parameters: network.parameters)
                try AtomicFile.write(Data(page.markdown.utf8), to: card)
            }
            return NetworkReport(network, file: file, description)
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

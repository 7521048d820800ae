public import ArgumentParser
import Foundation
import SegConfiguration
import SegCore
import SegData
public import SegInference

/// `segkit export`
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Take a trained model elsewhere: to ONNX, or to PyTorch.",
        discussion: """
            --onnx writes the whole way from an image to its prediction as one graph, for images of any size: letterbox, \
            standardization, network, thresholds. Networks of plugins are exported as well, as long as they are made of the \
            library's operators.

            --state-dict writes network.safetensors, a state dictionary with PyTorch's names, and network.py, a module that \
            loads it and predicts the same.

            EXAMPLES
              \(program) export runs/quick/models/multi-task-1.safetensors --onnx model.onnx
              \(program) export model.safetensors --onnx model.onnx --tta flips --pixels uint16
              \(program) export model.safetensors --state-dict network
            """
    )

    @Argument(help: "The model file.")
    var model: String

    @Option(help: "The ONNX file to be written.")
    var onnx: String?

    @Option(help: "The folder for the state dictionary and its PyTorch module; made if it does not exist.")
    var stateDict: String?

    @Option(help: "What the ONNX graph is given: 0...255, 0...65,535, or floats 0...1 that are not rounded.")
    var pixels = ModelExport.Pixels.uint8

    @Option(help: "Test-time augmentation in the ONNX graph: none, or flips.")
    var tta = TestTimeAugmentation.none

    @OptionGroup var thread: ThreadOption

    func validate() throws {
        guard onnx != nil || stateDict != nil else {
            throw ValidationError("Name what to write: --onnx FILE, --state-dict FOLDER, or both.")
        }
        if let onnx, !onnx.hasSuffix(".onnx") { throw ValidationError("--onnx \(onnx) must end in .onnx.") }
        if tta == .flipsAndScales { throw ValidationError("--tta of an export is none or flips.") }
    }

    func run() throws {
        try thread.run {
            let trained = try TrainedModel(contentsOf: URL(fileURLWithPath: model), registry: Segkit.registry)
            try trained.requireMemory(images: 1)
            if let rules = trained.description.rules?.rules, !rules.words.isEmpty {
                printToStandardError(
                    "warning: \(model): rules for masks are not exported (\(rules.text)); masks of the export are those of predict "
                        + "with --rules none"
                )
            }
            let export = try ModelExport(trained)
            if let onnx {
                try export.writeONNX(to: URL(fileURLWithPath: onnx), pixels: pixels, augmentation: tta)
                print("\(onnx): the pipeline, ONNX operator set 17")
            }
            if let stateDict {
                try export.writeTorch(to: URL(fileURLWithPath: stateDict))
                print("\(stateDict): \(ModelExport.torchFiles.joined(separator: " and "))")
            }
        }
    }
}

extension ModelExport.Pixels: ExpressibleByArgument {}

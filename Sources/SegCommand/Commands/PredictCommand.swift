public import ArgumentParser
import Foundation
import SegConfiguration
import SegCore
import SegInference
import SegStudy

/// `segkit predict`
struct PredictCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Find the lesion in images: a mask, an overlay, and a JSON file with malignancy and feature values.",
        discussion: """
            For image.png the output folder gets image-mask.png (in the image's own size), image-overlay.png and \
            image.json. With --format tiff the mask is image-mask.tif, and image-probability.tif has the probability of \
            lesion of each pixel as a 32-bit float; both keep the pixel spacing of an image that has one. With --maps npy \
            probabilities, and what heads say about each pixel, are NumPy arrays of 32-bit floats: \
            image-probability.npy. For research only: this is not a medical device. A file that is not a prediction of \
            the same image is never overwritten.

            EXAMPLES
              \(program) predict image.png --model model.safetensors --output predictions
              \(program) predict stack.tif#page=3 --format tiff --model model.safetensors --output predictions
              \(program) predict scans/*.png --model runs/quick/models/multi-task-1.safetensors --output predictions
            """
    )

    @Argument(help: "Images, PNG or TIFF. `stack.tif#page=3` is the third page of a TIFF.")
    var images: [String]

    @Option(name: .shortAndLong, help: "The model file.")
    var model: String

    @Option(name: .shortAndLong, help: "The folder for the predictions; made if it does not exist.")
    var output: String

    @Option(help: "The format of masks.")
    var format = ImagePrediction.Format.png

    @Option(help: "The format of maps of heads and, unless png, of probabilities; as that of masks unless set.")
    var maps: ImagePrediction.MapFormat?

    @OptionGroup var thread: ThreadOption

    func run() throws {
        let folder = URL(fileURLWithPath: output)
        let files = images.map { URL(fileURLWithPath: $0) }
        try ImagePredictor.requireDistinctNames(files)
        let trained = try TrainedModel(contentsOf: URL(fileURLWithPath: model), registry: Segkit.registry)
        try trained.requireMemory(images: 1)
        let predictor = ImagePredictor(trained)
        try predictor.requireRoom(for: files, in: folder, format: format, maps: maps)
        try thread.run {
            // All images are read before anything is written: a damaged one leaves no half of the job behind.
            let predictions = try files.map { try predictor.predict($0) }
            for prediction in predictions {
                try prediction.write(to: folder, format: format, maps: maps)
                print(prediction.line)
            }
        }
    }
}

extension ImagePrediction.Format: ExpressibleByArgument {}

extension ImagePrediction.MapFormat: ExpressibleByArgument {}

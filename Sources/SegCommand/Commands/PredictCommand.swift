public import ArgumentParser
import Foundation
import SegConfiguration
import SegCore
import SegImageIO
import SegInference
import SegProgress
import SegStudy
import SegTraining

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

            Images are predicted one after the other. One that cannot be read is named, the others are predicted all the \
            same, and the exit code is 1.

            EXAMPLES
              \(program) predict image.png --model model.safetensors --output predictions
              \(program) predict stack.tif#page=3 --format tiff --model model.safetensors \\
                --output predictions
              \(program) predict --list scans.txt --model model.safetensors \\
                --output predictions
              \(program) predict scans/*.png \\
                --model runs/quick/models/multi-task-1.safetensors --output predictions
              \(program) predict image.png --model a.safetensors --model b.safetensors \\
                --tta flips --output predictions
              \(program) predict scans --case-pages --gradients --model model.safetensors \\
                --output predictions
            """
    )

    @Argument(
        help:
            "Images, PNG, TIFF, JPEG, BMP or DICOM, and folders of them. `stack.tif#page=3` is the third page of a TIFF, or frame of a DICOM."
    )
    var images: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            A text file that names images or folders, one a line, from its own folder; lines that begin with # are skipped. May \
            be repeated.
            """,
            valueName: "file"
        )
    )
    var list: [String] = []

    @Option(name: .shortAndLong, help: "The model file. Repeated, the models are used as one: their mean logits.")
    var model: [String]

    @Option(name: .shortAndLong, help: "The folder for the predictions; made if it does not exist.")
    var output: String

    @Option(help: "The format of masks.")
    var format = ImagePrediction.Format.png

    @Option(help: "The format of maps of heads and, unless png, of probabilities; as that of masks unless set.")
    var maps: ImagePrediction.MapFormat?

    @Flag(help: "Show the picture of every DICOM in its overlay, also where a patient's name may be burned into it.")
    var showDicom = false

    @Flag(
        help: "Write a page of each image too, image.html: contour, maps, numbers, and their place in the training set."
    )
    var casePages = false

    @Flag(
        help: """
            Write which pixels would change the predicted malignancy, and each feature: maps, and image-gradient-overlay.png.
            """
    )
    var gradients = false

    @OptionGroup var inference: InferenceOptions
    @OptionGroup var thread: ThreadOption

    func validate() throws {
        if images.isEmpty, list.isEmpty {
            throw ValidationError(
                "Missing expected argument '<images> ...': name images or folders, or a --list of them."
            )
        }
    }

    func run() throws {
        let folder = URL(fileURLWithPath: output)
        let trained = try inference.models(model)
        let listed = try list.flatMap { try ImagePredictor.places(listedIn: URL(fileURLWithPath: $0)) }
        let places = images.map { URL(fileURLWithPath: $0) } + listed
        let files = try ImagePredictor.files(places)
        for line in ImagePredictor.passedOver(in: places, besides: files) {
            printToStandardError("warning: \(line.onOneLine)")
        }
        try ImagePredictor.requireDistinctNames(files)
        try trained.requireMemory(images: 1)
        let predictor = ImagePredictor(trained)
        try predictor.requireRoom(for: files, in: folder, format: format, maps: maps, hasPages: casePages)
        let interrupts = InterruptHandler()
        try thread.run {
            // One after the other: a folder of any size takes the memory of one image.
            var unread: [SegmentationError] = []
            var isWarned = showDicom
            for file in files {
                if interrupts.isInterrupted { throw TrainingCancelled() }
                do {
                    var prediction = try predictor.predict(file, gradients: gradients)
                    if prediction.mayNamePatient, !isWarned {
                        printToStandardError(Self.warning(of: file))
                        isWarned = true
                    }
                    if showDicom { prediction.mayNamePatient = false }
                    try prediction.write(to: folder, format: format, maps: maps, hasPage: casePages)
                    print(prediction.line.onOneLine)
                } catch let error as SegmentationError where files.count > 1 && error.isAbout(file) {
                    printToStandardError("error: \(error)")
                    unread.append(error)
                }
            }
            guard unread.isEmpty else {
                throw SegmentationError(
                    output,
                    "\(unread.count) of \(files.count) images could not be predicted, the first \(unread[0].subject)",
                    cure: "restore or leave out what is named above; the predictions of the others are there"
                )
            }
        }
    }

    /// Said once, however many files it is true of.
    private static func warning(of file: URL) -> String {
        "warning: \(file.path): a patient's name may be burned into the picture, as its BurnedInAnnotation (0028,0301) is not NO; "
            + "overlays of such files show contours on black; give --show-dicom once you have looked at them"
    }
}

extension SegmentationError {
    /// Whether an image's own file is what is wrong.
    fileprivate func isAbout(_ file: URL) -> Bool {
        subject == file.path || subject == StandardImageDecoder.file(of: file.path).path
    }
}

extension ImagePrediction.Format: ExpressibleByArgument {}

extension ImagePrediction.MapFormat: ExpressibleByArgument {}

public import ArgumentParser
import Foundation
import SegConfiguration
import SegCore
import SegImageIO
import SegInference
import SegProgress
import SegTensor
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

            With --dataset all images of a data set are predicted, as `\(program) evaluate` reads them; the names of files \
            are the ids. Several images are predicted at a time, which does not change what is written. One that \
            cannot be read is named, the others are predicted all the same, and the exit code is 1.

            EXAMPLES
              \(program) predict image.png --model model.safetensors --output predictions
              \(program) predict stack.tif#page=3 --format tiff --model model.safetensors \\
                --output predictions
              \(program) predict --list scans.txt --model model.safetensors \\
                --output predictions
              \(program) predict --dataset busi --folder ~/data/BUSI \\
                --model model.safetensors --output predictions
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

    @OptionGroup var dataset: PredictedDatasetOptions
    @OptionGroup var inference: InferenceOptions
    @OptionGroup var thread: ThreadOption

    func validate() throws {
        if dataset.name != nil {
            guard images.isEmpty, list.isEmpty else {
                throw ValidationError("--dataset names all images; leave out <images> and --list.")
            }
        } else if images.isEmpty, list.isEmpty {
            throw ValidationError(
                "Missing expected argument '<images> ...': name images or folders, a --list of them, or a --dataset."
            )
        }
    }

    func run() throws {
        let folder = URL(fileURLWithPath: output)
        let trained = try inference.models(model)
        let images = try dataset.images(Segkit.registry) ?? filesNamed()
        try ImagePredictor.requireDistinctNames(images)
        try trained.requireMemory(images: 1)
        try ImagePredictor(trained).requireRoom(
            for: images,
            in: folder,
            format: format,
            maps: maps,
            hasPages: casePages
        )
        try thread.run { try predict(images, trained, into: folder) }
    }

    private func filesNamed() throws -> [PredictedImage] {
        let listed = try list.flatMap { try ImagePredictor.places(listedIn: URL(fileURLWithPath: $0)) }
        let places = images.map { URL(fileURLWithPath: $0) } + listed
        let files = try ImagePredictor.files(places)
        for line in ImagePredictor.passedOver(in: places, besides: files) {
            printToStandardError("warning: \(line.onOneLine)")
        }
        return files.map { PredictedImage($0) }
    }

    /// Predicts images several at a time, a thread each: images of any number take the memory of these.
    private func predict(_ images: [PredictedImage], _ trained: TrainedEnsemble, into folder: URL) throws {
        let interrupts = InterruptHandler()
        let jobs = Self.jobs(images.count, trained)
        // Models of its own for each thread.
        nonisolated(unsafe) let predictors =
            try [ImagePredictor(trained)]
            + (1..<max(jobs, 1)).map { _ in ImagePredictor(try inference.ensemble(model)) }
        var unread: [SegmentationError] = []
        var isWarned = showDicom
        let progress = PredictionProgress(count: images.count)
        defer { progress.end() }
        try OrderedWork.run(images.count, jobs: jobs) { index, job -> Outcome in
            if interrupts.isInterrupted { throw TrainingCancelled() }
            return try predict(images[index], by: predictors[job], into: folder)
        } taking: { index, result in
            switch try result.get() {
            case .unreadable(let error):
                guard images.count > 1 else { throw error }
                progress.say { printToStandardError("error: \(error)") }
                unread.append(error)
            case .predicted(let line, let mayNamePatient):
                progress.say {
                    if mayNamePatient, !isWarned {
                        printToStandardError(Self.warning(of: images[index].file))
                        isWarned = true
                    }
                    print(line)
                }
            }
            progress.done(index + 1)
        }
        guard unread.isEmpty else {
            throw SegmentationError(
                output,
                "\(unread.count) of \(images.count) images could not be predicted, the first \(unread[0].subject)",
                cure: "restore or leave out what is named above; the predictions of the others are there"
            )
        }
    }

    /// What came of an image.
    private enum Outcome: Sendable {
        case predicted(line: String, mayNamePatient: Bool)
        case unreadable(SegmentationError)
    }

    private func predict(_ image: PredictedImage, by predictor: ImagePredictor, into folder: URL) throws -> Outcome {
        let read: ReadImage
        do {
            read = try predictor.read(image)
        } catch let error as SegmentationError {
            return .unreadable(error)
        }
        var prediction = try predictor.predict(read, gradients: gradients)
        if showDicom { prediction.mayNamePatient = false }
        try prediction.write(to: folder, format: format, maps: maps, hasPage: casePages)
        return .predicted(line: prediction.line.onOneLine, mayNamePatient: read.mayNamePatient)
    }

    /// Images at a time: one for each thread, as far as there are images and memory. A network is worked on by several threads where
    /// there are more than that.
    private static func jobs(_ count: Int, _ trained: TrainedEnsemble) -> Int {
        var jobs = min(count, WorkerPool.current.threadCount, 8)
        while jobs > 1, (try? trained.requireMemory(images: jobs)) == nil { jobs -= 1 }
        return jobs
    }

    /// Said once, however many files it is true of.
    private static func warning(of file: URL) -> String {
        "warning: \(file.path): a patient's name may be burned into the picture, as its BurnedInAnnotation (0028,0301) is not NO; "
            + "overlays of such files show contours on black; give --show-dicom once you have looked at them"
    }
}

extension ImagePrediction.Format: ExpressibleByArgument {}

extension ImagePrediction.MapFormat: ExpressibleByArgument {}

public import Foundation
import SegCache
public import SegConfiguration
public import SegCore
import SegData
import SegFiles
import SegImageIO
import SegPages
import SegResults
import SegSettings
import SegTraining

/// Applies a trained model, or several as one, to single images.
public struct ImagePredictor {
    let trained: TrainedEnsemble

    public init(_ trained: TrainedEnsemble) { self.trained = trained }

    public init(_ trained: TrainedModel) throws { self.init(try TrainedEnsemble(trained)) }

    /// Predicts one image.
    ///
    /// - Parameter gradients: whether to find, of malignancy and of each feature, which pixels would change it: maps called
    ///   `gradient-…`.
    ///
    /// - Throws: ``SegmentationError`` naming the file if it is missing or damaged, or if the model predicts no mask.
    public func predict(_ file: URL, gradients: Bool = false) throws -> ImagePrediction {
        try predict(read(PredictedImage(file)), gradients: gradients)
    }

    /// Predicts an image that was read.
    ///
    /// - Throws: ``SegmentationError`` if the model predicts no mask, or, tile by tile, if the image cannot be read again.
    public func predict(_ read: ReadImage, gradients: Bool = false) throws -> ImagePrediction {
        let (sample, colors) = (read.sample, read.colors)
        let image = sample.image
        let prepared = PreparedSample(sample, size: trained.description.imageSize, colors: colors)
        let threshold = trained.description.segmentationThreshold
        guard
            var prediction = try trained.ensemble.predict(
                [prepared],
                threshold: threshold,
                canvas: { _, side in PreparedSample(sample, size: side, colors: colors) }
            ).first
        else {
            preconditionFailure("one sample gives one prediction")
        }
        if gradients { prediction.maps += InputGradients(trained.ensemble.models, of: prepared).predicted }
        guard !prediction.probability.isEmpty else {
            throw SegmentationError(
                trained.description.arm,
                "the model predicts no lesion mask",
                cure: "use a model with the head `segmentation`"
            )
        }
        var values: [String: Double] = [:]
        for (name, value) in prediction.reports { values[name] = Double(value) }
        // Once: a map of the image's size for every use of it.
        let probability = prediction.nativeProbability
        let mask = Mask(
            width: image.width,
            height: image.height,
            pixels: probability.map { $0 >= threshold ? 1 : 0 }
        )
        return ImagePrediction(
            source: read.image,
            image: image,
            mayNamePatient: read.mayNamePatient,
            pixelSpacing: sample.record.pixelSpacing,
            probability: GrayImage(width: image.width, height: image.height, pixels: probability),
            mask: mask,
            malignancy: prediction.malignancy.map(Double.init),
            prior: prediction.prior.map(Double.init),
            features: values,
            values: prediction.values,
            labels: prediction.labelMasks(threshold: threshold)
                .filter { $0.name != LabelSet.lesionName },
            labelProbabilities: prediction.nativeLabelProbabilities.filter { $0.name != LabelSet.lesionName },
            maps: prediction.maps.map { ($0.name, $0.title, prediction.native($0)) },
            description: trained.description,
            inference: trained.isPlain ? nil : ImagePrediction.Inference(trained, prediction),
            reading: TrainingReading(
                trained.models.map(\.description),
                prediction,
                prepared,
                hasLesion: !mask.isEmpty
            )
        )
    }

    /// Checks, before any image is read, that the predictions can be written, and that none of them takes the place of a
    /// file that is not a prediction of the same image, as it was written.
    ///
    /// - Parameters:
    ///   - maps: the format of maps; that of masks if `nil`.
    ///   - hasPages: whether each image gets a page.
    ///
    /// - Throws: ``SegmentationError`` naming the folder or the file.
    public func requireRoom(
        for images: [PredictedImage],
        in folder: URL,
        format: ImagePrediction.Format,
        maps: ImagePrediction.MapFormat? = nil,
        hasPages: Bool = false
    ) throws {
        let maps = maps ?? .init(format)
        let labels = trained.models[0].model.labelHead?.labels.further ?? []
        try OutputPlace.requireFolder(folder)
        func names(_ name: String) -> [String] {
            ImagePrediction.fileNames(name, format: format, maps: maps, labels: labels)
                + (hasPages ? [ImagePrediction.pageName(name)] : [])
        }
        // Only where one ending is a part of another, as by a label that is called `mask`, can two images share a file.
        let endings = names("")
        let canCollide = endings.contains { ending in endings.contains { $0 != ending && $0.hasSuffix(ending) } }
        var taken: Set<String> = []
        for image in images {
            let names = names(image.name)
            if canCollide, let name = names.first(where: { !taken.insert($0).inserted }) {
                throw SegmentationError(
                    image.title,
                    "its prediction \(name) would be called like one of another image",
                    cure: "predict them into different folders"
                )
            }
            try WrittenPrediction(of: image, in: folder).requireOwn(names)
        }
    }

    /// Images as they are named, and those of the folders that are named, by name, but for hidden files and what a prediction
    /// wrote there.
    ///
    /// - Throws: ``SegmentationError`` naming what does not exist, and a folder without a picture that is read.
    public static func files(_ places: [URL]) throws -> [URL] {
        try places.flatMap { place -> [URL] in
            var isFolder: ObjCBool = false
            let file = StandardImageDecoder.file(of: place.path)
            guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder) else {
                throw SegmentationError(place.path, "the file does not exist", cure: "check the path")
            }
            guard isFolder.boolValue else { return [place] }
            let names: [String]
            do {
                names = try FileManager.default.contentsOfDirectory(atPath: place.path)
            } catch {
                throw SegmentationError(place.path, "the folder cannot be read", cure: "check its permissions")
            }
            let all = Set(names)
            let images = names.filter { name in
                !name.hasPrefix(".") && !isPrediction(name, among: all)
                    && (PictureNames.isRead(name) || DICOM.isDICOM(place.appending(path: name)))
            }
            guard !images.isEmpty else {
                throw SegmentationError(
                    place.path,
                    "the folder has no PNG, TIFF, JPEG, BMP or DICOM",
                    cure: "name a folder of images"
                )
            }
            return images.sorted().map { place.appending(path: $0) }
        }
    }

    /// Whether a name is that of a mask, map or overlay which was predicted for another file beside it.
    private static func isPrediction(_ name: String, among all: Set<String>) -> Bool {
        let stem = (name as NSString).deletingPathExtension
        return stem.indices.contains { index in
            stem[index] == "-" && all.contains("\(stem[..<index]).json")
                && ["-mask", "-overlay", "-gradient", "-probability", "-label-", "-map-"].contains(
                    where: stem[index...].hasPrefix
                )
        }
    }

    /// Throws if two images would be written to the same files.
    public static func requireDistinctNames(_ images: [PredictedImage]) throws {
        var seen: [String: Int] = [:]
        for (index, image) in images.enumerated() {
            if let other = seen.updateValue(index, forKey: image.name).map({ images[$0] }) {
                guard other.title != image.title else {
                    throw SegmentationError(image.title, "the image is named twice", cure: "name it once")
                }
                throw SegmentationError(
                    image.title,
                    "its predictions would overwrite those of \(other.title), which has the same name",
                    cure: "predict them into different folders"
                )
            }
        }
    }
}

/// What a model says about one image.
public struct ImagePrediction {
    /// Which image it is of.
    public let source: PredictedImage
    /// The image.
    public var image: GrayImage
    /// Whether a patient's name may be burned into the image: that of a DICOM which does not say that none is. Then no picture of it
    /// is written.
    public var mayNamePatient = false
    /// The size of a pixel, mm, if the image's file says it.
    public var pixelSpacing: PixelSpacing?
    /// The probability of lesion in the image's size.
    public var probability: GrayImage
    /// The predicted lesion, in the image's size.
    public var mask: Mask
    /// The probability of malignancy; `nil` if the model does not classify.
    public var malignancy: Double?
    /// The malignancy prior φ of the mask; `nil` if the model has none.
    public var prior: Double?
    /// Features of the mask, by name.
    public var features: [String: Double]
    /// What the model's heads predict in addition to mask and malignancy.
    public var values: [PredictedValue]
    /// The predicted masks of further labels, in the image's size; empty if the model predicts none.
    public var labels: [LabelMask]
    /// The probability of each further label, in the image's size; empty if the model predicts none.
    public var labelProbabilities: [(name: String, map: GrayImage)]
    /// What the model's heads predict for each pixel in addition, in the image's size, by their names in files and for readers.
    public var maps: [(name: String, title: String, map: ValueMap)]
    /// The model.
    public var description: TrainedModel.Description
    /// How it was used; `nil` where one model looked at the image once and its mask stays as it is.
    public var inference: Inference?
    /// Where it lies among what the model was trained on; `nil` where no model file says it.
    public var reading: TrainingReading?

    /// The format of the predicted mask.
    public enum Format: String, Hashable, Sendable, CaseIterable {
        case png
        /// With the probability of lesion beside it, in floats, and with the image's pixel spacing.
        case tiff
    }

    /// The image as it may be shown: black where it may name a patient.
    public var shownImage: GrayImage {
        guard mayNamePatient else { return image }
        return GrayImage(width: image.width, height: image.height, pixels: image.pixels.map { _ in 0 })
    }

    /// The image's file.
    public var file: URL { source.file }

    var name: String { source.name }

    /// The names of the files that are written for an image, but for those of maps of heads.
    static func fileNames(_ name: String, format: Format, maps: MapFormat, labels: [String] = []) -> [String] {
        let ending = format == .png ? "png" : "tif"
        let masks = ["\(name)-mask.\(ending)"] + labels.map { "\(name)-label-\($0).\(ending)" }
        let probabilities = ["\(name)-probability"] + labels.map { "\(name)-probability-\($0)" }
        return masks + (maps.hasProbabilities ? probabilities.map { "\($0).\(maps.ending)" } : [])
            + ["\(name)-overlay.png", "\(name).json"]
    }

    /// The name of an image's page.
    static func pageName(_ name: String) -> String { "\(name).html" }

    /// Whether the probability of malignancy reaches the model's threshold.
    public var isMalignant: Bool? {
        guard let malignancy, let threshold = description.malignancyThreshold else { return nil }
        return malignancy >= threshold
    }

    /// The prediction in a line for a terminal.
    public var line: String {
        var text = "\(source.title): lesion \(mask.area) px"
        if mask.isEmpty { text = "\(source.title): no lesion found" }
        if let malignancy { text += ", p(malignant) \(NumberFormat.fixed(malignancy))" }
        if let isMalignant { text += isMalignant ? " (at or above the threshold)" : " (below the threshold)" }
        if reading?.isUnlike == true { text += ", unlike the training set" }
        for label in labels { text += ", \(label.name) \(label.mask.area) px" }
        for value in values { text += ", \(value.title) \(value.label ?? NumberFormat.fixed(value.number))" }
        return text
    }

    /// Writes `<name>-mask.png`, `<name>-overlay.png` and `<name>.json`; makes the folder. Of further labels the masks are
    /// `<name>-label-<label>`. Maps of heads are `<name>-map-<map>`, and probabilities, which are not written as PNG,
    /// `<name>-probability` of the lesion and `<name>-probability-<label>` of further labels.
    ///
    /// - Parameters:
    ///   - mapFormat: that of masks if `nil`.
    ///   - hasPage: whether to write `<name>.html` too: image, contour, maps and numbers.
    public func write(
        to folder: URL,
        format: Format = .png,
        maps mapFormat: MapFormat? = nil,
        hasPage: Bool = false
    ) throws {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw SegmentationError(folder.path, "the folder cannot be made", cure: "choose a folder that is writable")
        }
        var outputs = try contents(format, maps: mapFormat ?? .init(format))
        if hasPage { outputs.append((Self.pageName(name), Data(try CasePage(prediction: self).html().utf8))) }
        let before = WrittenPrediction(of: source, in: folder)
        // Which maps there are is known only now.
        let identity = try source.identity(decoded: image)
        try before.requireOwn(outputs.map(\.name) + ["\(name).json"], identity: identity)
        let hashes = outputs.map { ($0.name, [ContentHash(of: $0.data)]) }
        // First, as it says whose the other files are, with those of before: a run that breaks off leaves nothing that bars the
        // way of the next.
        let place = folder.appending(path: "\(name).json")
        let replaced = hashes.map { name, own in (name, own + before.current([name]).filter { !own.contains($0) }) }
        try AtomicFile.write(json(WrittenPrediction(image: identity, files: replaced)), to: place)
        for output in outputs { try AtomicFile.write(output.data, to: folder.appending(path: output.name)) }
        if replaced.contains(where: { $0.1.count > 1 }) {
            try AtomicFile.write(json(WrittenPrediction(image: identity, files: hashes)), to: place)
        }
    }

    /// The files beside `<name>.json`, by name.
    private func contents(_ format: Format, maps mapFormat: MapFormat) throws -> [(name: String, data: Data)] {
        var files: [(name: String, data: Data)] = []
        for label in labels { files.append(try content(of: label.mask, "\(name)-label-\(label.name)", format)) }
        files += try mapContents(format: mapFormat)
        files.append(try content(of: mask, "\(name)-mask", format))
        let others = labels.map { (truth: Mask?.none, prediction: Mask?.some($0.mask)) }
        let overlay = ColorImage(overlaying: mask, truth: nil, on: shownImage, labels: others, fitting: nil)
        files.append(("\(name)-overlay.png", try overlay.pngData()))
        if let gradient = maps.first(where: { $0.name == "\(InputGradients.prefix)malignancy" }) {
            let picture = ColorImage(gradient: gradient.map, on: shownImage)
            files.append(("\(name)-gradient-overlay.png", try picture.pngData()))
        }
        return files
    }

    /// The content of `<name>.json`. A feature that is undefined is `null`.
    public func json() throws -> Data { try json(nil) }

    /// - Parameter written: hashes of the image and of the other files.
    private func json(_ written: WrittenPrediction?) throws -> Data {
        func number(_ value: Double?) -> ConfigurationValue {
            value.flatMap { $0.isFinite ? .number($0) : nil } ?? .null
        }
        var members: ConfigurationMembers = [
            "image": .text(file.lastPathComponent), "width": .integer(mask.width), "height": .integer(mask.height),
            "lesionArea": .integer(mask.area),
            "features": .table(ConfigurationMembers(features.map { ($0, number($1)) })),
            "model": .table([
                "study": .text(description.study), "arm": .text(description.arm),
                "seed": .integer(Int(clamping: description.seed)), "source": .text(description.source),
                "segmentationThreshold": number(Double(description.segmentationThreshold)),
                "malignancyThreshold": number(description.malignancyThreshold),
            ]),
        ]
        if let membership = source.membership {
            members["dataset"] = .text(membership.dataset)
            members["case"] = .text(membership.record.id)
        }
        if let inference { members["inference"] = inference.value }
        if !values.isEmpty {
            let named = values.map { ($0.name, $0.label.map(ConfigurationValue.text) ?? number($0.number)) }
            members["predictions"] = .table(ConfigurationMembers(named))
        }
        if !labels.isEmpty {
            let areas = labels.map { ($0.name, ConfigurationValue.table(["area": .integer($0.mask.area)])) }
            members["labels"] = .table(ConfigurationMembers(areas))
        }
        if !maps.isEmpty {
            let ranges = maps.map { name, _, map in
                let (black, white) = (number(Double(map.range.lowerBound)), number(Double(map.range.upperBound)))
                return (name, ConfigurationValue.table(["black": black, "white": white]))
            }
            members["maps"] = .table(ConfigurationMembers(ranges))
        }
        if let reading { members["trainingSet"] = reading.value }
        if let written { members["written"] = written.value }
        if let malignancy { members["malignancy"] = number(malignancy) }
        if let isMalignant { members["isMalignant"] = .bool(isMalignant) }
        if let prior { members["prior"] = number(prior) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        var data = try encoder.encode(ConfigurationValue.table(members))
        data.append(UInt8(ascii: "\n"))
        return data
    }
}

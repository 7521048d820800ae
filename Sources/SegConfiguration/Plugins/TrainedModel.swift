public import Foundation
public import SegCore
public import SegSettings
public import SegTraining

/// A trained model in one file, with all that is needed to use it: its configuration, image size and thresholds.
public struct TrainedModel {
    /// What the file states about the model besides its weights.
    public struct Description: Codable, Hashable, Sendable {
        /// The study's name.
        public var study: String
        /// The arm's name.
        public var arm: String
        /// The seed.
        public var seed: UInt64
        /// How the model is made.
        public var model: ModelConfiguration
        /// Side of the square that images are letterboxed into, px.
        public var imageSize: Int
        /// Channels of an image: 3 for red, green and blue; `nil` for gray.
        public var channels: Int?
        /// The probability from which a pixel counts as lesion, chosen on the source's validation part.
        public var segmentationThreshold: Float
        /// The probability from which a lesion counts as malignant; `nil` if the model does not classify.
        public var malignancyThreshold: Double?
        /// What logits of malignancy are divided by so that probabilities fit the source's validation part; `nil` if that
        /// could not be fitted.
        public var malignancyTemperature: Double?
        /// The data set that it was trained on.
        public var source: String
        /// The version of the package that trained it.
        public var packageVersion: String
        /// The version of the training; `nil` in files of earlier versions.
        public var trainingVersion: Int?
        /// The commit that the program was built from; `nil` where nothing says.
        public var commit: String?
        /// The published weights that it began with, and the hash of their file; `nil` if it began with random ones.
        public var publishedWeights: PublishedWeights?

        /// How that was divided, in a few words; `nil` in files of earlier versions.
        public var split: String?
        /// The model file that its training started from; `nil` if it started from random weights.
        public var startedFrom: StartingFile?
        /// What is done to masks by default; `nil` where the study says nothing of it.
        public var rules: StoredRules?
        /// What the training part looked like; `nil` where that was not kept.
        public var profile: TrainingProfile?
        /// Data, choices, figures, use and limits; `nil` in files of earlier versions.
        public var card: ModelCard?

        /// A model file, as it was when a training started from it.
        public struct StartingFile: Codable, Hashable, Sendable {
            /// As the study names it.
            public var file: String
            /// The hash of its bytes.
            public var hash: String
            /// The data that it, and what it started from, were trained on; `nil` in files of earlier versions.
            public var sources: [String]?
        }

        /// Whether the model sees red, green and blue.
        public var hasColors: Bool { channels == 3 }

        public init(
            study: String,
            arm: String,
            seed: UInt64,
            model: ModelConfiguration,
            imageSize: Int,
            channels: Int? = nil,
            segmentationThreshold: Float,
            malignancyThreshold: Double?,
            malignancyTemperature: Double?,
            source: String,
            packageVersion: String
        ) {
            self.study = study
            self.arm = arm
            self.seed = seed
            self.model = model
            self.imageSize = imageSize
            self.channels = channels
            self.segmentationThreshold = segmentationThreshold
            self.malignancyThreshold = malignancyThreshold
            self.malignancyTemperature = malignancyTemperature
            self.source = source
            self.packageVersion = packageVersion
            trainingVersion = Trainer.version
            commit = segmentationKitCommit
        }
    }

    /// What the file says about the model.
    public private(set) var description: Description
    /// The model.
    public let model: MultiTaskModel

    private static let key = "segkit"

    public init(_ model: MultiTaskModel, description: Description) {
        self.model = model
        self.description = description
        if let weights = model.publishedWeights { self.description.publishedWeights = weights }
    }

    /// What a file says about its model; `nil` if it is not a model that segkit wrote.
    package static func description(of file: URL) -> Description? {
        guard let text = try? ModelFile.metadata(of: file)[key] else { return nil }
        return try? JSONDecoder().decode(Description.self, from: FormerSpelling.present(in: Data(text.utf8)))
    }

    /// - Throws: ``SegmentationError`` if the finest features alone of so many images take more memory than there is.
    package func requireMemory(images: Int) throws {
        let side = Double(description.imageSize)
        // A layer's input and output.
        let needed = 2 * 4 * Double(images * model.backbone.outline.denseChannels) * side * side
        try MachineMemory.require(
            needed,
            subject: description.arm,
            what: images == 1
                ? "one image of \(description.imageSize) px takes"
                : "\(images) images of \(description.imageSize) px take",
            cure: "use a model of smaller images or fewer channels"
        )
    }

    /// Reads a model file.
    ///
    /// - Throws: ``SegmentationError`` naming the file if it is missing, damaged, no model of segkit, or made with a
    ///   plugin that the registry lacks.
    public init(contentsOf file: URL, registry: PluginRegistry) throws {
        let content = try ModelFileContent(of: file)
        description = try Self.requireDescription(in: content.metadata, of: file)
        do {
            model = try description.model.makeModelToFill(registry: registry, channels: description.channels ?? 1)
        } catch let error as SegmentationError {
            throw SegmentationError(file.path, "\(error.subject) \(error.problem)", cure: error.cure)
        }
        try content.fill(model)
    }

    /// What a file says about its model.
    ///
    /// - Throws: ``SegmentationError`` naming the file if it is missing, damaged, or not a model of segkit.
    package static func requireDescription(of file: URL) throws -> Description {
        try requireDescription(in: try ModelFile.metadata(of: file), of: file)
    }

    private static func requireDescription(in metadata: [String: String], of file: URL) throws -> Description {
        guard let text = metadata[key],
            let description = try? JSONDecoder().decode(
                Description.self,
                from: FormerSpelling.present(in: Data(text.utf8))
            )
        else {
            throw SegmentationError(
                file.path,
                "this is not a model that segkit wrote",
                cure: "name a file of a study's folder `models`"
            )
        }
        try Self.require(description, file: file)
        return description
    }

    /// - Throws: ``SegmentationError`` naming the file for numbers that no training writes, before anything is made of
    ///   them.
    private static func require(_ description: Description, file: URL) throws {
        func require(_ isPossible: Bool, _ name: String, _ value: some CustomStringConvertible) throws {
            guard !isPossible else { return }
            throw SegmentationError(
                file.path,
                "its \(name) is \(value)",
                cure: "the file is damaged or was edited: train the model again, or restore the file"
            )
        }
        try require((8...4096).contains(description.imageSize), "imageSize", description.imageSize)
        try require([nil, 1, 3].contains(description.channels), "channels", description.channels ?? 1)
        let (pixels, malignancy) = (description.segmentationThreshold, description.malignancyThreshold ?? 0.5)
        try require((0...1).contains(pixels), "segmentationThreshold", pixels)
        // Just above the greatest probability where no lesion counts as malignant.
        try require(malignancy >= 0 && malignancy <= 1.001, "malignancyThreshold", malignancy)
        let temperature = description.malignancyTemperature ?? 1
        try require(temperature > 0 && temperature.isFinite, "malignancyTemperature", temperature)
        let least = description.rules?.rules.leastArea ?? 0
        try require(least >= 0, "rules.leastArea", least)
        try require(description.profile?.isSound ?? true, "profile", "not one that training writes")
    }

    /// Writes the model; the file appears whole or not at all.
    public func write(to file: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(description), as: UTF8.self)
        try ModelFile.save(model, to: file, metadata: [Self.key: text])
    }
}

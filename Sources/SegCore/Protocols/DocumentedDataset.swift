/// A data set that states more than its images: what its publication counts, how it is divided, what is doubtful, and the
/// version of how it is decoded. Every member has a default; implement those that apply.
public protocol DocumentedDataset: DatasetAdapter {
    /// The version of how this adapter decodes, to be raised with every change of what
    /// ``DatasetAdapter/sample(for:decoder:)`` gives for the same files and record. Together with the settings that decoding
    /// depends on.
    ///
    /// Cached samples are kept apart by it. The default is `nil`: then they are kept apart by the program's own bytes,
    /// so that a program that was rebuilt never meets what an older one decoded. A plain ``DatasetAdapter`` is treated
    /// alike.
    var decodingVersion: String? { get }

    /// What the data set's publication counts, for a check of completeness; `nil` if there is nothing to hold it
    /// against. Default: `nil`.
    var publishedCounts: PublishedCounts? { get }

    /// The divisions that the data set's publication proposes, for studies that use them as they are. Default: none.
    ///
    /// - Throws: ``SegmentationError`` naming the file that is missing or damaged.
    func publishedSplits() throws -> [PublishedSplit]

    /// What is doubtful about a record beyond what decoding it shows, such as a mask's color that contradicts the
    /// label. One sentence each. Default: nothing.
    ///
    /// - Throws: ``SegmentationError`` if a file cannot be read.
    func doubts(about record: SampleRecord, decoder: any ImageDecoder) throws -> [String]
}

extension DocumentedDataset {
    public var decodingVersion: String? { nil }

    public var publishedCounts: PublishedCounts? { nil }

    public func publishedSplits() throws -> [PublishedSplit] { [] }

    public func doubts(about record: SampleRecord, decoder: any ImageDecoder) throws -> [String] { [] }
}

/// A division of a data set that its publication proposes.
public struct PublishedSplit: Hashable, Sendable, Codable {
    /// The name in configurations: `5-fold`.
    public var name: String
    /// The parts that are held out, one after the other, each as the ids of its records: the folds of a
    /// cross-validation, or one part of test images. Records in no part always train.
    public var parts: [[String]]
    /// For each part, the records that the publication validates on while the others train; empty where it does not
    /// say.
    public var validation: [[String]]

    public init(name: String, parts: [[String]], validation: [[String]] = []) {
        self.name = name
        self.parts = parts
        self.validation = validation
    }
}

/// What a data set's publication counts.
public struct PublishedCounts: Hashable, Sendable, Codable {
    /// Images by what they show; a pathology that the publication does not count is left out.
    public var images: [Pathology: Int]
    /// All images.
    public var total: Int
    /// Patients, where the publication counts them.
    public var patients: Int?

    /// - Parameter total: the sum of `images` unless stated: for a data set whose images are not labeled, or whose
    ///   sources disagree about the classes.
    public init(images: [Pathology: Int] = [:], total: Int? = nil, patients: Int? = nil) {
        self.images = images
        self.total = total ?? images.values.reduce(0, +)
        self.patients = patients
    }
}

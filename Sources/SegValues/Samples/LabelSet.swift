public import Foundation

/// The labels of a data set or a head: structures that masks tell apart, by name.
///
/// The background is not one of them. Data sets with one mask have ``lesionOnly`` and need to state nothing else.
public struct LabelSet: Hashable, Sendable {
    /// The name of the label that every data set has.
    public static let lesionName = "lesion"

    /// The lesion alone.
    public static let lesionOnly = LabelSet()

    /// The names, in order: letters, digits, `-` and `_`, at most 64.
    public let names: [String]
    /// Whether a pixel has at most one of them; otherwise they may overlap.
    public let isExclusive: Bool
    /// The labels that are the lesion: `lesion` itself, or those that it is divided into, as `benign` and `malignant`; none
    /// where a head predicts other structures alone.
    public let lesion: [String]

    private init() {
        names = [Self.lesionName]
        isExclusive = false
        lesion = names
    }

    /// - Parameter lesion: the labels that together are the lesion, and none of them if it is empty; if `nil`, `lesion` if
    ///   that is among the names, else all of them.
    ///
    /// - Throws: ``SegmentationError`` with the subject `labels` for no name, one that is used twice or cannot be a
    ///   column's, for `background`, and for a lesion that is not among the names.
    public init(_ names: [String], isExclusive: Bool, lesion: [String]? = nil) throws {
        func refuse(_ problem: String, _ cure: String) -> SegmentationError {
            SegmentationError("labels", problem, cure: cure)
        }
        guard !names.isEmpty, names.count <= Self.most else {
            throw refuse("there are \(names.count) labels", "name 1 to \(Self.most) of them, as in [lesion, other]")
        }
        for (index, name) in names.enumerated() {
            let isPlain = name.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "-" || $0 == "_")
            }
            guard !name.isEmpty, isPlain, name.utf8.count <= Self.longest else {
                throw refuse(
                    "`\(name.prefix(Self.longest))` cannot be a label",
                    "use letters, digits, - and _, at most \(Self.longest)"
                )
            }
            guard name != "background" else {
                throw refuse("the background is not a label", "leave it out: it is every pixel without a label")
            }
            guard !names[..<index].contains(name) else { throw refuse("`\(name)` appears twice", "name it once") }
        }
        if let stranger = lesion?.first(where: { !names.contains($0) }) {
            throw refuse(
                "`\(stranger)` is named as lesion and is not a label",
                "use one of: \(names.joined(separator: ", "))"
            )
        }
        self.names = names
        self.isExclusive = isExclusive
        let whole = names.contains(Self.lesionName) ? [Self.lesionName] : names
        self.lesion = lesion.map { names.filter($0.contains) } ?? whole
    }

    /// The most labels: the background and they are the classes of a softmax.
    public static let most = 63

    /// Letters of a name: it becomes part of columns' and files' names.
    private static let longest = 64

    /// The labels with a mask of their own in addition to ``Sample/lesion``.
    public var further: [String] { names.filter { $0 != Self.lesionName } }

    /// The masks of further labels whose files a record lists, those of one label joined.
    ///
    /// - Parameter decode: reads a mask of the given size.
    ///
    /// - Throws: what `decode` throws; ``SegmentationError`` naming a mask of another size.
    public func masks(
        of record: SampleRecord,
        width: Int,
        height: Int,
        decode: (URL) throws -> Mask
    ) throws -> [LabelMask] {
        try further.compactMap { name in
            guard let files = record.labelFiles[name] else { return nil }
            var joined = Mask(emptyWithWidth: width, height: height)
            for file in files {
                let mask = try decode(file)
                guard mask.width == width, mask.height == height else {
                    throw SegmentationError(
                        file.path,
                        "the mask of `\(name)` is \(mask.width)×\(mask.height) px but its image is \(width)×\(height) px",
                        cure: "replace the file by the published one, or resize it in the adapter's "
                            + "`sample(for:decoder:)`",
                        trouble: .maskSize
                    )
                }
                joined.formUnion(mask)
            }
            return LabelMask(name, joined)
        }
    }

    /// Checks a sample against what its data set declares.
    ///
    /// - Parameter dataset: the data set's name, for messages.
    ///
    /// - Throws: ``SegmentationError`` naming the file of a sample that lacks a label or has another one, and of masks
    ///   that overlap though their labels exclude each other.
    public func require(_ sample: Sample, of dataset: String) throws {
        let given = sample.labels.map(\.name)
        if let missing = further.first(where: { !given.contains($0) }) {
            throw SegmentationError(
                sample.record.imageFile.path,
                "the image has no mask of the label `\(missing)`, which \(dataset) declares",
                cure: "give it in the adapter's `sample(for:decoder:)`: an empty one where the image does not show it"
            )
        }
        if let stranger = given.first(where: { !further.contains($0) }) {
            throw SegmentationError(
                sample.record.imageFile.path,
                "the image has a mask of the label `\(stranger)`, which \(dataset) does not declare",
                cure: "declare it in the adapter's `labels`"
            )
        }
        guard isExclusive else { return }
        var masks = sample.labels
        if names.contains(Self.lesionName) { masks.insert(LabelMask(Self.lesionName, sample.lesion), at: 0) }
        for (index, second) in masks.enumerated() {
            for first in masks[..<index] {
                let overlap = zip(first.mask.pixels, second.mask.pixels).count { $0 & $1 != 0 }
                guard overlap > 0 else { continue }
                throw SegmentationError(
                    sample.record.labelFiles[second.name]?.first?.path ?? sample.record.imageFile.path,
                    "the labels `\(first.name)` and `\(second.name)` overlap in \(overlap) px, and they exclude each other",
                    cure: "correct the masks, or declare the labels as ones that may overlap"
                )
            }
        }
    }
}

/// The mask of a label.
public struct LabelMask: Hashable, Sendable {
    /// The label's name.
    public let name: String
    /// The pixels that have it.
    public var mask: Mask

    public init(_ name: String, _ mask: Mask) {
        self.name = name
        self.mask = mask
    }
}

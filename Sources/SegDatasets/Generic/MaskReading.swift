import Foundation
public import SegCore

/// How the masks of a data set without an adapter of its own are read.
public struct MaskReading: Hashable, Sendable {
    /// Which pixels belong to a lesion.
    public var rule: MaskRule
    /// Whether a mask of another size than its image is stretched to it; otherwise it is an error.
    public var resizes: Bool
    /// Every value but 0 that a mask may hold, as the file that declares them has it; not known if `nil`.
    var declared: Set<Int>?

    public init(rule: MaskRule = .bright, resizes: Bool = false) {
        self.rule = rule
        self.resizes = resizes
    }

    /// From the settings of a configuration: `bright`, `nonzero` or `labels`, with their values.
    ///
    /// - Throws: ``SegmentationError`` for an unknown rule, and for labels without the rule or the rule without labels.
    init(rule: String, labels: [Int], otherLabels: [Int], resizes: Bool) throws {
        guard otherLabels.isEmpty || rule == "labels" && Set(labels).isDisjoint(with: otherLabels) else {
            throw SegmentationError(
                "otherLabels",
                rule == "labels" ? "shares values with labels" : "is set although maskRule is `\(rule)`",
                cure: "list values of masks that are not lesion, for `maskRule: labels`"
            )
        }
        guard (rule == "labels") == !labels.isEmpty else {
            throw SegmentationError(
                "labels",
                labels.isEmpty ? "is empty although maskRule is `labels`" : "is set although maskRule is `\(rule)`",
                cure: labels.isEmpty ? "list the values that are lesion: `labels: [1]`" : "set `maskRule: labels`"
            )
        }
        switch rule {
        case "bright": self.init(rule: .bright, resizes: resizes)
        case "nonzero": self.init(rule: .nonzero, resizes: resizes)
        case "labels": self.init(rule: .labels(Set(labels)), resizes: resizes)
        default: throw SegmentationError("maskRule", "is `\(rule)`", cure: "use bright, nonzero or labels")
        }
    }

    /// For ``SegCore/DatasetAdapter/decodingVersion``: everything here that shapes a sample.
    var version: String {
        let rule =
            switch rule {
            case .bright: "bright"
            case .nonzero: "nonzero"
            case .labels(let labels): "labels \(labels.sorted())"
            }
        return resizes ? "\(rule), resized" : rule
    }

    /// Decodes a record and joins its masks.
    func sample(
        for record: SampleRecord,
        labels: LabelReading = .none,
        decoder: any ImageDecoder
    ) throws -> Sample {
        let image = try decoder.grayImage(at: record.imageFile.path)
        func mask(_ file: URL, _ rule: MaskRule) throws -> Mask {
            let mask = try decoder.mask(at: file.path, rule: rule)
            return resizes ? mask.resized(toWidth: image.width, height: image.height) : mask
        }
        var lesion = Mask(emptyWithWidth: image.width, height: image.height)
        for file in record.maskFiles {
            if let declared { try require(declared, in: file, decoder: decoder) }
            try lesion.formUnion(mask(file, rule), of: file, isResizable: declared == nil)
        }
        let further = try labels.masks(of: record, width: image.width, height: image.height, rule: rule, read: mask)
        return try Sample(record: record, image: image, lesion: lesion, labels: further)
    }
}

extension MaskReading {
    /// - Throws: ``SegmentationError`` naming a file that holds other values than those declared.
    private func require(_ declared: Set<Int>, in file: URL, decoder: any ImageDecoder) throws {
        guard let stored = try decoder.storedMask(at: file.path) else { return }
        let known = declared.union([0]).sorted().map(String.init)
        guard !stored.values.isEmpty else {
            throw SegmentationError(
                file.path,
                "the label image contains more than \(StoredMask.mostValues) different values, and \(StoredMask.list(known)) are declared",
                cure: "save labels as whole numbers, without smoothing or lossy compression",
                trouble: .maskValues
            )
        }
        let strangers = stored.values.filter { value in
            !value.isNothing && value.number.map { $0 != 0 && !declared.contains($0) } ?? true
        }
        guard let first = strangers.first else { return }
        throw SegmentationError(
            file.path,
            "the label image contains \(stored.valueList) (\(stored.kind)), but only \(StoredMask.list(known)) are declared",
            cure: strangers.count == 1
                ? "write \(first.name) as the number that it is declared by, or declare it in `labels` of dataset.json"
                : "write labels with the numbers that are declared, or declare them in `labels` of dataset.json",
            trouble: .maskValues
        )
    }
}

/// What an image shows, from what is known of it and whether it has masks.
struct PathologyRule {
    /// What images show of which nothing else is known; `nil` if that is unknown.
    var standard: Pathology?
    /// Whether an image without a mask shows no lesion; otherwise it is an error.
    var masksOptional: Bool

    /// - Parameters:
    ///   - told: what the data set says of this image.
    ///   - image: for messages.
    ///
    /// - Throws: ``SegmentationError`` naming an image that should have a mask.
    func pathology(told: Pathology?, hasMasks: Bool, image: String) throws -> Pathology? {
        if hasMasks { return told ?? standard }
        switch told ?? (masksOptional ? .normal : standard) {
        case .normal: return .normal
        case let pathology:
            throw SegmentationError(
                image,
                pathology.map { "the image is \($0.rawValue) but has no mask" } ?? "the image has no mask",
                cure: told == nil
                    ? "add the mask, or, if such images show no lesion, set `masksOptional: true` "
                        + "(`--set masksOptional=true` of a command)"
                    : "add the mask, or correct the pathology"
            )
        }
    }
}

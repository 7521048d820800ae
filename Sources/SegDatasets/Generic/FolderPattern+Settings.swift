import Foundation
public import SegCore

extension FolderPattern {
    /// What a configuration can set of a folder of images.
    public struct Settings: PluginSettings, Hashable, ExplainedSettings {
        /// Where images lie, with `{id}` and, where names have them, `{patient}` and `{pathology}`.
        public var image = "images/{id}.png"
        /// Where masks lie: one pattern or several. All masks of an image are joined.
        public var masks: TextList = ["masks/{id}.png", "masks/{id}_mask*.png"]
        /// The record's id, made of the image's placeholders: `{patient}-{id}` where `{id}` alone is not unique.
        public var id = "{id}"
        /// Pictures that are neither images nor masks: one pattern or several.
        public var ignore: TextList = []
        /// Which pixels of a mask are lesion: `bright`, `nonzero`, or `labels`.
        public var maskRule = "bright"
        /// The values that are lesion, for the rule `labels`.
        public var labels: [Int] = []
        /// Values of masks that are known and are not lesion, for the rule `labels`.
        public var otherLabels: [Int] = []
        /// Whether masks of another size than their image are stretched to it.
        public var resizeMasks = false
        /// Whether images without a mask show no lesion, and so are normal; otherwise they are an error.
        public var masksOptional = false
        /// What images show whose names do not say: `benign`, `malignant`, `normal`; unknown if empty.
        public var pathology = ""
        /// The side of a pixel, mm; unknown if 0.
        public var pixelSpacing = 0.0
        /// Words of `{patient}` and `{pathology}` for an unknown value, in addition to `NA`, `unknown` and the other usual ones.
        public var unknown: TextList = []
        /// Where masks of further labels lie, by the label's name, as `masks` has it: `{other: "masks/{id}_other*.png"}`.
        @OptionalSetting public var labelMasks: [String: TextList]?
        /// Whether images without a mask of such a label do not show it; otherwise they are an error.
        @OptionalSetting public var labelMasksOptional: Bool?
        /// The values of further labels in the masks, by the label's name, for the rule `labels`: `{other: [2]}`.
        @OptionalSetting public var labelValues: [String: [Int]]?
        /// Whether a pixel has at most one label; if not set, it does where all are values of the masks.
        @OptionalSetting public var exclusiveLabels: Bool?

        public static let meanings: [String: SettingMeaning] = maskMeanings.merging([
            "image": "Where images lie, with `{id}` and, where names have them, `{patient}` and `{pathology}`",
            "masks": "Where masks lie: one pattern or several. All masks of an image are joined",
            "id":
                "The record's id, made of the image's placeholders: `{patient}-{id}` where `{id}` alone is not unique",
            "ignore": "Pictures that are neither images nor masks: one pattern or several",
            "unknown":
                "Words of `{patient}` and `{pathology}` for an unknown value, in addition to `NA`, `unknown` and the other usual ones",
            "labelMasks":
                "Where masks of further labels lie, by the label's name, as `masks` has it: `{other: \"masks/{id}_other*.png\"}`",
        ]) { $1 }

        public init() {}

        public func validate() throws {
            _ = try Layout(self)
        }
    }

    /// Where masks of a further label lie.
    struct LabelPatterns: Hashable {
        var name: String
        var patterns: [PathPattern]
    }

    /// The settings, understood.
    struct Layout: Hashable {
        var image: PathPattern
        var masks: [PathPattern]
        var ignored: [PathPattern]
        var id: String
        var reading: MaskReading
        var otherLabels: Set<Int>
        var labels: LabelReading
        var labelMasks: [LabelPatterns]
        var unknown: Set<String>
        var pathology: Pathology?
        var masksOptional: Bool
        var pixelSpacing: PixelSpacing?

        var patterns: [PathPattern] { [image] + masks + ignored + labelMasks.flatMap(\.patterns) }

        /// Whether a pattern fits files at any depth.
        var reachesAnyDepth: Bool { patterns.contains { $0.depth == nil } }

        init(_ settings: Settings) throws {
            image = try PathPattern(settings.image, subject: "image")
            masks = try settings.masks.texts.map { try PathPattern($0, subject: "masks") }
            ignored = try settings.ignore.texts.map { try PathPattern($0, subject: "ignore") }
            id = settings.id
            masksOptional = settings.masksOptional
            let known = image.placeholders
            guard known.contains(.id) else {
                throw SegmentationError("image", "`\(image.text)` lacks {id}", cure: "write it as in `images/{id}.png`")
            }
            labelMasks = try (settings.labelMasks ?? [:]).sorted { $0.key < $1.key }.map { name, patterns in
                let subject = "labelMasks.\(name)"
                return LabelPatterns(
                    name: name,
                    patterns: try patterns.texts.map { try PathPattern($0, subject: subject) }
                )
            }
            let all =
                masks.map { ("masks", $0) }
                + labelMasks.flatMap { label in label.patterns.map { ("labelMasks.\(label.name)", $0) } }
            for (subject, mask) in all
            where !mask.placeholders.contains(.id) || !mask.placeholders.isSubset(of: known) {
                throw SegmentationError(
                    subject,
                    "`\(mask.text)` does not say which image a mask belongs to",
                    cure: "use {id}, and besides it only placeholders of the image's pattern"
                )
            }
            let named = id.isEmpty ? [] : try PathPattern(id.replacing("/", with: "_"), subject: "id").placeholders
            guard named.contains(.id), named.isSubset(of: known) else {
                throw SegmentationError(
                    "id",
                    "`\(id)` does not distinguish images",
                    cure: "use {id}, and besides it only placeholders of the image's pattern"
                )
            }
            reading = try MaskReading(
                rule: settings.maskRule,
                labels: settings.labels,
                otherLabels: settings.otherLabels,
                resizes: settings.resizeMasks
            )
            let values = (settings.labelValues ?? [:]).mapValues { Set($0) }
            let labels = try LabelReading(
                rule: reading.rule,
                values: values,
                files: labelMasks.map(\.name),
                exclusive: settings.exclusiveLabels,
                masksOptional: settings.labelMasksOptional ?? false
            )
            self.labels = labels
            let stored = values.filter { !labels.set.lesion.contains($0.key) }
            otherLabels = Set(settings.otherLabels).union(stored.values.joined())
            unknown = Set(settings.unknown.texts.map { $0.lowercased() })
            pathology = try Pathology(setting: settings.pathology)
            pixelSpacing = try PixelSpacing(setting: settings.pixelSpacing)
        }
    }
}

extension Pathology {
    /// A setting's value: `nil` if it is empty.
    ///
    /// - Throws: ``SegmentationError`` for another word.
    init?(setting text: String) throws {
        if text.isEmpty { return nil }
        guard let pathology = Pathology(rawValue: text) else {
            throw SegmentationError("pathology", "is `\(text)`", cure: "use benign, malignant or normal")
        }
        self = pathology
    }
}

extension PixelSpacing {
    /// A setting's value: the side of a pixel, mm; `nil` if it is 0.
    ///
    /// - Throws: ``SegmentationError`` if it is negative.
    init?(setting side: Double) throws {
        guard side >= 0, side.isFinite else {
            throw SegmentationError("pixelSpacing", "is \(side)", cure: "give the side of a pixel in mm")
        }
        if side == 0 { return nil }
        self.init(x: side, y: side)
    }
}

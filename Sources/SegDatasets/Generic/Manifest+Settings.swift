import Foundation
public import SegCore

extension Manifest {
    /// What a configuration can set of a manifest.
    public struct Settings: PluginSettings, Hashable, ExplainedSettings {
        /// The manifest's path from the data set's folder; the only `manifest.csv` or `manifest.json` there if empty.
        public var file = ""
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
        /// What images show of which the manifest does not say: `benign`, `malignant`, `normal`; unknown if empty.
        public var pathology = ""
        /// The side of a pixel, mm, where the manifest does not say; unknown if 0.
        public var pixelSpacing = 0.0
        /// Words for an unknown value, in addition to `NA`, `unknown`, `-` and the other usual ones.
        public var unknown: TextList = []
        /// The columns of masks of further labels, by the label's name: `{other: other_mask}`.
        @OptionalSetting public var labelColumns: [String: String]?
        /// Whether images without a mask of such a label do not show it; otherwise they are an error.
        @OptionalSetting public var labelMasksOptional: Bool?
        /// The values of further labels in the masks, by the label's name, for the rule `labels`: `{other: [2]}`.
        @OptionalSetting public var labelValues: [String: [Int]]?
        /// Whether a pixel has at most one label; if not set, it does where all are values of the masks.
        @OptionalSetting public var exclusiveLabels: Bool?

        public static let meanings: [String: SettingMeaning] = maskMeanings.merging([
            "file":
                "The manifest's path from the data set's folder; the only `manifest.csv` or `manifest.json` there if empty",
            "unknown": "Words for an unknown value, in addition to `NA`, `unknown`, `-` and the other usual ones",
            "labelColumns": "The columns of masks of further labels, by the label's name: `{other: other_mask}`",
        ]) { $1 }

        public init() {}

        public func validate() throws {
            _ = try reading
            _ = try labelReading
            _ = try Pathology(setting: pathology)
            _ = try PixelSpacing(setting: pixelSpacing)
        }

        var labelReading: LabelReading {
            get throws {
                try LabelReading(
                    rule: try reading.rule,
                    values: (labelValues ?? [:]).mapValues { Set($0) },
                    files: (labelColumns ?? [:]).keys,
                    key: "labelColumns",
                    exclusive: exclusiveLabels,
                    masksOptional: labelMasksOptional ?? false
                )
            }
        }

        var reading: MaskReading {
            get throws {
                try MaskReading(rule: maskRule, labels: labels, otherLabels: otherLabels, resizes: resizeMasks)
            }
        }
    }
}

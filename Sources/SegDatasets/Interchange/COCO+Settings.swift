public import SegCore

extension COCO {
    /// What a configuration can set of a COCO data set.
    public struct Settings: PluginSettings, Hashable, ExplainedSettings {
        /// The annotation file's path from the data set's folder; the only `.json` there if empty.
        public var file = ""
        /// The folder of images, from the annotation file's; if empty, that folder, `images` in it or `images` next to it.
        public var images = ""
        /// The categories that are lesions; all if empty.
        public var categories: TextList = []
        /// The categories that are benign, case aside.
        public var benign: TextList = ["benign"]
        /// The categories that are malignant, case aside.
        public var malignant: TextList = ["malignant"]
        /// The field of an image that names the patient; if empty, the one of `patient`, `patient_id`, `subject` and
        /// `subject_id` that the images have.
        public var patient = ""
        /// Whether images without an annotation show no lesion, and so are normal; otherwise they are an error.
        public var masksOptional = false
        /// What images show whose categories do not say: `benign` or `malignant`; unknown if empty.
        public var pathology = ""
        /// The side of a pixel, mm; unknown if 0.
        public var pixelSpacing = 0.0
        /// Whether outlines drawn on an image of another size, as `width` and `height` in the file say, are scaled to it.
        public var resizeMasks = false
        /// What becomes of objects that enclose nothing, such as single points: `error`, or `skip` to leave them out.
        public var emptyObjects = EmptyObjects.error
        /// Words for an unknown patient, in addition to `NA`, `unknown` and the other usual ones.
        public var unknown: TextList = []

        public static let meanings: [String: SettingMeaning] = [
            "file": "The annotation file's path from the data set's folder; the only `.json` there if empty",
            "images":
                "The folder of images, from the annotation file's; if empty, that folder, `images` in it or `images` next to it",
            "categories": "The categories that are lesions; all if empty",
            "benign": "The categories that are benign, case aside",
            "malignant": "The categories that are malignant, case aside",
            "patient":
                "The field of an image that names the patient; if empty, the one of `patient`, `patient_id`, `subject` and `subject_id` that the images have",
            "masksOptional":
                "Whether images without an annotation show no lesion, and so are normal; otherwise they are an error",
            "pathology": SettingMeaning(
                "The label of images for which nothing else states it; unknown if empty",
                range: "`benign`, `malignant`, `normal` or empty"
            ),
            "pixelSpacing": SettingMeaning("The side of a pixel; unknown if 0", unit: "mm", range: "0 or more"),
            "resizeMasks":
                "Whether outlines drawn on an image of another size, as `width` and `height` in the file say, are scaled to it",
            "emptyObjects":
                "How objects that do not enclose anything, such as single points, are treated: as an error, or left out",
            "unknown": "Words for an unknown patient, in addition to `NA`, `unknown` and the other usual ones",
        ]

        public init() {}

        /// See ``emptyObjects``.
        public enum EmptyObjects: String, NamedChoice { case error, skip }

        public func validate() throws {
            _ = try Pathology(setting: pathology)
            _ = try PixelSpacing(setting: pixelSpacing)
        }
    }
}

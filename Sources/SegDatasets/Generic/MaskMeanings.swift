import SegCore

/// What the settings mean that data sets share whose masks are files of their own: patterns of a folder and manifests.
let maskMeanings: [String: SettingMeaning] = [
    "maskRule": SettingMeaning(
        "Which pixels of a mask are lesion: `bright` (at least half of the brightest value), `nonzero`, or `labels`",
        range: "`bright`, `nonzero`, `labels`"
    ),
    "labels": "The values that are lesion, for the rule `labels`",
    "otherLabels": "Values of masks that are known and are not lesion, for the rule `labels`",
    "resizeMasks": "Whether masks of another size than their image are stretched to it",
    "masksOptional":
        "Whether images without a mask show no lesion, and so are normal; otherwise they are an error",
    "pathology": SettingMeaning(
        "The label of images for which nothing else states it; unknown if empty",
        range: "`benign`, `malignant`, `normal` or empty"
    ),
    "pixelSpacing": SettingMeaning("The side of a pixel; unknown if 0", unit: "mm", range: "0 or more"),
    "labelMasksOptional":
        "Whether images without a mask of such a label do not show it; otherwise they are an error",
    "labelValues":
        "The values of further labels in the masks, by the label's name, for the rule `labels`: `{other: [2]}`",
    "exclusiveLabels":
        "Whether a pixel has at most one label; if not set, it does where all are values of the masks",
]

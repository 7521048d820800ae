public import SegCore

extension CheckFinding {
    /// The kinds of findings, by the names that the command line and the report use.
    public enum Kind: String, NamedChoice {
        // Errors.
        case listing
        case counts
        case sameID = "same-id"
        case unreadable
        case maskSize = "mask-size"
        case missingMask = "missing-mask"
        case emptyMask = "empty-mask"
        case maskValues = "mask-values"
        case unseenMask = "unseen-mask"
        case invertedMask = "inverted-mask"
        case pictureMask = "picture-mask"
        case outlineMask = "outline-mask"
        case maskOnNormal = "mask-on-normal"
        case blank
        case duplicateAcrossClasses = "duplicate-across-classes"
        case duplicateAcrossDatasets = "duplicate-across-datasets"
        // Warnings.
        case duplicate
        case doubt
        case unseenValues = "unseen-values"
        case joinedValues = "joined-values"
        case scatteredMask = "scattered-mask"
        case repeatedMask = "repeated-mask"
        case emptyLesion = "empty-lesion"
        case oneClass = "one-class"
        case onePatient = "one-patient"
        case similarPatients = "similar-patients"
        case tinyLesion = "tiny-lesion"
        case largeLesion = "large-lesion"
        case lowContrast = "low-contrast"
        case smallImage = "small-image"
        case pixelSpacing = "pixel-spacing"
        // Notes.
        case duplicateWithinPatient = "duplicate-within-patient"
        case lesionAtBorder = "lesion-at-border"
        case bitDepths = "bit-depths"
        case unlabeled
        case unknownPatients = "unknown-patients"

        /// How much a finding of this kind matters.
        public var severity: Severity {
            switch self {
            case .listing, .counts, .sameID, .unreadable, .maskSize, .missingMask, .emptyMask, .maskValues, .unseenMask,
                .invertedMask, .pictureMask, .outlineMask, .maskOnNormal, .blank, .duplicateAcrossClasses,
                .duplicateAcrossDatasets:
                .error
            case .duplicate, .doubt, .unseenValues, .joinedValues, .scatteredMask, .repeatedMask, .emptyLesion,
                .oneClass, .onePatient, .similarPatients, .tinyLesion, .largeLesion, .lowContrast, .smallImage,
                .pixelSpacing:
                .warning
            case .duplicateWithinPatient, .lesionAtBorder, .bitDepths, .unlabeled, .unknownPatients: .note
            }
        }

        /// Whether a user may accept errors of this kind.
        public var canBeAllowed: Bool {
            (severity == .error && self != .listing) || self == .emptyLesion || self == .tinyLesion
        }

        /// Whether a training or test stops at such an image although the kind is allowed: what cannot be decoded has to be
        /// corrected or left out.
        public var stopsWork: Bool {
            switch self {
            case .listing, .unreadable, .maskSize, .maskValues: true
            default: false
            }
        }

        /// What the kind means, in a few words.
        public var title: String {
            switch self {
            case .listing: "the adapter cannot list the data set"
            case .counts: "other counts than published"
            case .sameID: "an id that several images have"
            case .unreadable: "files that cannot be read"
            case .maskSize: "masks of another size than their image"
            case .missingMask: "lesions without a mask"
            case .emptyMask: "empty masks on lesions"
            case .maskValues: "values in masks that are not declared"
            case .unseenMask: "masks whose lesion the rule does not see"
            case .invertedMask: "masks that mark the background"
            case .pictureMask: "pictures in place of masks"
            case .outlineMask: "outlines in place of masks"
            case .unseenValues: "values in masks that do not count as lesion"
            case .joinedValues: "values in masks that are joined to one lesion"
            case .scatteredMask: "masks that fall into many pieces"
            case .repeatedMask: "the same mask for many images"
            case .onePatient: "images of one patient only"
            case .similarPatients: "names of patients that look alike"
            case .emptyLesion: "unlabeled images whose mask is empty"
            case .oneClass: "lesions of one class only"
            case .maskOnNormal: "masks on normal images"
            case .blank: "images of one gray level"
            case .duplicateAcrossClasses: "the same picture in two classes"
            case .duplicateAcrossDatasets: "the same picture in two data sets"
            case .duplicate: "the same picture several times"
            case .doubt: "doubts of the adapter"
            case .tinyLesion: "very small lesions"
            case .largeLesion: "lesions that fill the image"
            case .lowContrast: "images of low contrast"
            case .smallImage: "small images"
            case .pixelSpacing: "odd pixel spacing"
            case .duplicateWithinPatient: "the same picture several times, of one patient"
            case .lesionAtBorder: "lesions cut off by the image's border"
            case .bitDepths: "several bit depths"
            case .unlabeled: "images without a label"
            case .unknownPatients: "patients that are not known"
            }
        }

        /// What to do about it.
        public var cure: String {
            switch self {
            case .listing, .unreadable, .missingMask:
                "restore the files, from the data set's archive if it was published, or leave the images out with `exclude`"
            case .maskValues: "correct the masks, or the file that declares their values"
            case .unseenMask: "read the masks by a rule that takes their values"
            case .invertedMask: "swap lesion and background in the masks, or read them by another rule"
            case .pictureMask: "give the masks themselves; the paths or patterns of images and masks may be mixed up"
            case .outlineMask: "fill the outlines: the lesion is what they enclose"
            case .unseenValues: "if they are lesion, read the masks by another rule"
            case .joinedValues: "if one of them is not lesion, name the values that are"
            case .scatteredMask:
                "look at the masks; a lossy format leaves such dust, which `maskRule: bright` does not see"
            case .repeatedMask: "look at the masks, and at the paths or patterns that name them"
            case .onePatient: "name the column or placeholder that distinguishes patients, or leave patients unknown"
            case .similarPatients: "write the name of a patient in one way"
            case .emptyLesion: "if these images are normal, label them so; else look at the masks"
            case .oneClass: "use the data set for segmentation, or add images of the other class"
            case .counts:
                "complete the data set from its archive; a part that is meant to be used is no longer the published set"
            case .sameID: "give every image an id of its own"
            case .maskSize, .emptyMask, .blank: "restore or correct the files, or leave the images out with `exclude`"
            case .maskOnNormal: "correct the label, or leave the images out with `exclude`"
            case .duplicateAcrossClasses: "leave them out with `exclude`, as one of two labels must be wrong"
            case .duplicateAcrossDatasets:
                "leave them out of one data set with `exclude`, as a test on them tests memory"
            case .duplicate, .duplicateWithinPatient: "keep each cluster of duplicates on one side of every split"
            case .doubt, .tinyLesion, .largeLesion, .lowContrast, .lesionAtBorder: "look at the images"
            case .smallImage: "choose an image size for training that does not enlarge them much"
            case .pixelSpacing: "do not measure in mm on these images"
            case .bitDepths: "nothing, as intensities are scaled to the depth's full range"
            case .unlabeled: "use these images for segmentation only"
            case .unknownPatients: "use the data set for testing rather than for training"
            }
        }
    }
}

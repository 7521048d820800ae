import SegCore
import SegFiles

extension Manifest {
    /// The columns of a manifest that have a meaning.
    public enum Column: String, CaseIterable, Sendable {
        /// The record's id; the image's path without its extension where it is missing.
        case id
        /// The image's path.
        case image
        /// The masks' paths, separated by `;`; `masks` as well.
        case mask
        /// The patient, whom no split divides; `patient_id`, `subject` and `subject_id` as well.
        case patient
        /// `benign`, `malignant` or `normal`.
        case pathology
        /// The side of a pixel, mm; or width and height, as in `0.07x0.08`.
        case pixelSpacing
        /// The part of the data set, for ``publishedSplits()``.
        case split
        /// The BI-RADS category; `birads` as well.
        case category
        /// Words of ``SegCore/LesionShape``.
        case shape
        /// Words of ``SegCore/LesionMargin``, separated by `;`; `margins` as well.
        case margin
        /// Words of ``SegCore/LesionOrientation``.
        case orientation
        /// Words of ``SegCore/Echogenicity``.
        case echogenicity
        /// Words of ``SegCore/PosteriorFeatures``.
        case posteriorFeatures
        /// The patient's age, years.
        case age
        /// The scanner.
        case device
        /// The histological finding.
        case histology

        /// The column of a published name; `nil` for one without a meaning.
        init?(published name: String) {
            let plain = name.lowercased().filter { !$0.isWhitespace && $0 != "-" && $0 != "_" }
            let synonyms: [String: Column] = [
                "masks": .mask, "margins": .margin, "birads": .category, "patientid": .patient, "subject": .patient,
                "subjectid": .patient,
            ]
            guard let column = synonyms[plain] ?? Self.allCases.first(where: { $0.rawValue.lowercased() == plain })
            else { return nil }
            self = column
        }
    }

    private static let roles: [String: String] = [
        "train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "test": "test",
        "testing": "test",
    ]

    /// The published split of records whose parts are named; none where no part is.
    static func split(
        _ records: [(id: String, part: String?)],
        name: String,
        subject: String
    ) throws -> [PublishedSplit] {
        let parts = Set(records.compactMap { $0.part?.lowercased() })
        let roles = parts.filter { Self.roles[$0] != nil }
        guard !parts.isEmpty else { return [] }
        func ids(_ isIn: (String) -> Bool) -> [String] {
            records.filter { $0.part.map { isIn($0.lowercased()) } ?? false }.map(\.id)
        }
        guard !roles.isEmpty else {
            let folds = parts.naturallySorted()
            return [PublishedSplit(name: name, parts: folds.map { fold in ids { $0 == fold } })]
        }
        guard roles == parts else {
            let other = parts.subtracting(roles).naturallySorted()[0]
            throw SegmentationError(
                subject,
                "the split has the part '\(other)' besides \(roles.naturallySorted().joined(separator: " and "))",
                cure: "use train, val and test alone, or names of folds alone"
            )
        }
        let (test, validation) = (ids { Self.roles[$0] == "test" }, ids { Self.roles[$0] == "val" })
        // Without a test part, the validation part is what is held out.
        if test.isEmpty { return validation.isEmpty ? [] : [PublishedSplit(name: name, parts: [validation])] }
        return [PublishedSplit(name: name, parts: [test], validation: validation.isEmpty ? [] : [validation])]
    }
}

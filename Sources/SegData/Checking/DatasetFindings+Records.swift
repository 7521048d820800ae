import Foundation
import SegCore

/// What can be said before a pixel is read.
extension DatasetFindings {
    static func about(_ records: [SampleRecord], of name: String) -> [CheckFinding] {
        guard !records.isEmpty else { return [] }
        func reference(_ record: SampleRecord) -> RecordReference {
            RecordReference(dataset: name, id: record.id)
        }
        var findings: [CheckFinding] = []
        var ids: Set<String> = []
        for record in records where !ids.insert(record.id).inserted {
            findings.append(
                CheckFinding(
                    .sameID,
                    records: [reference(record)],
                    file: record.imageFile.path,
                    message: "another image also has the id \(record.id)"
                )
            )
        }
        for record in records where record.pathology?.hasLesion == true && record.maskFiles.isEmpty {
            // A generated data set has no files at all.
            guard record.imageFile.isFileURL else { continue }
            findings.append(
                CheckFinding(
                    .missingMask,
                    records: [reference(record)],
                    file: record.imageFile.path,
                    message: "the image is labeled \(record.pathology?.rawValue ?? "") and has no mask"
                )
            )
        }
        let unlabeled = records.filter { $0.pathology == nil }
        if !unlabeled.isEmpty {
            let column = unlabeled.count == records.count ? labelColumn(records) : nil
            findings.append(
                CheckFinding(
                    .unlabeled,
                    severity: column == nil ? nil : .warning,
                    records: unlabeled.map(reference),
                    message: "\(unlabeled.count) of \(records.count) images have no label"
                        + (column.map { ", though `\($0)` says of them what they show and is not read" } ?? ""),
                    cure: column.map {
                        $0 == "categories"
                            ? "name the categories of each class in `benign` and `malignant`"
                            : "rename `\($0)` to `pathology` if it is the label, and write benign, malignant or normal"
                    }
                )
            )
        }
        if records.count > 1 && records.allSatisfy({ $0.clinical.patient == nil })
            && Set(records.map(\.group)).count == records.count
        {
            let column = patientColumn(records)
            findings.append(
                CheckFinding(
                    .unknownPatients,
                    severity: column == nil ? nil : .warning,
                    message: "images of one patient may lie on both sides of a split"
                        + (column.map { ", though `\($0)` seems to name patients and is not read" } ?? ""),
                    cure: column.map { "rename `\($0)` to `patient` if it names patients" }
                )
            )
        }
        return findings + classes(records) + patients(records) + similarPatients(records) + spacings(records, reference)
    }

    static func counts(_ records: [SampleRecord], published: PublishedCounts?) -> [CheckFinding] {
        guard let published, !records.isEmpty else { return [] }
        var differences: [String] = []
        for pathology in Pathology.allCases {
            guard let expected = published.images[pathology] else { continue }
            let found = records.count { $0.pathology == pathology }
            if found != expected { differences.append("\(found) \(pathology.rawValue) images of \(expected)") }
        }
        if differences.isEmpty, records.count != published.total {
            differences.append("\(records.count) images of \(published.total)")
        }
        if let expected = published.patients {
            let found = Set(records.map { $0.clinical.patient ?? $0.group }).count
            if found != expected { differences.append("\(found) patients of \(expected)") }
        }
        return differences.map { CheckFinding(.counts, message: "there are \($0) that the publication counts") }
    }

    /// A column or field without a meaning that holds labels and nothing else: `Benign`, `malignant lesion`; or that is named as
    /// labels are and has few values: `label` of 0 and 1.
    private static func labelColumn(_ records: [SampleRecord]) -> String? {
        columns(records).first { column, values in
            let plain = plain(column)
            let isNamed = labelNames.contains(plain) && (2...4).contains(values.count)
            func names(_ words: [String]) -> (String) -> Bool {
                { value in
                    value.lowercased().split { !$0.isLetter }.contains { word in words.contains { word.hasPrefix($0) } }
                }
            }
            // `normal` alone is said of much that is not a label.
            return isNamed
                || values.allSatisfy(names(["benign", "malign", "normal"]))
                    && values.contains(where: names(["benign", "malign"]))
        }?.name
    }

    /// A column or field without a meaning that is named as those of patients are: `PatientID`, `Patienten-ID`, `MRN`.
    private static func patientColumn(_ records: [SampleRecord]) -> String? {
        columns(records).first { column, values in
            let plain = plain(column)
            if patientNames.contains(plain) { return values.count > 1 && values.count < records.count }
            return values.count > 1 && ["patient", "subject", "paciente"].contains { plain.contains($0) }
                && !otherFacts.contains { plain.contains($0) }
        }?.name
    }

    private static let labelNames: Set<String> = [
        "label", "labels", "class", "classes", "classification", "diagnosis", "diagnose", "target", "malignancy",
        "malignant", "ismalignant", "benign", "tumortype", "tumourtype", "lesiontype", "pathologie", "patologia",
        "groundtruth",
    ]
    private static let patientNames: Set<String> = ["pid", "mrn", "person", "personid", "womanid", "caseid", "studyid"]
    /// What tables say of a patient beside the name.
    private static let otherFacts = [
        "subjective", "age", "sex", "gender", "birth", "height", "weight", "history", "position", "comment", "note",
        "date",
    ]

    /// The columns or fields of records with their values, by name.
    private static func columns(_ records: [SampleRecord]) -> [(name: String, values: Set<String>)] {
        Set(records.flatMap(\.metadata.keys)).sorted().compactMap { column in
            let values = Set(
                records.compactMap { $0.metadata[column]?.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
            )
            return values.isEmpty ? nil : (column, values)
        }
    }

    /// Small letters and digits alone.
    private static func plain(_ name: String) -> String { name.lowercased().filter { $0.isLetter || $0.isNumber } }

    private static func classes(_ records: [SampleRecord]) -> [CheckFinding] {
        let known = records.compactMap(\.pathology).filter(\.hasLesion)
        guard known.count > 1, Set(known).count == 1 else { return [] }
        return [
            CheckFinding(
                .oneClass,
                message:
                    "all \(known.count) labeled lesions are \(known[0].rawValue): malignancy can be neither learned nor judged"
            )
        ]
    }

    /// A word of all images that is taken for the name of their patient, perhaps: such a set cannot be divided, and is one case
    /// in intervals.
    private static func patients(_ records: [SampleRecord]) -> [CheckFinding] {
        let names = Set(records.map(\.clinical.patient))
        guard records.count > 1, names.count == 1, let name = names.first ?? nil else { return [] }
        return [
            CheckFinding(
                .onePatient,
                message:
                    "all \(records.count) images are of one patient, `\(name)`: they cannot be divided, and count as one case "
                    + "in intervals"
            )
        ]
    }

    /// The side of a pixel that a breast scanner can have, mm.
    static let plausibleSpacing = 0.01...0.5

    private static func spacings(
        _ records: [SampleRecord],
        _ reference: (SampleRecord) -> RecordReference
    ) -> [CheckFinding] {
        let sides = records.compactMap { $0.pixelSpacing?.x }.sorted()
        guard !sides.isEmpty else { return [] }
        let median = sides[sides.count / 2]
        return records.compactMap { record -> CheckFinding? in
            guard let spacing = record.pixelSpacing else { return nil }
            let size = "\(spacing.x) × \(spacing.y) mm"
            let problem: String
            if ![spacing.x, spacing.y].allSatisfy(Self.plausibleSpacing.contains) {
                problem = "a pixel of \(size) is outside of what breast scanners have, 0.01 to 0.5 mm"
            } else if abs(spacing.x / spacing.y - 1) > 0.05 {
                problem = "a pixel of \(size) is not square"
            } else if spacing.x > 4 * median || spacing.x < median / 4 {
                problem = "a pixel of \(size) is far from the data set's median, \(median) mm"
            } else {
                return nil
            }
            return CheckFinding(.pixelSpacing, records: [reference(record)], message: problem)
        }
    }
}

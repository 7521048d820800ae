import SegCore

/// What the lesions of a data set have in common that lesions never have.
extension DatasetFindings {
    typealias Inspected = (record: SampleRecord, inspection: RecordInspection)

    private static func references(_ list: [Inspected], _ name: String) -> [RecordReference] {
        list.map { RecordReference(dataset: name, id: $0.record.id) }
    }

    /// More lesions of a point than this share are not chance.
    private static let mostTinyLesions = 0.75

    static func tiny(_ withLesion: [Inspected], name: String) -> [CheckFinding] {
        let tiny = withLesion.filter {
            ($0.inspection.facts?.lesionDiameter ?? 1) < RecordInspection.leastLesionDiameter
        }
        guard tiny.count > 1, Double(tiny.count) > mostTinyLesions * Double(withLesion.count) else { return [] }
        return [
            CheckFinding(
                .tinyLesion,
                severity: .error,
                records: references(tiny, name),
                message: "\(tiny.count) of \(withLesion.count) lesions are points of a few pixels",
                cure: "look at the masks, or at the unit of the outlines: they are in px of the image"
            )
        ]
    }

    static func repeated(_ withLesion: [Inspected], name: String) -> [CheckFinding] {
        let groups = Dictionary(grouping: withLesion) { $0.inspection.facts?.lesionHash ?? "" }
        guard let most = groups.filter({ $0.key != "" }).values.max(by: { $0.count < $1.count }), most.count > 2,
            2 * most.count > withLesion.count
        else { return [] }
        return [
            CheckFinding(
                .repeatedMask,
                records: references(most, name),
                message: "\(most.count) of \(withLesion.count) lesions are the same, pixel for pixel"
            )
        ]
    }

    /// Names that a spreadsheet or a person may have made of one: `P1` and `p01`, `17` and `17.0`.
    static func similarPatients(_ records: [SampleRecord]) -> [CheckFinding] {
        let names = Set(records.compactMap { $0.clinical.patient ?? ($0.group == $0.id ? nil : $0.group) })
        return Dictionary(grouping: names) { PatientName.plain($0) }.values.filter { $0.count > 1 }
            .map { $0.sorted() }.sorted { $0[0] < $1[0] }
            .map { alike in
                CheckFinding(
                    .similarPatients,
                    message:
                        "\(StoredMask.list(alike.map { "`\($0)`" })) count as \(alike.count) patients: if they are "
                        + "one, images of that patient may lie on both sides of a split"
                )
            }
    }
}

/// What is left of a patient's name without what differs from program to program.
enum PatientName {
    /// Small letters, without zeros before a number and `.0` after one, and without blanks, `-` and `_` but between two
    /// numbers: `1-11` is not `11-1`.
    static func plain(_ name: String) -> String {
        var text = name.lowercased()
        if text.hasSuffix(".0"), text.dropLast(2).allSatisfy(\.isNumber) { text.removeLast(2) }
        var result: [Character] = []
        var isApart = false
        var rest = Array(text)[...]
        while let next = rest.first {
            rest.removeFirst()
            if next.isWhitespace || next == "-" || next == "_" {
                isApart = true
                continue
            }
            if isApart, next.isNumber, result.last?.isNumber == true { result.append("-") }
            isApart = false
            // A number of zeros alone is 0.
            let leads = next == "0" && result.last?.isNumber != true && rest.first?.isNumber == true
            if !leads { result.append(next) }
        }
        return String(result)
    }
}

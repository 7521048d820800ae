import SegCore
import SegTables

extension BrEaST {
    /// What a row says about the lesion and the patient, typed.
    ///
    /// - Throws: ``SegmentationError`` naming the row and the column for a word that the sheet's dictionary lacks.
    static func descriptors(of row: Table.Row, in table: Table, patient: String) throws -> ClinicalDescriptors {
        var result = ClinicalDescriptors()
        result.category = try table.category(Column.category.rawValue, of: row)
        result.shape = try table.word(LesionShape.self, Column.shape.rawValue, of: row)
        result.margins = try margins(of: row, in: table)
        result.echogenicity = try table.word(
            Echogenicity.self,
            Column.echogenicity.rawValue,
            of: row,
            synonyms: ["complex cystic/solid": .complex]
        )
        result.posteriorFeatures = try table.word(
            PosteriorFeatures.self,
            Column.posteriorFeatures.rawValue,
            of: row,
            synonyms: ["no": .none]
        )
        result.patient = patient
        result.age = try table.number(Column.age.rawValue, of: row, expected: "the age in years")
        result.histology = table.told(Column.diagnosis.rawValue, of: row)
        return result
    }

    /// `circumscribed`, or `not circumscribed - angular&indistinct`.
    private static func margins(of row: Table.Row, in table: Table) throws -> Set<LesionMargin> {
        let column = Column.margin.rawValue
        guard let text = table.told(column, of: row)?.lowercased() else { return [] }
        if let margin = LesionMargin(rawValue: text) { return [margin] }
        let prefix = LesionMargin.notCircumscribed.rawValue + " - "
        let words = text.hasPrefix(prefix) ? text.dropFirst(prefix.count).split(separator: "&") : []
        let margins = words.compactMap { LesionMargin(rawValue: String($0)) }
        guard !words.isEmpty, margins.count == words.count, !margins.contains(.circumscribed) else {
            throw table.unexpected(
                column,
                of: row,
                expected: "circumscribed, or 'not circumscribed - ' with indistinct, angular, microlobulated or "
                    + "spiculated, joined by &"
            )
        }
        return Set(margins)
    }
}

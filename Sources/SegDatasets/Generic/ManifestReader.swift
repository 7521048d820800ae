import Foundation
import SegCore
import SegFiles
import SegTables

/// A record of a manifest, and the part of the data set that it names.
struct ManifestEntry {
    var record: SampleRecord
    var split: String?
}

/// Makes records of the rows of a manifest.
struct ManifestReader {
    private let table: Table
    private let root: URL
    private let rule: PathologyRule
    private let pixelSpacing: PixelSpacing?
    private let names: [Manifest.Column: String]
    /// The columns that name patients; a later one counts where the earlier ones are silent.
    private let patientColumns: [String]
    private let files: FileFinder
    private let labels: LabelReading
    private let labelColumns: [String: String]

    /// - Parameter root: what paths are taken from.
    ///
    /// - Throws: ``SegmentationError`` naming the manifest if it lacks images or has two columns of one meaning.
    init(table: Table, settings: Manifest.Settings, root: URL) throws {
        self.table = table
        self.root = root
        files = FileFinder(root: root)
        labels = try settings.labelReading
        labelColumns = settings.labelColumns ?? [:]
        for (label, column) in labelColumns.sorted(by: { $0.key < $1.key }) where !table.columns.contains(column) {
            throw SegmentationError(
                table.name,
                "the manifest has no column \(column), which holds the masks of `\(label)`",
                cure: "correct `labelColumns`; there are \(table.columns.joined(separator: ", "))"
            )
        }
        rule = PathologyRule(
            standard: try Pathology(setting: settings.pathology),
            masksOptional: settings.masksOptional
        )
        pixelSpacing = try PixelSpacing(setting: settings.pixelSpacing)
        var names: [Manifest.Column: String] = [:]
        var patients: [String] = []
        for name in table.columns {
            guard let column = Manifest.Column(published: name) else { continue }
            if column == .patient {
                patients.append(name)
                continue
            }
            if let other = names.updateValue(name, forKey: column) {
                throw SegmentationError(
                    table.name,
                    "the columns \(other) and \(name) both mean \(column.rawValue)",
                    cure: "rename or remove one of them"
                )
            }
        }
        // Of `patient` and `subject_id`, the column that is named as the meaning counts first.
        let plain = Manifest.Column.patient.rawValue
        patients.sort { ($0.lowercased() == plain ? 0 : 1) < ($1.lowercased() == plain ? 0 : 1) }
        patientColumns = patients
        self.names = names
        guard names[.image] != nil else {
            throw SegmentationError(
                table.name,
                "the manifest has no column image",
                cure: "add it; there are \(table.columns.joined(separator: ", "))"
            )
        }
        guard !table.rows.isEmpty else {
            throw SegmentationError(table.name, "the manifest lists no images", cure: "add a row for each image")
        }
    }

    /// One entry a row.
    func entries() throws -> [ManifestEntry] {
        var ids: Set<String> = []
        var images: Set<String> = []
        try requireOnePatient()
        return try table.rows.map { row in
            let entry = try entry(row)
            guard images.insert(entry.record.imageFile.standardizedFileURL.path).inserted else {
                throw unexpected(
                    .image,
                    row,
                    "listed once; another row has the same image: several masks of one image go into one row"
                )
            }
            guard ids.insert(entry.record.id).inserted else {
                throw names[.id] == nil
                    ? unexpected(.image, row, "another name without its extension: there is another \(entry.record.id)")
                    : unexpected(.id, row, "unique; there is another \(entry.record.id)")
            }
            return entry
        }
    }

    /// - Throws: ``SegmentationError`` where two columns that name patients tell different ones together or apart.
    private func requireOnePatient() throws {
        for (first, second) in zip(patientColumns, patientColumns.dropFirst()) {
            var partners: [String: (name: String, row: Int)] = [:]
            for row in table.rows {
                guard let one = table.told(first, of: row), let other = table.told(second, of: row) else { continue }
                for (key, partner) in [("1\(one)", other), ("2\(other)", one)] {
                    if let known = partners[key], known.name != partner {
                        throw SegmentationError(
                            table.name,
                            "the columns \(first) and \(second) both mean \(Manifest.Column.patient.rawValue), and contradict "
                                + "each other: rows \(known.row) and \(row.number) are one by one of them and two by the other",
                            cure: "rename or remove the one that does not name patients"
                        )
                    }
                    partners[key] = (partner, row.number)
                }
            }
        }
    }

    private func entry(_ row: Table.Row) throws -> ManifestEntry {
        let imagePath = try table.value(names[.image] ?? "image", of: row)
        let image = try file([row.written(names[.image] ?? "image") ?? imagePath, imagePath], .image, row)
        let masks = try names[.mask].map { try self.masks($0, row) } ?? []
        let told = try names[.pathology].flatMap { name in
            table.told(name, of: row) == nil ? nil : try table.pathology(name, of: row)
        }
        let pathology = try rule.pathology(told: told, hasMasks: !masks.isEmpty, image: image.path)
        let patient = patientColumns.lazy.compactMap { table.told($0, of: row) }.first
        var record = SampleRecord(
            id: text(.id, row) ?? (imagePath as NSString).deletingPathExtension,
            group: patient,
            imageFile: image,
            maskFiles: pathology == .normal ? [] : masks,
            pathology: pathology,
            pixelSpacing: try spacing(row),
            clinical: try descriptors(row, patient: patient),
            metadata: row.values
        )
        if pathology == .normal { record.emptyMaskFiles = masks }
        record.labelFiles = try labels.files(try labelColumns.mapValues { try self.masks($0, row) }, image: image)
        return ManifestEntry(record: record, split: text(.split, row))
    }

    private func descriptors(_ row: Table.Row, patient: String?) throws -> ClinicalDescriptors {
        var result = ClinicalDescriptors()
        func word<Word: RawRepresentable<String> & CaseIterable>(_: Word.Type, _ column: Manifest.Column) throws
            -> Word?
        {
            try names[column].flatMap { try table.word(Word.self, $0, of: row) }
        }
        result.category = try names[.category].flatMap { try table.category($0, of: row) }
        result.shape = try word(LesionShape.self, .shape)
        result.margins = Set(
            try words(.margin, row).map { text in
                guard let margin = LesionMargin(rawValue: text.lowercased()) else {
                    throw unexpected(
                        .margin,
                        row,
                        LesionMargin.allCases.map(\.rawValue).joined(separator: ", ") + ", separated by ;"
                    )
                }
                return margin
            }
        )
        result.orientation = try word(LesionOrientation.self, .orientation)
        result.echogenicity = try word(Echogenicity.self, .echogenicity)
        result.posteriorFeatures = try word(PosteriorFeatures.self, .posteriorFeatures)
        result.age = try names[.age].flatMap { try table.number($0, of: row, expected: Self.ages) }
        if let age = result.age, age > 120 { throw unexpected(.age, row, Self.ages) }
        result.patient = patient
        result.device = text(.device, row)
        result.histology = text(.histology, row)
        return result
    }

    private static let ages = "the age in years, at most 120, or empty where it is unknown"

    private func spacing(_ row: Table.Row) throws -> PixelSpacing? {
        guard let text = text(.pixelSpacing, row) else { return pixelSpacing }
        let sides = text.lowercased().split(separator: "x").map { Double(table: String($0)) }
        guard (1...2).contains(sides.count), let x = sides[0], let y = sides[sides.count - 1], x > 0, y > 0 else {
            throw unexpected(.pixelSpacing, row, "a pixel's side in mm, or its width and height as in 0.07x0.08")
        }
        return PixelSpacing(x: x, y: y)
    }

    /// The first file that one of the paths leads to.
    private func file(_ paths: [String], _ column: Manifest.Column, _ row: Table.Row) throws -> URL {
        for path in paths { if let file = try files.file(path) { return file } }
        throw SegmentationError(
            files.url(paths.last ?? "").path,
            "the file is missing; row \(row.number) of \((table.name as NSString).lastPathComponent) "
                + "lists it as \(column.rawValue)",
            cure: "restore it, or correct the path, which is taken from \(root.path)"
        )
    }

    /// The masks of a row in a column: a list, or one cell of paths separated by `;`, which names may hold as well.
    private func masks(_ column: String, _ row: Table.Row) throws -> [URL] {
        guard table.told(column, of: row) != nil else { return [] }
        if let list = row.list(column) {
            return try list.map { try file([$0, $0.trimmingCharacters(in: .whitespaces)], .mask, row) }
        }
        let cell = row.written(column) ?? ""
        if let whole = try files.file(cell) { return [whole] }
        let parts = cell.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
        var masks: [URL] = []
        var start = 0
        while start < parts.count {
            // As few parts as make a name of a file; a part alone, for the message, where none does.
            var found: (URL, Int)?
            for end in start..<min(parts.count, start + 8) where found == nil {
                let name = parts[start...end].joined(separator: ";")
                for path in [name, name.trimmingCharacters(in: .whitespaces)] where found == nil && !path.isEmpty {
                    found = try files.file(path).map { ($0, end + 1) }
                }
            }
            if let (mask, next) = found {
                masks.append(mask)
                start = next
            } else {
                let path = parts[start].trimmingCharacters(in: .whitespaces)
                if !path.isEmpty { masks.append(try file([path], .mask, row)) }
                start += 1
            }
        }
        return masks
    }

    private func text(_ column: Manifest.Column, _ row: Table.Row) -> String? {
        names[column].flatMap { table.told($0, of: row) }
    }

    private func words(_ column: Manifest.Column, _ row: Table.Row) -> [String] {
        guard let name = names[column], table.told(name, of: row) != nil else { return [] }
        let parts = row.list(name) ?? (row[name] ?? "").split(separator: ";").map(String.init)
        return parts.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    private func unexpected(_ column: Manifest.Column, _ row: Table.Row, _ expected: String) -> SegmentationError {
        table.unexpected(names[column] ?? column.rawValue, of: row, expected: expected)
    }
}

import XMLCoder

// The parts of SpreadsheetML (ECMA-376 part 1, section 18) that hold cell values. Elements are matched by their local
// names, whatever prefix the writer chose.

/// `xl/workbook.xml`: the sheets in the order of their tabs.
struct WorkbookXML: Decodable {
    struct Sheets: Decodable { var sheet: [Sheet] }

    struct Sheet: Decodable {
        var name: String
        var relationship: String

        enum CodingKeys: String, CodingKey {
            case name
            case relationship = "r:id"
        }
    }

    var sheets: Sheets
}

/// `xl/_rels/workbook.xml.rels`: which part of the archive a relationship means.
struct RelationshipsXML: Decodable {
    struct Relationship: Decodable {
        var id: String
        var type: String
        var target: String

        enum CodingKeys: String, CodingKey {
            case id = "Id"
            case type = "Type"
            case target = "Target"
        }
    }

    var relationships: [Relationship]

    enum CodingKeys: String, CodingKey {
        case relationships = "Relationship"
    }
}

/// A string that is plain (`t`) or made of formatted runs (`r`).
struct RichTextXML: Decodable {
    struct Run: Decodable { var t: String? }

    var t: String?
    var r: [Run]?

    var text: String { t ?? (r ?? []).map { $0.t ?? "" }.joined() }
}

/// `xl/sharedStrings.xml`.
struct SharedStringsXML: Decodable {
    var si: [RichTextXML]?
}

/// `xl/worksheets/sheetN.xml`.
struct WorksheetXML: Decodable {
    struct SheetData: Decodable { var row: [Row]? }

    struct Row: Decodable {
        /// Row number, from 1; may be left out.
        var r: Int?
        var c: [Cell]?
    }

    struct Cell: Decodable {
        /// Reference such as `B7`; may be left out.
        var r: String?
        /// Type of the value; a number where it is left out.
        var t: String?
        var v: String?
        var inline: RichTextXML?

        enum CodingKeys: String, CodingKey {
            case r, t, v
            case inline = "is"
        }
    }

    var sheetData: SheetData
}

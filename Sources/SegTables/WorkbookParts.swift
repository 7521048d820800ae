import Foundation
import SegCore
import SegFiles

/// The parts of a workbook's archive, and what leads from one to another.
///
/// - Source: ECMA-376 part 2 (packages, relationships) and part 1, section 18 (SpreadsheetML).
struct WorkbookParts: Sendable {
    struct Sheet: Sendable {
        var name: String
        var part: String
        var isHidden: Bool
    }

    let archive: ZipArchive
    /// Names of parts by their names in small letters: some writers refer to parts in another case.
    private let names: [String: String]
    private(set) var sheets: [Sheet] = []
    private(set) var sharedStringsPart: String?
    private(set) var stylesPart: String?
    /// Whether days count from 1904 instead of 1900.
    private(set) var countsFrom1904 = false

    /// - Throws: ``SegmentationError`` naming the file if it is not a workbook.
    init(_ archive: ZipArchive) throws {
        self.archive = archive
        names = Dictionary(archive.entryNames.map { ($0.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
        let root = try relationships(of: "")
        let book = root.first { $0.type.hasSuffix("/officeDocument") }?.target ?? "xl/workbook.xml"
        var listed: [(name: String, id: String, isHidden: Bool)] = []
        var isMac = false
        try walk(book) { element in
            switch element.name {
            case "sheet":
                let state = element["state"] ?? "visible"
                listed.append((element["name"] ?? "", element[":id"] ?? element["id"] ?? "", state != "visible"))
            case "workbookPr": isMac = ["1", "true", "on"].contains(element["date1904"] ?? "")
            default: break
            }
        }
        countsFrom1904 = isMac
        let links = try relationships(of: book)
        sheets = try listed.map { sheet in
            guard let part = links.first(where: { $0.id == sheet.id })?.target else {
                throw damaged("the sheet \(sheet.name) has no part")
            }
            return Sheet(name: sheet.name, part: part, isHidden: sheet.isHidden)
        }
        sharedStringsPart = links.first { $0.type.hasSuffix("/sharedStrings") }?.target
        stylesPart = links.first { $0.type.hasSuffix("/styles") }?.target
    }

    /// Parts of tables of a million cells are smaller; a few kilobytes can claim more.
    private static let largestPart = 32 << 20

    /// Walks through a part.
    ///
    /// - Throws: ``SegmentationError`` if it is missing or damaged; what the closures throw.
    func walk(
        _ part: String,
        begin: @escaping (SpreadsheetXML.Element) throws -> Void,
        end: @escaping (_ name: String, _ text: String) throws -> Void = { _, _ in }
    ) throws {
        guard let name = names[part.lowercased()], let data = try archive.contents(of: name, limit: Self.largestPart)
        else {
            throw damaged("its part \(part) is missing")
        }
        guard try SpreadsheetXML.walk(data, begin: begin, end: end) else {
            throw damaged("its part \(part) cannot be understood")
        }
    }

    func damaged(_ detail: String) -> SegmentationError {
        SegmentationError(
            archive.name,
            "the workbook is damaged: \(detail)",
            cure: "download it again, or save it again as .xlsx"
        )
    }

    /// What a part refers to; the empty part is the package.
    private func relationships(of part: String) throws -> [(id: String, type: String, target: String)] {
        let folder = part.split(separator: "/").dropLast().joined(separator: "/")
        let file = (folder.isEmpty ? "" : folder + "/") + "_rels/\(part.split(separator: "/").last ?? "").rels"
        guard names[file.lowercased()] != nil else {
            // The package's own may be missing; then the workbook lies where it always does.
            if part.isEmpty { return [] }
            throw damaged("its part \(names[part.lowercased()] == nil ? part : file) is missing")
        }
        var found: [(id: String, type: String, target: String)] = []
        try walk(file) { element in
            guard element.name == "Relationship", let id = element["Id"], let target = element["Target"] else { return }
            found.append((id, element["Type"] ?? "", Self.path(target, from: folder)))
        }
        return found
    }

    /// Targets are relative to the part's folder unless they begin with a slash.
    private static func path(_ target: String, from folder: String) -> String {
        let target = target.replacing("\\", with: "/")
        var parts = target.hasPrefix("/") ? [] : folder.split(separator: "/")
        for part in target.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return parts.joined(separator: "/")
    }
}

public import Foundation
import SegCore
import SegData
import SegFiles
import SegImageIO

extension CheckReport {
    /// The content of `check.json`: UTF-8, keys sorted, a newline at the end.
    public func jsonData() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        var data = try encoder.encode(self)
        data.append(UInt8(ascii: "\n"))
        return data
    }
}

extension CheckOutcome {
    /// Checks, before any work, that a check can be written to a folder, and takes the place of nothing but an earlier check.
    ///
    /// - Throws: ``SegmentationError`` naming the folder or the file.
    public static func requireRoom(in folder: URL) throws {
        try OutputPlace.requireFolder(folder)
        let report = folder.appending(path: reportName)
        let isOwn =
            (try? FileReading.contents(of: report)).map { data in
                (try? JSONDecoder().decode(CheckReport.self, from: data)) != nil
            } ?? false
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        for name in names.sorted() where name == reportName || isSheet(name) {
            try OutputPlace.require(folder.appending(path: name), for: "of an earlier check") { _ in isOwn }
        }
    }

    private static let reportName = "check.json"
    private static let sheetNames = ["contact-sheet", "problems"]

    private static func isSheet(_ name: String) -> Bool {
        guard name.hasSuffix(".png"), let stem = sheetNames.first(where: name.hasPrefix) else { return false }
        let page = name.dropFirst(stem.count).dropLast(4)
        return page.isEmpty || (page.first == "-" && Int(page.dropFirst()) != nil)
    }

    /// Writes `check.json`, the contact sheets and, if there are images with an error or a warning, sheets of these.
    ///
    /// Sheets after the first page are `contact-sheet-2.png` and so on. On the sheets of problems, duplicates stand
    /// next to each other.
    ///
    /// - Returns: the files' names.
    /// - Throws: ``SegmentationError`` naming the file that cannot be written.
    @discardableResult
    public func write(to folder: URL) throws -> [String] {
        try OutputPlace.requireFolder(folder)
        var names = [Self.reportName]
        try AtomicFile.write(report.jsonData(), to: folder.appending(path: names[0]))
        for (name, sheet) in zip(Self.sheetNames, [contactSheet, problemSheet]) {
            for page in 0..<sheet.pageCount {
                names.append(page == 0 ? "\(name).png" : "\(name)-\(page + 1).png")
                try sheet.page(page).write(to: folder.appending(path: names[names.count - 1]))
            }
        }
        return names
    }

    /// All images, in the order of the records.
    public var contactSheet: ContactSheet {
        let severities = severities
        return ContactSheet(pictures.map { .init($0, severity: severities[$0.record]) }, labels: labels)
    }

    /// Images with an error or a warning: clusters of duplicates first, each together.
    public var problemSheet: ContactSheet {
        let severities = severities
        let indices = Dictionary(
            pictures.enumerated().map { ($1.record, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        var order = report.duplicates.clusters.flatMap { $0.compactMap { indices[$0] } }
        let clustered = Set(order)
        order += pictures.indices.filter { !clustered.contains($0) }
        let tiles = order.compactMap { index -> ContactSheet.Tile? in
            let severity = severities[pictures[index].record]
            return severity == nil || severity == .note ? nil : .init(pictures[index], severity: severity)
        }
        return ContactSheet(tiles, labels: labels)
    }

    /// The worst severity of each record.
    private var severities: [RecordReference: CheckFinding.Severity] {
        var worst: [RecordReference: CheckFinding.Severity] = [:]
        // Errors come first.
        for finding in report.findings {
            for record in finding.records where worst[record] == nil { worst[record] = finding.severity }
        }
        return worst
    }
}

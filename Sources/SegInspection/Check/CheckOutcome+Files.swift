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
    /// Writes `check.json`, the contact sheets and, if there are images with an error or a warning, sheets of these.
    ///
    /// Sheets after the first page are `contact-sheet-2.png` and so on. On the sheets of problems, duplicates stand
    /// next to each other.
    ///
    /// - Returns: the files' names.
    /// Throws: ``SegmentationError`` naming the file that cannot be written.
    @discardableResult
    public func write(to folder: URL) throws -> [String] {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw SegmentationError(
                folder.path,
                "the folder cannot be made or written to",
                cure: "name an output folder that is writable and has room"
            )
        }
        var names = ["check.json"]
        try AtomicFile.write(report.jsonData(), to: folder.appending(path: names[0]))
        for (name, sheet) in [("contact-sheet", contactSheet), ("problems", problemSheet)] {
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
        return ContactSheet(pictures.map { .init($0, severity: severities[$0.record]) })
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
        return ContactSheet(tiles)
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

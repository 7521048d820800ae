public import Foundation
import SegCore
import SegFiles
import SwiftCSV

/// Reads tables of text: values separated by `,`, `;` or tab, with or without quotes and byte order mark, in UTF-8.
///
/// The separator is the first of the three in the first row.
public struct CSVReader: Sendable {
    /// The table's file, on the disk or in a zip archive.
    public let file: URL

    public init(file: URL) {
        self.file = file
    }

    /// The table, whose first row names the columns.
    ///
    /// Throws: ``SegmentationError`` naming the file if it is missing, not UTF-8, has a quote that does not close, a
    /// column twice, or a row with more values than there are columns.
    public func table() throws -> Table {
        guard let text = String(data: try FileReading.contents(of: file), encoding: .utf8) else {
            throw SegmentationError(file.path, "the table is not in UTF-8", cure: "save it anew as CSV in UTF-8")
        }
        // A quote that does not close would swallow the rest of the file as one value.
        guard text.utf8.count(where: { $0 == UInt8(ascii: "\"") }).isMultiple(of: 2) else {
            throw SegmentationError(
                file.path,
                "the table is damaged: a quotation mark does not close",
                cure: "restore the published file, or close the quotation"
            )
        }
        do {
            let csv = try EnumeratedCSV(string: text, loadColumns: false)
            return try Table(rows: [csv.header] + csv.rows, name: file.path)
        } catch let error as SegmentationError {
            throw error
        } catch {
            throw SegmentationError(
                file.path,
                "the table is damaged: something follows a closing quotation mark",
                cure: "restore the published file, or put quotation marks around whole values only"
            )
        }
    }
}

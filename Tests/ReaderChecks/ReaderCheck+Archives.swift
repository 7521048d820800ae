import Foundation
import SegCore
import SegDatasets
import SegFiles
import SegTables
import TestSupport

/// Zip archives and workbooks.
extension ReaderCheck {
    static func zip() -> ReaderCheck {
        let entries: [(name: String, bytes: [UInt8])] = [
            ("images/a.png", [1, 2, 3]), ("b.csv", [UInt8](repeating: 7, count: 300)),
        ]
        let seeds = [false, true].map { [UInt8](TestSupport.zip(entries, isDeflated: true, isWide: $0)) }
        let linked = TestSupport.zip(
            raw: [(Array("l".utf8), Array("./m".utf8)), (Array("m".utf8), [1])],
            flags: 0x800,
            links: [0]
        )
        return ReaderCheck(seeds: seeds + [[UInt8](linked)]) { bytes in
            let archive = try ZipArchive(Data(bytes), name: "a.zip")
            for name in archive.entryNames {
                do {
                    // A deflated byte is at most 1032.
                    let count = try archive.contents(of: name)?.count ?? 0
                    try Insane.unless(count <= 1032 * bytes.count, "\(name) has \(count) bytes")
                } catch is SegmentationError {
                    continue
                }
            }
        }
    }

    static func workbook(_ folder: URL) -> ReaderCheck {
        let file = folder.appending(path: "a.xlsx")
        let seeds = [false, true].map { [UInt8](TestSupport.zip(archived(parts), isDeflated: $0)) }
        return ReaderCheck(seeds: seeds) { try read(workbook: $0, at: file) }
    }

    /// The parts of a workbook one after another, with a zero between: behind the checksums of an archive, a reader sees
    /// nothing of the damage.
    static func sheet(_ folder: URL) -> ReaderCheck {
        let file = folder.appending(path: "a.xlsx")
        let seed = parts.map { Array($0.utf8) }.joined(separator: [0])
        return ReaderCheck(seeds: [Array(seed)]) { bytes in
            let texts = bytes.split(separator: 0, maxSplits: names.count - 1, omittingEmptySubsequences: false)
            let parts = Swift.zip(names, texts).map { (name: $0, bytes: Array($1)) }
            try read(workbook: [UInt8](TestSupport.zip(parts, isDeflated: false)), at: file)
        }
    }

    private static func read(workbook bytes: [UInt8], at file: URL) throws {
        try file.replace(by: bytes)
        let reader = try XLSXReader(file: file)
        for sheet in reader.sheetNames.indices {
            _ = try reader.rows(ofSheet: sheet)
            _ = try reader.table(ofSheet: sheet)
        }
    }

    private static let names = [
        "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/s.xml", "xl/sharedStrings.xml", "xl/styles.xml",
    ]

    private static func archived(_ parts: [String]) -> [(name: String, bytes: [UInt8])] {
        Swift.zip(names, parts).map { (name: $0, bytes: Array($1.utf8)) }
    }

    private static let parts = [
        """
        <workbook xmlns:r="r"><workbookPr date1904="0"/><sheets><sheet name="S" r:id="a"/></sheets></workbook>
        """,
        """
        <?xml version="1.0" encoding="UTF-8"?><Relationships><Relationship Id="a" Type="/worksheet" Target="s.xml"/>\
        <Relationship Id="b" Type="/sharedStrings" Target="/xl/sharedStrings.xml"/>\
        <Relationship Id="c" Type="/styles" Target="styles.xml"/></Relationships>
        """,
        """
        <worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>A</t></is></c><c r="B1" t="s"><v>0</v></c></row>\
        <row r="2"><c r="A2" s="1"><f>1</f><v>45275.5</v></c><c t="b"><v>1</v></c></row><row><c><v>1E3</v></c></row>\
        </sheetData><mergeCells><mergeCell ref="A2:B9"/></mergeCells></worksheet>
        """,
        "<sst><si><t>B_x0041_</t></si><si><r><t>x</t></r><rPh><t>y</t></rPh></si></sst>",
        """
        <styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>\
        <cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/></cellXfs></styleSheet>
        """,
    ]
}

import Foundation
import SegFiles
import SegResults

/// Reads what is known of a training; `nil` if there is nothing or it is damaged: then it is made again.
func readCell<Cell: Decodable>(_ file: URL) -> Cell? {
    guard let data = try? Data(contentsOf: file) else { return nil }
    return try? StudyResults.decoded(Cell.self, from: data)
}

func writeCell(_ cell: some Encodable, to file: URL) throws {
    try AtomicFile.write(encodedCell(cell), to: file)
}

func encodedCell(_ cell: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy =
        .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try encoder.encode(cell)
}

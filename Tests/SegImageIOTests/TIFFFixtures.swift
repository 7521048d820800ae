import Foundation
import SegImageIO
import Testing

/// A committed TIFF and what other readers read from it; the generator beside the tests writes both.
struct TIFFFixture: Decodable, Sendable, CustomTestStringConvertible {
    struct Page: Decodable, Sendable {
        enum Format: String, Decodable {
            case unsigned
            case signed
            case float
        }

        var width: Int
        var height: Int
        var channels: Int
        var bits: Int
        var format: Format
        var samples: [Double]
        var tolerance: Double?
        var alpha: String?
        var palette: [UInt16]?
        /// mm.
        var spacing: [Double]?
        var sliceSpacing: Double?
    }

    var file: String
    var pages: [Page]
    /// A word of the error, for a file of a kind that is not read.
    var refusal: String?

    var testDescription: String { file }
    var url: URL { Self.folder.appending(path: "\(file).tif") }

    static let folder = fixtures.appending(path: "TIFF")

    static let all: [TIFFFixture] = {
        do {
            let data = try Data(contentsOf: fixtures.appending(path: "tiff.json"))
            return try JSONDecoder().decode([TIFFFixture].self, from: data)
        } catch {
            fatalError("the fixtures cannot be read: \(error)")
        }
    }()

    static let readable = all.filter { $0.refusal == nil }

    static func named(_ file: String) throws -> TIFFFixture { try #require(all.first { $0.file == file }) }
}

/// The folder of committed files.
let fixtures = Bundle.module.bundleURL.appending(path: "Fixtures")

extension TIFFImage.Samples {
    /// The samples as numbers.
    var numbers: [Double] {
        switch self {
        case .unsigned8(let values): values.map(Double.init)
        case .unsigned16(let values): values.map(Double.init)
        case .unsigned32(let values): values.map(Double.init)
        case .signed8(let values): values.map(Double.init)
        case .signed16(let values): values.map(Double.init)
        case .signed32(let values): values.map(Double.init)
        case .float32(let values): values.map(Double.init)
        case .float64(let values): values
        }
    }

    var format: TIFFFixture.Page.Format {
        switch self {
        case .unsigned8, .unsigned16, .unsigned32: .unsigned
        case .signed8, .signed16, .signed32: .signed
        case .float32, .float64: .float
        }
    }
}

import Foundation
public import SegCore
import SegFiles
import SegTables

extension BUSI {
    /// Which images of BUSI are listed. In a configuration: `curated: true`, or `curated: <path of a list>`.
    public enum Selection: Hashable, Sendable {
        /// All 780.
        case all
        /// The 450 of `mapping_curated_BUSI.csv`, in the data set's folder, or in a folder `extras` there.
        case curated
        /// Those of a table with the columns `class` and `id`: `benign;20` is `benign (20)`. A relative path is taken
        /// from the data set's folder.
        case listed(path: String)
    }

    /// What a configuration can set of BUSI.
    public struct Settings: PluginSettings, Hashable, ExplainedSettings {
        /// Whether only the images of the published keep-list are listed; or the path of another such list.
        public var curated = Selection.all

        public static let meanings: [String: SettingMeaning] = [
            "curated": "Whether only the images of the published keep-list are listed; or the path of another such list"
        ]

        public init() {}
    }

    static let keepListName = "mapping_curated_BUSI.csv"

    /// The table of images to keep; `nil` for all.
    func keepList(root: URL) throws -> Table? {
        switch selection {
        case .all: return nil
        case .listed(let path):
            let file = path.hasPrefix("/") ? URL(fileURLWithPath: path) : folder.appendingPathComponent(path)
            return try CSVReader(file: file).table()
        case .curated:
            let parents = [folder, root, root.deletingLastPathComponent()]
            let places = parents.flatMap { [$0.appendingPathComponent("extras"), $0] }
            let files = places.map { $0.appendingPathComponent(Self.keepListName) }
            guard let file = files.first(where: FileReading.isFile) else {
                throw SegmentationError(
                    files[0].path,
                    "the keep-list of curated images is missing",
                    cure: "put \(Self.keepListName) there, or give its path: `curated: <path>`"
                )
            }
            return try CSVReader(file: file).table()
        }
    }

    /// The records that a keep-list names, in the records' order.
    static func records(_ records: [SampleRecord], listedIn table: Table) throws -> [SampleRecord] {
        try table.require(columns: ["class", "id"])
        let known = Set(records.map(\.id))
        var kept: Set<String> = []
        for row in table.rows {
            let pathology = try table.pathology("class", of: row)
            let id = "\(pathology.rawValue) (\(try table.value("id", of: row)))"
            guard known.contains(id) else {
                throw table.unexpected("id", of: row, expected: "the number of an image; there is no \(id)")
            }
            guard kept.insert(id).inserted else {
                throw table.unexpected("id", of: row, expected: "listed once; \(id) is listed before")
            }
        }
        guard !kept.isEmpty else {
            throw SegmentationError(table.name, "the keep-list is empty", cure: "restore the published file")
        }
        return records.filter { kept.contains($0.id) }
    }
}

extension BUSI.Selection: NamedSettingType {
    public static var typeName: String { "true or false, or path" }
}

extension BUSI.Selection: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let isCurated = try? container.decode(Bool.self) {
            self = isCurated ? .curated : .all
            return
        }
        guard let path = try? container.decode(String.self), !path.isEmpty else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "is neither true, false nor the path of a list of images"
            )
        }
        self = .listed(path: path)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .all: try container.encode(false)
        case .curated: try container.encode(true)
        case .listed(let path): try container.encode(path)
        }
    }
}

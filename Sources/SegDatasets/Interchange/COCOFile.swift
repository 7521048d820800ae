import SegCore
import SegSettings

/// The parts of a COCO annotation file that segmentation needs.
struct COCOFile: Decodable, Sendable {
    struct Category: Decodable {
        var id: COCOIdentifier
        var name: String
    }

    struct Annotation: Decodable {
        var id: COCOIdentifier?
        var image: COCOIdentifier
        var category: COCOIdentifier
        var outline: COCOOutline?

        enum CodingKeys: String, CodingKey {
            case id
            case image = "image_id"
            case category = "category_id"
            case outline = "segmentation"
        }
    }

    /// An image with all its fields.
    struct Image: Decodable {
        var id: COCOIdentifier
        var fileName: String
        var width: Int?
        var height: Int?
        var fields: [String: ConfigurationValue]

        enum CodingKeys: String, CodingKey {
            case id, width, height
            case fileName = "file_name"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            id = try container.decode(COCOIdentifier.self, forKey: .id)
            fileName = try container.decode(String.self, forKey: .fileName)
            width = try container.decodeIfPresent(Int.self, forKey: .width)
            height = try container.decodeIfPresent(Int.self, forKey: .height)
            fields = try decoder.singleValueContainer().decode([String: ConfigurationValue].self)
        }
    }

    var images: [Image]
    var annotations: [Annotation]
    var categories: [Category]
}

/// An id, which is a number in most files and a text in some.
struct COCOIdentifier: Decodable, Hashable, Sendable, CustomStringConvertible {
    let description: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int.self) {
            description = String(number)
        } else {
            description = try container.decode(String.self)
        }
    }
}

/// The outline of an object.
enum COCOOutline: Decodable, Hashable, Sendable {
    /// Corners as x and y in turn; an object may have several parts.
    case polygons([[Double]])
    case runs(RunLengths)
    /// Packed text that is damaged.
    case damaged

    private enum CodingKeys: String, CodingKey {
        case size, counts
    }

    init(from decoder: any Decoder) throws {
        guard let container = try? decoder.container(keyedBy: CodingKeys.self) else {
            self = .polygons(try decoder.singleValueContainer().decode([[Double]].self))
            return
        }
        // Height first.
        let size = try container.decode([Int].self, forKey: .size)
        guard size.count == 2 else {
            self = .damaged
            return
        }
        if let counts = try? container.decode([Int].self, forKey: .counts) {
            self = .runs(RunLengths(width: size[1], height: size[0], counts: counts))
        } else {
            let text = try container.decode(String.self, forKey: .counts)
            let runs = RunLengths(width: size[1], height: size[0], packed: text)
            self = runs.map { .runs($0) } ?? .damaged
        }
    }
}

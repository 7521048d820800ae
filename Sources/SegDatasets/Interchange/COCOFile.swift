import Foundation
import SegCore
import SegTables

/// The parts of a COCO annotation file that segmentation needs.
struct COCOFile: Sendable {
    struct Category {
        var id: String
        var name: String
    }

    /// An object of an image.
    struct Annotation {
        /// As messages show it: `annotation 7`.
        var title: String
        var image: String
        var category: String
        var outline: COCOOutline
        /// Left, top, width and height, px, as the file states them.
        var box: [Double]?
        /// The object's area, px, as the file states it.
        var area: Double?
    }

    /// An image with all its fields.
    struct Image {
        var id: String
        var fileName: String
        var width: Int?
        var height: Int?
        var fields: [String: JSONValue]
    }

    var images: [Image]
    var annotations: [Annotation]
    var categories: [Category]

    /// - Throws: ``SegmentationError`` naming the file and the place that is not as COCO has it.
    init(_ file: URL) throws {
        let reader = COCOReader(content: try JSONValue.read(file), file: file)
        images = try reader.list("images").map { try reader.image($0, at: $1) }
        categories = try reader.list("categories").map { value, place in
            Category(
                id: try reader.required("id", of: value, at: place).value(\.name),
                name: try reader.required("name", of: value, at: place).value(\.written)
            )
        }
        annotations = try reader.list("annotations").enumerated().map { index, item in
            try reader.annotation(item.value, at: item.place, number: index + 1)
        }
    }
}

/// The outline of an object.
enum COCOOutline: Hashable, Sendable {
    /// Corners as x and y in turn; an object may have several parts.
    case polygons([[Double]])
    case runs(RunLengths)
    /// Packed text that is damaged, or a size that is not one.
    case damaged
    /// The file has no outline here.
    case missing
}

/// Takes an annotation file apart.
private struct COCOReader {
    let content: JSONValue
    let file: URL

    /// A member of an object that must be there, of the right kind.
    struct Member {
        var json: JSONValue
        var problem: SegmentationError

        func value<Value>(_ path: (JSONValue) -> Value?) throws -> Value {
            guard let value = path(json) else { throw problem }
            return value
        }
    }

    /// The JSON is sound, but not as COCO has it.
    private func unlike(_ detail: String) -> SegmentationError {
        SegmentationError(
            file.path,
            "this is not valid COCO: \(detail)",
            cure: "export the annotations again as COCO (object detection, with polygons or run lengths)"
        )
    }

    func list(_ key: String) throws -> [(value: JSONValue, place: String)] {
        guard let list = content[key] else {
            let keys = content.members?.keys.sorted() ?? []
            throw SegmentationError(
                file.path,
                "this is not a COCO file: it lacks the key \(key)"
                    + (keys.isEmpty
                        ? ""
                        : "; it has \(keys.prefix(6).joined(separator: ", "))\(keys.count > 6 ? " and others" : "")"),
                cure: "export the annotations as COCO (object detection, with polygons or run lengths)"
            )
        }
        guard let values = list.list else { throw unlike("\(key) is not a list") }
        return values.enumerated().map { ($1, "\(key)[\($0)]") }
    }

    func required(_ key: String, of value: JSONValue, at place: String) throws -> Member {
        guard let json = value[key] else { throw unlike("\(place) lacks \(key)") }
        return Member(json: json, problem: unlike("\(place).\(key) is neither a text nor a number"))
    }

    func image(_ value: JSONValue, at place: String) throws -> COCOFile.Image {
        COCOFile.Image(
            id: try required("id", of: value, at: place).value(\.name),
            fileName: try required("file_name", of: value, at: place).value(\.written),
            width: value["width"]?.integer,
            height: value["height"]?.integer,
            fields: value.members ?? [:]
        )
    }

    func annotation(_ value: JSONValue, at place: String, number: Int) throws -> COCOFile.Annotation {
        let box = value["bbox"]?.list?.compactMap(\.number)
        return COCOFile.Annotation(
            title: "annotation \(value["id"]?.name ?? "number \(number)")",
            image: try required("image_id", of: value, at: place).value(\.name),
            category: try required("category_id", of: value, at: place).value(\.name),
            outline: try outline(value["segmentation"], at: place),
            box: box?.count == 4 ? box : nil,
            area: value["area"]?.number
        )
    }

    private func outline(_ value: JSONValue?, at place: String) throws -> COCOOutline {
        guard let value else { return .missing }
        if value.written?.isEmpty == false {
            throw unlike(
                "\(place).segmentation is text or a number, where a list of polygons or run lengths is expected"
            )
        }
        if let parts = value.list {
            // Some programs write one polygon without the list around it.
            if !parts.isEmpty, parts.allSatisfy({ $0.number != nil }) { return .polygons([parts.compactMap(\.number)]) }
            let polygons = try parts.map { part in
                guard let points = part.list, points.allSatisfy({ $0.number != nil }) else {
                    throw unlike("\(place).segmentation is neither a list of polygons nor run lengths")
                }
                return points.compactMap(\.number)
            }
            return .polygons(polygons)
        }
        guard let size = value["size"]?.list?.compactMap(\.integer), size.count == 2, let counts = value["counts"]
        else {
            return value.members == nil ? .missing : .damaged
        }
        // Height first.
        if let numbers = counts.list {
            let runs = numbers.compactMap(\.integer)
            return runs.count == numbers.count
                ? .runs(RunLengths(width: size[1], height: size[0], counts: runs)) : .damaged
        }
        return RunLengths(width: size[1], height: size[0], packed: counts.written ?? "~").map { .runs($0) } ?? .damaged
    }
}

import Foundation
import SegCore
import SegFiles

/// Checks that an annotation file's parts fit each other.
struct COCOCheck {
    var content: COCOFile
    var file: URL
    var settings: COCO.Settings

    /// The outlines of each image's lesions, by the record's id.
    ///
    /// Throws: ``SegmentationError`` naming the annotation that is without outline, image or category, and a category
    /// of the settings that the file lacks.
    func outlines() throws -> [String: [COCOOutline]] {
        let images = Dictionary(content.images.map { ($0.id, $0.fileName) }) { first, _ in first }
        guard images.count == content.images.count else { throw Self.damaged(file, "two images have one id") }
        let categories = Dictionary(content.categories.map { ($0.id, $0.name) }) { first, _ in first }
        if let unknown = settings.categories.texts.first(where: { !categories.values.contains($0) }) {
            let names = categories.values.naturallySorted().joined(separator: ", ")
            throw SegmentationError(file.path, "there is no category \(unknown)", cure: "use one of: \(names)")
        }
        var result: [String: [COCOOutline]] = [:]
        for (index, annotation) in content.annotations.enumerated() {
            let name = "annotation \(annotation.id?.description ?? "number \(index + 1)")"
            guard let image = images[annotation.image] else {
                throw Self.damaged(file, "\(name) is of the image \(annotation.image), which is not listed")
            }
            guard let category = categories[annotation.category] else {
                throw Self.damaged(file, "\(name) is of the category \(annotation.category), which is not listed")
            }
            guard settings.isLesion(category) else { continue }
            let id = (image as NSString).deletingPathExtension
            result[id, default: []].append(try check(annotation.outline, name: name))
        }
        return result
    }

    private func check(_ outline: COCOOutline?, name: String) throws -> COCOOutline {
        switch outline {
        case .polygons(let polygons)? where !polygons.isEmpty:
            guard
                polygons.allSatisfy({ $0.count >= 6 && $0.count.isMultiple(of: 2) && $0.allSatisfy(\.isFinite) })
            else { throw Self.damaged(file, "a polygon of \(name) has no three corners") }
            return .polygons(polygons)
        case .runs(let runs)?:
            guard runs.mask != nil else { throw Self.damaged(file, "the run lengths of \(name) do not fill its mask") }
            return .runs(runs)
        case .damaged?: throw Self.damaged(file, "the run lengths of \(name) cannot be read")
        case .polygons?, nil: throw Self.damaged(file, "\(name) has no outline")
        }
    }

    static func damaged(_ file: URL, _ detail: String) -> SegmentationError {
        SegmentationError(file.path, detail, cure: "restore the annotation file, or correct it there")
    }
}

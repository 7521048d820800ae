import Foundation
import SegCore
import SegFiles

/// Checks that an annotation file's parts fit each other, before any image is read.
struct COCOCheck {
    var content: COCOFile
    var file: URL
    var settings: COCO.Settings

    /// The outlines of an image's lesions, and what is doubtful about them.
    struct Lesions: Sendable {
        var outlines: [COCOOutline] = []
        /// The category of each outline.
        var categories: [String] = []
        var doubts: [String] = []
    }

    /// What an annotation is without.
    private struct Empty {
        var title: String
        var reason: String
    }

    /// The lesions of each image, by the record's id.
    ///
    /// - Throws: ``SegmentationError`` naming the annotations without image or category, all that are without an
    ///   outline, and a category of the settings that the file lacks.
    func lesions() throws -> [String: Lesions] {
        let images = Dictionary(content.images.map { ($0.id, $0) }) { first, _ in first }
        guard images.count == content.images.count else { throw Self.damaged(file, "two images have one id") }
        let categories = Dictionary(content.categories.map { ($0.id, $0.name) }) { first, _ in first }
        guard categories.count == content.categories.count else {
            throw Self.damaged(file, "two categories have one id")
        }
        let wanted = settings.categories.texts
        if let unknown = wanted.first(where: { name in !categories.values.contains { COCO.Settings.isSame($0, name) } })
        {
            throw SegmentationError.unknown("category", called: unknown, at: file.path, among: Set(categories.values))
        }
        var result: [String: Lesions] = [:]
        var empty: [Empty] = []
        for annotation in content.annotations {
            guard let image = images[annotation.image] else {
                throw Self.damaged(file, "\(annotation.title) is of the image \(annotation.image), which is not listed")
            }
            guard let category = categories[annotation.category] else {
                throw Self.damaged(
                    file,
                    "\(annotation.title) is of the category \(annotation.category), which is not listed"
                )
            }
            guard settings.isLesion(category) else { continue }
            let id = (image.fileName as NSString).deletingPathExtension
            switch try check(annotation, of: image) {
            case .success(let (outline, doubts)):
                result[id, default: Lesions()].outlines.append(outline)
                result[id]?.categories.append(category)
                result[id]?.doubts += doubts
            case .failure(let reason):
                empty.append(Empty(title: annotation.title, reason: reason.text))
                if settings.emptyObjects == .skip {
                    result[id, default: Lesions()].doubts.append("\(annotation.title) \(reason.text), and is left out")
                }
            }
        }
        if settings.emptyObjects == .error { try requireNone(empty) }
        if let doubt = joinedDoubt(result.values.flatMap(\.categories)),
            let first = content.images.lazy.map({ ($0.fileName as NSString).deletingPathExtension })
                .first(where: { result[$0]?.outlines.isEmpty == false })
        {
            result[first]?.doubts.append(doubt)
        }
        return result
    }

    /// Categories that become one lesion although nobody said that they are lesions: `lesion` and `nipple`.
    private func joinedDoubt(_ categories: [String]) -> String? {
        let names = Set(categories)
        guard settings.categories.texts.isEmpty, names.count > 1,
            names.contains(where: { settings.pathology(of: [$0]) == nil })
        else { return nil }
        return
            "the categories \(StoredMask.list(names.naturallySorted())) all count as lesion; list the ones that are lesions in "
            + "`categories`, and those of each class in `benign` and `malignant`"
    }

    private func requireNone(_ empty: [Empty]) throws {
        guard !empty.isEmpty else { return }
        guard empty.count < content.annotations.count || empty.contains(where: { $0.reason != Self.noOutline }) else {
            throw SegmentationError(
                file.path,
                "none of its \(empty.count == 1 ? "annotations" : "\(empty.count) annotations") has an outline: "
                    + "`segmentation` is missing or empty",
                cure: "export the annotations with polygons or run lengths; boxes and key points alone make no masks"
            )
        }
        let shown = empty.prefix(6).map { "\($0.title) \($0.reason)" }.joined(separator: "; ")
        throw SegmentationError(
            file.path,
            shown + (empty.count > 6 ? "; and \(empty.count - 6) more" : ""),
            cure: "correct them in the annotation tool, or leave such objects out: `emptyObjects: skip`"
        )
    }

    private static let noOutline = "has no outline"

    /// Why an object is empty.
    private struct Reason: Error {
        var text: String
    }

    private func check(
        _ annotation: COCOFile.Annotation,
        of image: COCOFile.Image
    ) throws -> Result<(COCOOutline, [String]), Reason> {
        let title = annotation.title
        switch annotation.outline {
        case .missing: return .failure(Reason(text: Self.noOutline))
        case .damaged: throw Self.damaged(file, "the run lengths of \(title) cannot be read")
        case .polygons(let polygons):
            guard !polygons.isEmpty else { return .failure(Reason(text: Self.noOutline)) }
            if let odd = polygons.first(where: { !$0.count.isMultiple(of: 2) }) {
                throw Self.damaged(
                    file,
                    "a polygon of \(title) does not have three corners: it has \(odd.count) numbers"
                )
            }
            if polygons.joined().contains(where: { !($0.magnitude <= Self.farthest) }) {
                throw Self.damaged(file, "a polygon of \(title) lies farther out than any image reaches")
            }
            let whole = polygons.filter { $0.count >= 6 && Self.area(of: $0) > 0 }
            guard !whole.isEmpty else {
                let corners = (polygons.map(\.count).max() ?? 0) / 2
                return .failure(
                    Reason(
                        text: corners < 3
                            ? "has \(corners == 1 ? "one corner" : "\(corners) corners") only"
                            : "does not enclose anything"
                    )
                )
            }
            var doubts = polygonDoubts(whole, annotation)
            if whole.count < polygons.count {
                doubts.append("a part of \(title) does not enclose anything, and is left out")
            }
            return .success((.polygons(whole), doubts))
        case .runs(let runs):
            guard runs.hasPossibleSize else {
                throw Self.damaged(file, "the run lengths of \(title) claim \(runs.width)×\(runs.height) px")
            }
            if let width = image.width, let height = image.height, (width, height) != (runs.width, runs.height) {
                throw SegmentationError(
                    file.path,
                    "the mask of \(title) is \(runs.width)×\(runs.height) px, but the file says that its image has "
                        + "\(width)×\(height) px",
                    cure: "restore the annotation file, or correct it there",
                    trouble: .maskSize
                )
            }
            guard runs.fillMask else { throw Self.damaged(file, "the run lengths of \(title) do not fill its mask") }
            guard runs.area > 0 else { return .failure(Reason(text: "marks no pixel")) }
            return .success(directed(runs, annotation))
        }
    }

    /// Runs by columns, as COCO has them; by rows where only so they fit the box that the file states.
    private func directed(_ runs: RunLengths, _ annotation: COCOFile.Annotation) -> (COCOOutline, [String]) {
        var doubts: [String] = []
        var runs = runs
        if let box = annotation.box, let columns = runs.box(byRows: false), let rows = runs.box(byRows: true) {
            let fits = (columns: Self.areAlike(columns, box), rows: Self.areAlike(rows, box))
            if !fits.columns && fits.rows {
                runs.isByRows = true
                doubts.append(
                    "the run lengths of \(annotation.title) run by rows, as its bounding box shows, and are read so"
                )
            } else if !fits.columns {
                doubts.append(boxDoubt(annotation.title, stated: box, drawn: columns))
            }
        }
        if let area = annotation.area, !Self.areAlike(area, Double(runs.area)) {
            doubts.append(areaDoubt(annotation.title, stated: area, drawn: Double(runs.area)))
        }
        return (.runs(runs), doubts)
    }

    private func polygonDoubts(_ polygons: [[Double]], _ annotation: COCOFile.Annotation) -> [String] {
        var doubts: [String] = []
        let drawn = Self.box(of: polygons)
        if let box = annotation.box, !Self.areAlike(box, drawn) {
            doubts.append(boxDoubt(annotation.title, stated: box, drawn: drawn))
        }
        let area = polygons.reduce(0) { $0 + Self.area(of: $1) }
        // Parts may overlap, and then the sum of their areas says little.
        if polygons.count == 1, let stated = annotation.area, !Self.areAlike(stated, area) {
            doubts.append(areaDoubt(annotation.title, stated: stated, drawn: area))
        }
        return doubts
    }

    private func boxDoubt(_ title: String, stated: [Double], drawn: [Double]) -> String {
        func text(_ box: [Double]) -> String {
            "[" + box.map(Self.brief).joined(separator: ", ") + "]"
        }
        return "the file says that the box of \(title) is \(text(stated)), but its outline's is \(text(drawn))"
    }

    private func areaDoubt(_ title: String, stated: Double, drawn: Double) -> String {
        "the file says that \(title) covers \(Self.brief(stated)) px, but its outline encloses \(Self.brief(drawn))"
    }

    /// Up to six digits.
    static func brief(_ number: Double) -> String { String(format: "%g", number) }

    /// No image is wider; numbers beyond it are not places.
    private static let farthest = 1e6

    /// Within two pixels, or a twentieth of the object: programs count a box's last pixel or not, and round.
    private static func areAlike(_ first: [Double], _ second: [Double]) -> Bool {
        let slack = max(2, 0.05 * max(first[2], first[3], second[2], second[3]))
        return zip(first, second).allSatisfy { abs($0 - $1) <= slack }
    }

    /// Areas of outlines and of pixels differ by about half the outline's length.
    private static func areAlike(_ first: Double, _ second: Double) -> Bool {
        abs(first - second) <= max(16, 0.2 * max(first, second))
    }

    /// Left, top, width and height.
    static func box(of polygons: [[Double]]) -> [Double] {
        var (left, top, right, bottom) = (Double.infinity, Double.infinity, -Double.infinity, -Double.infinity)
        for polygon in polygons {
            for index in stride(from: 0, to: polygon.count - 1, by: 2) {
                (left, right) = (min(left, polygon[index]), max(right, polygon[index]))
                (top, bottom) = (min(top, polygon[index + 1]), max(bottom, polygon[index + 1]))
            }
        }
        return [left, top, right - left, bottom - top]
    }

    /// The area that a polygon encloses, by the shoelace formula.
    static func area(of points: [Double]) -> Double {
        let count = points.count / 2
        let twice = (0..<count).reduce(0.0) { sum, index in
            let next = (index + 1) % count
            return sum + points[2 * index] * points[2 * next + 1] - points[2 * next] * points[2 * index + 1]
        }
        return abs(twice) / 2
    }

    static func damaged(_ file: URL, _ detail: String) -> SegmentationError {
        SegmentationError(file.path, detail, cure: "restore the annotation file, or correct it there")
    }
}

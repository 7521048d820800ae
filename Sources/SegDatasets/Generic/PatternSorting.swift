import Foundation
import SegCore

/// Which of the files below a folder are images, and which masks belong to them.
struct PatternSorting {
    struct Image {
        var path: String
        var values: PathPattern.Values
        var masks: [String] = []
        /// Masks of further labels, by the label's name.
        var labels: [String: [String]] = [:]
    }

    private(set) var images: [Image]

    /// Throws: ``SegmentationError`` naming a mask without an image or with several, and a picture that fits no pattern.
    init(paths: [String], layout: FolderPattern.Layout, folder: URL) throws {
        let paths = paths.filter { path in !layout.ignored.contains { !$0.matches(path).isEmpty } }
        // Where masks lie beside their images, a mask's name may fit the images' pattern as well.
        let fitting = paths.compactMap { path in layout.image.matches(path).first.map { Image(path: path, values: $0) }
        }
        let own = Dictionary(uniqueKeysWithValues: fitting.map { ($0.path, $0.values) })
        var owners: [String: [PathPattern.Values]] = [:]
        var labels: [String: String] = [:]
        for path in paths {
            // The pattern of a label is the closer one: `{id}_mask*.png` fits `1_mask_other.png` as well.
            let labelled = layout.labelMasks.lazy.map { label in
                (name: label.name, matches: label.patterns.flatMap { $0.matches(path) })
            }
            .first { !$0.matches.isEmpty }
            let matches = labelled?.matches ?? layout.masks.flatMap { $0.matches(path) }
            if matches.isEmpty { continue }
            // Its own mask is nobody's: `{id}*.png` fits the image itself.
            if let values = own[path], matches.contains(where: { Self.agree($0, values) }) { continue }
            owners[path] = matches
            labels[path] = labelled?.name
        }
        images = fitting.filter { owners[$0.path] == nil }
        guard !images.isEmpty else {
            if let damage = DatasetFolder.damage(below: folder) { throw damage }
            throw SegmentationError(
                folder.path,
                "no image fits the pattern `\(layout.image.text)`"
                    + (fitting.isEmpty ? "" : " that is not a mask by the patterns of masks"),
                cure: DatasetFolder.packed(below: folder).map { "unpack \($0), and give the folder" }
                    ?? "correct the pattern; it is taken from this folder"
                    + (paths.first.map { ", in which there is \($0)" } ?? ", in which there is no PNG or TIFF file")
            )
        }
        let byID = Dictionary(grouping: images.indices) { images[$0].values[.id] ?? "" }
        for path in paths {
            guard let matches = owners[path] else { continue }
            let candidates = matches.flatMap { match in
                (byID[match[.id] ?? ""] ?? []).filter { Self.agree(match, images[$0].values) }
            }
            let file = folder.appendingPathComponent(path).path
            guard let owner = candidates.first else {
                throw SegmentationError(
                    file,
                    "the mask belongs to no image by the pattern `\(layout.image.text)`",
                    cure: "restore its image, move it elsewhere, or correct the patterns"
                )
            }
            if let other = candidates.first(where: { $0 != owner }) {
                throw SegmentationError(
                    file,
                    "the mask fits both \(images[owner].path) and \(images[other].path)",
                    cure: "put something between {id} and * in the pattern, as in `{id}_mask*.png`"
                )
            }
            if let label = labels[path] {
                images[owner].labels[label, default: []].append(path)
            } else {
                images[owner].masks.append(path)
            }
        }
        try Self.requireNoStrangers(among: paths, known: Set(images.map(\.path)).union(owners.keys), folder: folder)
    }

    /// Whether a mask's placeholders stand for what they stand for in an image's path.
    private static func agree(_ mask: PathPattern.Values, _ image: PathPattern.Values) -> Bool {
        mask.allSatisfy { image[$0.key] == $0.value }
    }

    private static let pictureExtensions: Set<String> = ["png", "tif", "tiff", "jpg", "jpeg", "bmp", "gif"]

    /// Pictures that lie beside images or masks should be one of these.
    private static func requireNoStrangers(among paths: [String], known: Set<String>, folder: URL) throws {
        func parent(_ path: String) -> String { (path as NSString).deletingLastPathComponent }
        let folders = Set(known.map(parent))
        let stranger = paths.first { path in
            !known.contains(path) && folders.contains(parent(path))
                && pictureExtensions.contains((path as NSString).pathExtension.lowercased())
        }
        if let stranger {
            throw SegmentationError(
                folder.appendingPathComponent(stranger).path,
                "the picture fits neither the pattern of images nor those of masks",
                cure: "correct the patterns, move it elsewhere, or name it in `ignore`"
            )
        }
    }
}

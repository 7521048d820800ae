import Foundation
import SegCore
import SegFiles

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

    /// - Throws: ``SegmentationError`` naming a mask without an image or with several, and a picture that fits no
    ///   pattern.
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
            let labeled = layout.labelMasks.lazy.map { label in
                (name: label.name, matches: label.patterns.flatMap { $0.matches(path) })
            }
            .first { !$0.matches.isEmpty }
            let matches = labeled?.matches ?? layout.masks.flatMap { $0.matches(path) }
            if matches.isEmpty { continue }
            // Its own mask is nobody's: `{id}*.png` fits the image itself.
            if let values = own[path], matches.contains(where: { Self.agree($0, values) }) { continue }
            owners[path] = matches
            labels[path] = labeled?.name
        }
        images = fitting.filter { owners[$0.path] == nil }
        guard !images.isEmpty else {
            if let damage = DatasetFolder.damage(below: folder) { throw damage }
            throw SegmentationError(
                folder.path,
                "no image fits the pattern `\(layout.image.text)`"
                    + (fitting.isEmpty ? "" : " that is not a mask by the patterns of masks"),
                cure: Self.foreign((paths.first ?? Self.anyPicture(below: folder)))
                    ?? DatasetFolder.packed(below: folder).map { "unpack \($0), and give the folder" }
                    ?? "correct the pattern; it is taken from this folder"
                    + ((paths.first ?? Self.anyPicture(below: folder)).map { ", in which there is \($0)" }
                        ?? ", in which there is no picture")
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
        let known = Set(images.map(\.path)).union(owners.keys)
        let deeper = layout.reachesAnyDepth ? [] : try Self.pictures(below: known, folder: folder, layout.ignored)
        try Self.requireNoStrangers(among: paths + deeper, known: known, folder: folder)
    }

    /// The path of a picture somewhere below a folder; the nearest ones are looked for first.
    /// What to do about a picture of a format that is not read; `nil` for others.
    private static func foreign(_ path: String?) -> String? {
        guard let path, PictureNames.areForeign(path) else { return nil }
        return "convert the images to PNG or TIFF: \(path) is of a format that is not read"
    }

    private static func anyPicture(below folder: URL) -> String? {
        var level = [(path: "", place: folder)]
        for _ in 0..<6 where !level.isEmpty {
            var next: [(path: String, place: URL)] = []
            for (path, place) in level.prefix(200) {
                guard let listing = try? FolderListing(place) else { continue }
                if let file = listing.files.first(where: { PictureNames.contain($0.lastPathComponent) }) {
                    return path + file.lastPathComponent
                }
                next += listing.folders.map { ("\(path)\($0.lastPathComponent)/", $0) }
            }
            level = next
        }
        return nil
    }

    /// Whether a mask's placeholders stand for what they stand for in an image's path.
    private static func agree(_ mask: PathPattern.Values, _ image: PathPattern.Values) -> Bool {
        mask.allSatisfy { image[$0.key] == $0.value }
    }

    /// Pictures in folders that lie in those of images and masks: deeper than any pattern reaches.
    private static func pictures(below known: Set<String>, folder: URL, _ ignored: [PathPattern]) throws -> [String] {
        let folders = Set(known.map(parent))
        return try folders.filter { !$0.isEmpty }.naturallySorted().flatMap { path in
            try FolderListing(folder.appendingPathComponent(path)).folders.flatMap { inner -> [String] in
                let own = path + "/" + inner.lastPathComponent
                guard !folders.contains(own) else { return [] }
                return try FolderListing(inner).files.map { "\(own)/\($0.lastPathComponent)" }
            }
        }
        .filter { path in !ignored.contains { !$0.matches(path).isEmpty } }
    }

    private static func parent(_ path: String) -> String { (path as NSString).deletingLastPathComponent }

    /// Pictures that lie beside images or masks, or in a folder there, should be one of these. Folders beside images that lie at
    /// the top may hold anything.
    private static func requireNoStrangers(among paths: [String], known: Set<String>, folder: URL) throws {
        let folders = Set(known.map(parent))
        let stranger = paths.first { path in
            !known.contains(path) && PictureNames.contain(path)
                && (folders.contains(parent(path)) || folders.subtracting([""]).contains(parent(parent(path))))
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

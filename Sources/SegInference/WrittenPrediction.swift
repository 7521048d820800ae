import Foundation
import SegCache
import SegCore
import SegFiles
import SegImageIO
import SegSettings

/// What `segkit predict` wrote for an image, as its JSON file says it: by this, and not by names alone, a file is known as a
/// prediction that may be replaced.
struct WrittenPrediction {
    /// Of the image's file; `nil` where nothing was written.
    private var image: ContentHash?
    /// Of each file beside the JSON file, by name; two where a run that replaces files is under way.
    private var files: [(name: String, hashes: [ContentHash])]
    /// Where they stand.
    private var folder: URL?
    private var source: PredictedImage?

    init(image: ContentHash, files: [(String, [ContentHash])]) {
        self.image = image
        self.files = files.map { (name: $0.0, hashes: $0.1) }
    }

    /// Reads `<name>.json` in a folder. Whatever is not such a file counts as nothing.
    init(of image: PredictedImage, in folder: URL) {
        (self.folder, source, files) = (folder, image, [])
        let json = folder.appending(path: "\(image.name).json")
        guard let data = try? Data(contentsOf: json),
            let members = try? JSONDecoder().decode(ConfigurationValue.self, from: data).members,
            let written = members["written"]?.members,
            case .text(let text)? = written["image"],
            let files = written["files"]?.members
        else { return }
        self.image = ContentHash(text)
        self.files = files.map { name, value in
            let texts = if case .list(let items) = value { items } else { [value] }
            return (
                name: name,
                hashes: texts.compactMap { if case .text(let text) = $0 { ContentHash(text) } else { nil } }
            )
        }
    }

    /// As the JSON file has it.
    var value: ConfigurationValue {
        .table([
            "image": image.map { .text($0.description) } ?? .null,
            "files": .table(
                ConfigurationMembers(
                    files.map { name, hashes in
                        let texts = hashes.map { ConfigurationValue.text($0.description) }
                        return (name, texts.count == 1 ? texts[0] : .list(texts))
                    }
                )
            ),
        ])
    }

    /// The hashes of those files that are there, and are as they were written.
    func current(_ names: [String]) -> [ContentHash] {
        guard let folder else { return [] }
        return names.compactMap { name in
            guard let hash = try? ContentHash(ofFile: folder.appending(path: name)) else { return nil }
            return files.contains { $0.name == name && $0.hashes.contains(hash) } ? hash : nil
        }
    }

    /// - Parameter identity: that of the image, if it is at hand.
    ///
    /// - Throws: ``SegmentationError`` naming a file that would be replaced and is not a prediction of this image, or
    ///   was changed since.
    func requireOwn(_ names: [String], identity: ContentHash? = nil) throws {
        guard let folder, let source else { return }
        let isSameImage = try image.map { try $0 == identity ?? source.identity() } ?? false
        for name in names {
            let place = folder.appending(path: name)
            var status = stat()
            // Most often there is nothing, and whether the folder takes files is known.
            if lstat(place.path, &status) != 0, errno == ENOENT { continue }
            try OutputPlace.require(
                place,
                for: "a prediction of this \(source.file.lastPathComponent) as it was written"
            ) { _ in isSameImage && (name.hasSuffix(".json") || !current([name]).isEmpty) }
        }
    }
}

public import Foundation
import SegFiles

extension ImagePredictor {
    /// What folders that are named hold beside the images that are predicted, a line for each folder: pictures of formats that
    /// are not read, and folders with pictures, which are not entered.
    ///
    /// - Parameter files: the images of these places, by ``files(_:)``.
    public static func passedOver(in places: [URL], besides files: [URL]) -> [String] {
        let predicted = Set(files.map(\.path))
        func names(_ folder: URL) -> [String] {
            ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { !$0.hasPrefix(".") }
                .sorted()
        }
        return places.compactMap { place in
            let inside = names(place)
            let pictures = inside.filter {
                PictureNames.areForeign($0) && !predicted.contains(place.appending(path: $0).path)
            }
            let folders = inside.filter { names(place.appending(path: $0)).contains(where: PictureNames.contain) }
            let parts =
                (pictures.isEmpty ? [] : ["\(shown(pictures)), of a format that is not read"])
                + (folders.isEmpty ? [] : ["the images in \(shown(folders)), as subfolders are not entered"])
            return parts.isEmpty ? nil : "\(place.path): not predicted: \(parts.joined(separator: "; "))"
        }
    }

    private static func shown(_ names: [String]) -> String {
        names.prefix(3).joined(separator: ", ") + (names.count > 3 ? " and \(names.count - 3) more" : "")
    }
}

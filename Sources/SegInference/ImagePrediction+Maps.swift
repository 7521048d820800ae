import Foundation
package import SegCore
import SegFiles
package import SegImageIO

/// Masks of further labels and maps of heads as files.
extension ImagePrediction {
    /// Throws: ``SegmentationError`` naming a file that a map would replace and that is not a prediction of this image.
    ///
    /// Which maps there are is known only now.
    func requireRoomForMaps(in folder: URL, format: Format) throws {
        let isOwn = Self.isPrediction(folder.appending(path: "\(name).json"), of: file)
        for map in maps {
            let place = folder.appending(path: "\(name)-map-\(map.name).\(format == .png ? "png" : "tif")")
            try OutputPlace.require(place, for: "a prediction of \(file.lastPathComponent)") { _ in isOwn }
        }
    }

    func write(_ mask: Mask, _ name: String, _ folder: URL, _ format: Format) throws {
        switch format {
        case .png: try PNG.write(PNGImage(mask), to: folder.appending(path: "\(name).png"))
        case .tiff:
            try TIFF.write(TIFFImage(mask, pixelSpacing: pixelSpacing), to: folder.appending(path: "\(name).tif"))
        }
    }

    func write(_ map: ValueMap, _ name: String, _ folder: URL, _ format: Format) throws {
        switch format {
        case .png: try PNG.write(PNGImage(map), to: folder.appending(path: "\(name).png"))
        case .tiff:
            let values = GrayImage(width: map.width, height: map.height, pixels: map.pixels)
            try TIFF.write(TIFFImage(values, pixelSpacing: pixelSpacing), to: folder.appending(path: "\(name).tif"))
        }
    }
}

extension PNGImage {
    /// A map as a picture of 16 bits: its range from black to white.
    package init(_ map: ValueMap) {
        let (black, extent) = (map.range.lowerBound, map.range.upperBound - map.range.lowerBound)
        let pixels = map.pixels.map { ($0 - black) / extent }
        self.init(GrayImage(width: map.width, height: map.height, pixels: pixels), bitDepth: 16)
    }
}

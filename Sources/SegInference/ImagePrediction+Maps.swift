import Foundation
package import SegCore
import SegFiles
package import SegImageIO
import SegInterop

/// Masks of further labels, maps of heads and probabilities as files.
extension ImagePrediction {
    /// The format of maps: what heads say about each pixel, and probabilities.
    public enum MapFormat: String, Hashable, Sendable, CaseIterable {
        /// Pictures of 16 bits over a map's range; probabilities are not written.
        case png
        /// Floats of 32 bits, with the image's pixel spacing.
        case tiff
        /// NumPy arrays of 32-bit floats, `[height, width]`.
        case npy

        /// That of masks of a format.
        init(_ format: Format) { self = format == .png ? .png : .tiff }

        var ending: String { self == .tiff ? "tif" : rawValue }

        /// Whether the probabilities of lesion and labels are written.
        var hasProbabilities: Bool { self != .png }
    }

    /// Throws: ``SegmentationError`` naming a file that a map would replace and that is not a prediction of this image.
    ///
    /// Which maps there are is known only now.
    func requireRoomForMaps(in folder: URL, format: MapFormat) throws {
        let isOwn = Self.isPrediction(folder.appending(path: "\(name).json"), of: file)
        for map in maps {
            let place = folder.appending(path: "\(name)-map-\(map.name).\(format.ending)")
            try OutputPlace.require(place, for: "a prediction of \(file.lastPathComponent)") { _ in isOwn }
        }
    }

    /// Writes the maps of heads and, unless as pictures, the probabilities of the lesion and of further labels.
    func writeMaps(to folder: URL, format: MapFormat) throws {
        for (map, values) in maps { try write(values, "\(name)-map-\(map)", folder, format) }
        guard format.hasProbabilities else { return }
        try write(ValueMap(probability), "\(name)-probability", folder, format)
        for (label, probability) in labelProbabilities {
            try write(ValueMap(probability), "\(name)-probability-\(label)", folder, format)
        }
    }

    func write(_ mask: Mask, _ name: String, _ folder: URL, _ format: Format) throws {
        switch format {
        case .png: try PNG.write(PNGImage(mask), to: folder.appending(path: "\(name).png"))
        case .tiff:
            try TIFF.write(TIFFImage(mask, pixelSpacing: pixelSpacing), to: folder.appending(path: "\(name).tif"))
        }
    }

    private func write(_ map: ValueMap, _ name: String, _ folder: URL, _ format: MapFormat) throws {
        let place = folder.appending(path: "\(name).\(format.ending)")
        switch format {
        case .png: try PNG.write(PNGImage(map), to: place)
        case .tiff:
            let values = GrayImage(width: map.width, height: map.height, pixels: map.pixels)
            try TIFF.write(TIFFImage(values, pixelSpacing: pixelSpacing), to: place)
        case .npy: try NumpyArray(shape: [map.height, map.width], values: map.pixels).write(to: place)
        }
    }
}

extension ValueMap {
    /// A probability of each pixel.
    fileprivate init(_ probability: GrayImage) {
        self.init(width: probability.width, height: probability.height, pixels: probability.pixels)
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

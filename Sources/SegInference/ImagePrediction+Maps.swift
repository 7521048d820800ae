import Foundation
package import SegCore
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

    /// The maps of heads and, unless as pictures, the probabilities of the lesion and of further labels.
    func mapContents(format: MapFormat) throws -> [(name: String, data: Data)] {
        var files = try maps.map { try content(of: $0.map, "\(name)-map-\($0.name)", format) }
        guard format.hasProbabilities else { return files }
        files.append(try content(of: ValueMap(probability), "\(name)-probability", format))
        for (label, probability) in labelProbabilities {
            files.append(try content(of: ValueMap(probability), "\(name)-probability-\(label)", format))
        }
        return files
    }

    func content(of mask: Mask, _ name: String, _ format: Format) throws -> (name: String, data: Data) {
        switch format {
        case .png: ("\(name).png", try PNG.encode(PNGImage(mask)))
        case .tiff: ("\(name).tif", try TIFF.encode([TIFFImage(mask, pixelSpacing: pixelSpacing)]))
        }
    }

    private func content(of map: ValueMap, _ name: String, _ format: MapFormat) throws -> (name: String, data: Data) {
        let data =
            switch format {
            case .png: try PNG.encode(PNGImage(map))
            case .tiff:
                try TIFF.encode([
                    TIFFImage(
                        GrayImage(width: map.width, height: map.height, pixels: map.pixels),
                        pixelSpacing: pixelSpacing
                    )
                ])
            case .npy: try NumpyArray(shape: [map.height, map.width], values: map.pixels).data
            }
        return ("\(name).\(format.ending)", data)
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

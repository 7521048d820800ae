public import Foundation
import SegCore
import SegFiles

extension ColorImage {
    /// The picture as the bytes of a PNG file, for example to put into a page.
    ///
    /// Gray with a few colors, as overlays are, becomes a palette: the same picture in two thirds of the bytes and a quarter of the
    /// time. More than 256 colors are written as they are.
    public func pngData() throws -> Data {
        guard let (colors, indices) = palette else {
            return try PNG.encode(width: width, height: height, channels: .rgb, bytes: components)
        }
        return try PNG.encode(width: width, height: height, channels: .gray, bytes: indices, palette: colors)
    }

    /// Writes the picture as a PNG, atomically.
    ///
    /// - Throws: ``SegmentationError`` naming the file.
    public func write(to file: URL) throws { try AtomicFile.write(pngData(), to: file) }

    /// So many colors besides gray are looked for: pictures have either a few or far too many.
    private static let mostTints = 32

    /// The colors and each pixel's index, gray levels from black to white first, so that neighbors have neighboring indices;
    /// `nil` if the picture has more colors than a palette.
    private var palette: (colors: [Color], indices: [UInt8])? {
        components.withUnsafeBufferPointer { components in
            var isSeen = [Bool](repeating: false, count: 256)
            var tints: [Color] = []
            for start in stride(from: 0, to: components.count, by: 3) {
                let (red, green, blue) = (components[start], components[start + 1], components[start + 2])
                if red == green && green == blue {
                    isSeen[Int(red)] = true
                } else {
                    let color = Color(red: red, green: green, blue: blue)
                    if tints.contains(color) { continue }
                    guard tints.count < Self.mostTints else { return nil }
                    tints.append(color)
                }
            }
            let grays = (0..<256).filter { isSeen[$0] }
            guard grays.count + tints.count <= 256 else { return nil }
            var places = [UInt8](repeating: 0, count: 256)
            for (place, gray) in grays.enumerated() { places[gray] = UInt8(place) }
            let count = components.count / 3
            let indices = [UInt8](unsafeUninitializedCapacity: count) { indices, initializedCount in
                for pixel in 0..<count {
                    let start = pixel * 3
                    let (red, green, blue) = (components[start], components[start + 1], components[start + 2])
                    var index = places[Int(red)]
                    if red != green || green != blue {
                        let place = tints.firstIndex(of: Color(red: red, green: green, blue: blue)) ?? 0
                        index = UInt8(grays.count + place)
                    }
                    indices.initializeElement(at: pixel, to: index)
                }
                initializedCount = count
            }
            let levels = grays.map { Color(red: UInt8($0), green: UInt8($0), blue: UInt8($0)) }
            return (levels + tints, indices)
        }
    }
}

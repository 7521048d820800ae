import Foundation

/// Where the stored first row and column of a PNG are seen: the orientation of its `eXIf` chunk, in the numbers of TIFF.
///
/// - Source: PNG, third edition, section 11.3.4.4 (eXIf); TIFF 6.0, section 8 (Orientation).
struct PNGOrientation: Hashable {
    private let number: Int

    static let upright = PNGOrientation(number: 1)

    private init(number: Int) { self.number = number }

    /// The orientation of a PNG file; upright where the file does not say, or says what TIFF does not know.
    init(of file: Data) {
        self = Self.profile(in: file).map(PNGOrientation.init(profile:)) ?? .upright
    }

    /// The orientation that an EXIF profile says.
    init(profile: Data) {
        number = Self.orientation(in: profile).map { (1...8).contains($0) ? $0 : 1 } ?? 1
    }

    /// Whether rows are seen as columns.
    var isTurned: Bool { number >= 5 }

    /// The stored place of a pixel of the upright image, whose size is given.
    func source(x: Int, y: Int, width: Int, height: Int) -> (x: Int, y: Int) {
        // As in TIFF: 2, 3, 6 and 7 run from the right, 3, 4, 7 and 8 from the bottom.
        let across = [2, 3, 6, 7].contains(number) ? width - 1 - x : x
        let down = [3, 4, 7, 8].contains(number) ? height - 1 - y : y
        return isTurned ? (x: down, y: across) : (x: across, y: down)
    }

    /// The content of the chunk `eXIf`.
    private static func profile(in file: Data) -> Data? {
        var place = file.startIndex + 8
        while file.endIndex - place >= 12 {
            let length = file[place..<(place + 4)].reduce(0) { $0 << 8 | Int($1) }
            guard length <= file.endIndex - place - 12 else { return nil }
            let name = file[(place + 4)..<(place + 8)]
            if name.elementsEqual("eXIf".utf8) { return Data(file[(place + 8)..<(place + 8 + length)]) }
            if name.elementsEqual("IEND".utf8) { return nil }
            place += 12 + length
        }
        return nil
    }

    /// The tag Orientation in the first directory of a profile, which is laid out as a TIFF.
    private static func orientation(in profile: Data) -> Int? {
        let bytes = [UInt8](profile)
        guard bytes.count >= 14, bytes[0] == bytes[1], bytes[0] == 0x49 || bytes[0] == 0x4D else { return nil }
        let isBig = bytes[0] == 0x4D
        func number(_ place: Int, _ count: Int) -> Int? {
            guard place >= 0, place <= bytes.count - count else { return nil }
            let part = bytes[place..<(place + count)]
            return (isBig ? Array(part) : part.reversed()).reduce(0) { $0 << 8 | Int($1) }
        }
        guard number(2, 2) == 42, let directory = number(4, 4), let count = number(directory, 2) else { return nil }
        for index in 0..<count {
            let entry = directory + 2 + 12 * index
            guard let tag = number(entry, 2) else { return nil }
            // A short, or a long as some write it.
            if tag == 0x0112 { return number(entry + 8, number(entry + 2, 2) == 4 ? 4 : 2) }
        }
        return nil
    }
}

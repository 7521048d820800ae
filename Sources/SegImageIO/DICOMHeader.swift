import Foundation
import SegCore

/// What the elements of a DICOM say about its pixels, each checked.
struct DICOMHeader {
    let data: DICOMDataSet
    let rows: Int
    let columns: Int
    let frames: Int
    let photometric: Photometric
    /// Whether colors are stored as planes.
    let isPlanar: Bool
    /// Bits of a sample in the file: 8 or 16.
    let bitsAllocated: Int
    /// Bits that count, the lowest ones.
    let bitsStored: Int
    let text: DICOM.BurnedInText
    let pixels: DICOMElement

    /// What samples mean (photometric interpretation).
    enum Photometric: String {
        case whiteIsZero = "MONOCHROME1"
        case blackIsZero = "MONOCHROME2"
        case palette = "PALETTE COLOR"
        case rgb = "RGB"
        case chroma = "YBR_FULL"
        /// Colors at half the columns.
        case halfChroma = "YBR_FULL_422"

        var samples: Int { [.rgb, .chroma, .halfChroma].contains(self) ? 3 : 1 }

        /// Known, not read, and safe to repeat in an error.
        static let others: Set<String> = [
            "HSV", "ARGB", "CMYK", "YBR_PARTIAL_422", "YBR_PARTIAL_420", "YBR_ICT", "YBR_RCT", "XYB",
        ]
    }

    /// Storage classes that hold no image.
    private static let otherClasses = [
        "1.2.840.10008.5.1.4.1.1.66.4": "a segmentation", "1.2.840.10008.5.1.4.1.1.11.1": "a presentation state",
        "1.2.840.10008.1.3.10": "the index of a medium (DICOMDIR)",
        "1.2.840.10008.5.1.4.1.1.104.1": "a PDF", "1.2.840.10008.5.1.4.1.1.88.33": "a report",
        "1.2.840.10008.5.1.4.1.1.88.22": "a report", "1.2.840.10008.5.1.4.1.1.88.11": "a report",
    ]

    init(_ data: DICOMDataSet) throws {
        self.data = data
        if let identifier = try data.text(.storageClass, most: 64), let kind = Self.otherClasses[identifier] {
            throw SegmentationError(
                data.name,
                "the DICOM cannot be decoded: it is \(kind), not an image (\(DICOMTag.storageClass.description))",
                cure: "give the image that it belongs to; export a segmentation as PNG"
            )
        }
        (rows, columns) = (try data.requiredShort(.rows), try data.requiredShort(.columns))
        guard rows > 0, columns > 0 else {
            throw data.damaged(
                "\(DICOMTag.rows.description) and \(DICOMTag.columns.description) say \(columns) x \(rows) px"
            )
        }
        photometric = try Self.photometric(data)
        let samples = try data.requiredShort(.samplesPerPixel)
        guard samples == photometric.samples else {
            throw data.damaged(
                "\(DICOMTag.samplesPerPixel.description) is \(samples), where \(photometric.rawValue) has \(photometric.samples)"
            )
        }
        isPlanar = try Self.isPlanar(data, samples: samples)
        (bitsAllocated, bitsStored) = try Self.bits(data, samples: samples)
        try Self.requireLevels(data)
        frames = try Self.frames(data)
        guard let pixels = data.elements[.pixelData] else { throw data.missing(.pixelData) }
        self.pixels = pixels
        text = try Self.text(data)
    }

    private static func photometric(_ data: DICOMDataSet) throws -> Photometric {
        guard let text = try data.text(.photometric, most: 16) else { throw data.missing(.photometric) }
        if let photometric = Photometric(rawValue: text) { return photometric }
        throw SegmentationError(
            data.name,
            "the DICOM cannot be decoded: \(DICOMTag.photometric.description) is "
                + (Photometric.others.contains(text) ? "\(text), which is not read" : "none that DICOM knows"),
            cure: "save it as RGB or MONOCHROME2, or export it as PNG"
        )
    }

    private static func isPlanar(_ data: DICOMDataSet, samples: Int) throws -> Bool {
        guard samples > 1 else { return false }
        let planar = try data.requiredShort(.planarConfiguration)
        guard planar <= 1 else { throw data.damaged("\(DICOMTag.planarConfiguration.description) is \(planar)") }
        return planar == 1
    }

    private static func bits(_ data: DICOMDataSet, samples: Int) throws -> (allocated: Int, stored: Int) {
        func refused(_ problem: String) -> SegmentationError {
            SegmentationError(
                data.name,
                "the DICOM cannot be decoded: \(problem)",
                cure: "export it with unsigned pixels of 8 or 16 bits (colors of 8), or as PNG"
            )
        }
        let allocated = try data.requiredShort(.bitsAllocated)
        let stored = try data.requiredShort(.bitsStored)
        guard allocated == 8 || allocated == 16 && samples == 1 else {
            throw refused("\(DICOMTag.bitsAllocated.description) is \(allocated) for \(samples) samples a pixel")
        }
        guard (1...allocated).contains(stored), samples == 1 || stored == 8 else {
            throw refused("\(DICOMTag.bitsStored.description) is \(stored) of \(allocated) bits")
        }
        let highBit = try data.requiredShort(.highBit)
        guard highBit == stored - 1 else {
            throw refused("\(DICOMTag.highBit.description) is \(highBit) of \(stored) bits")
        }
        guard try data.requiredShort(.pixelRepresentation) == 0 else {
            throw refused("its pixels are signed (\(DICOMTag.pixelRepresentation.description))")
        }
        return (allocated, stored)
    }

    /// Throws for values that are not gray levels but measurements.
    private static func requireLevels(_ data: DICOMDataSet) throws {
        var tag: DICOMTag? = data.elements[.modalityTable] == nil ? nil : .modalityTable
        for (scale, neutral) in [(DICOMTag.rescaleSlope, 1.0), (.rescaleIntercept, 0.0)] {
            if let numbers = try data.numbers(scale), numbers != [neutral] { tag = scale }
        }
        guard let tag else { return }
        throw SegmentationError(
            data.name,
            "the DICOM cannot be decoded: \(tag.description) makes other values of its levels, as ultrasound does not",
            cure: "check that this is the file you mean, or export it as PNG"
        )
    }

    private static func frames(_ data: DICOMDataSet) throws -> Int {
        guard let text = try data.text(.numberOfFrames, most: 12), !text.isEmpty else { return 1 }
        guard let frames = Int(text), frames > 0, frames <= Int(Int32.max) else {
            throw data.damaged("\(DICOMTag.numberOfFrames.description) is not a number of 1 or more")
        }
        return frames
    }

    private static func text(_ data: DICOMDataSet) throws -> DICOM.BurnedInText {
        switch try data.text(.burnedInAnnotation, most: 16) {
        case "NO": .absent
        case "YES": .present
        default: .unknown
        }
    }
}

extension DICOMDataSet {
    /// The bytes of a value; `nil` where there is no such element, or one without a length.
    func value(_ tag: DICOMTag, in item: [DICOMTag: DICOMElement]? = nil) -> (bytes: Data, element: DICOMElement)? {
        guard let element = (item ?? elements)[tag], let value = element.value else { return nil }
        return (bytes[value], element)
    }

    /// A text without its padding; `nil` where there is none.
    func text(_ tag: DICOMTag, most: Int) throws -> String? {
        guard let (value, _) = value(tag) else { return nil }
        guard value.count <= most, value.allSatisfy({ $0 < 0x80 }) else {
            throw damaged("\(tag.description) is not text of at most \(most) letters")
        }
        return String(decoding: value, as: UTF8.self).trimmingCharacters(in: ["\0", " "])
    }

    /// Numbers written in digits; `nil` where there are none.
    func numbers(_ tag: DICOMTag) throws -> [Double]? {
        guard let text = try text(tag, most: 68), !text.isEmpty else { return nil }
        let numbers = text.split(separator: "\\", omittingEmptySubsequences: false)
            .map { Double($0.trimmingCharacters(in: [" "])) ?? .nan }
        guard numbers.allSatisfy(\.isFinite) else { throw damaged("\(tag.description) is not a list of numbers") }
        return numbers
    }

    /// A number of 16 bits; `nil` where there is none.
    func short(_ tag: DICOMTag, in item: [DICOMTag: DICOMElement]? = nil) throws -> Int? {
        guard let (value, element) = value(tag, in: item), !value.isEmpty else { return nil }
        guard value.count == 2 else { throw damaged("\(tag.description) has \(value.count) bytes, where it has 2") }
        return number(value.startIndex, 2, element.encoding.isBigEndian)
    }

    func requiredShort(_ tag: DICOMTag) throws -> Int {
        guard let number = try short(tag) else { throw missing(tag) }
        return number
    }
}

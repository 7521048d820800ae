/// The elements that are looked at.
enum DICOMTag: UInt32 {
    case transferSyntax = 0x0002_0010
    case storageClass = 0x0008_0016
    case imagerPixelSpacing = 0x0018_1164
    case ultrasoundRegions = 0x0018_6011
    case regionFormat = 0x0018_6012
    case regionUnitsX = 0x0018_6024
    case regionUnitsY = 0x0018_6026
    case regionDeltaX = 0x0018_602C
    case regionDeltaY = 0x0018_602E
    case samplesPerPixel = 0x0028_0002
    case photometric = 0x0028_0004
    case planarConfiguration = 0x0028_0006
    case numberOfFrames = 0x0028_0008
    case rows = 0x0028_0010
    case columns = 0x0028_0011
    case pixelSpacing = 0x0028_0030
    case bitsAllocated = 0x0028_0100
    case bitsStored = 0x0028_0101
    case highBit = 0x0028_0102
    case pixelRepresentation = 0x0028_0103
    case burnedInAnnotation = 0x0028_0301
    case rescaleIntercept = 0x0028_1052
    case rescaleSlope = 0x0028_1053
    case redDescriptor = 0x0028_1101
    case greenDescriptor = 0x0028_1102
    case blueDescriptor = 0x0028_1103
    case red = 0x0028_1201
    case green = 0x0028_1202
    case blue = 0x0028_1203
    case segmentedRed = 0x0028_1221
    case modalityTable = 0x0028_3000
    case extendedOffsets = 0x7FE0_0001
    case pixelData = 0x7FE0_0010

    /// As the standard calls it.
    var name: String {
        switch self {
        case .transferSyntax: "TransferSyntaxUID"
        case .storageClass: "SOPClassUID"
        case .imagerPixelSpacing: "ImagerPixelSpacing"
        case .ultrasoundRegions: "SequenceOfUltrasoundRegions"
        case .regionFormat: "RegionSpatialFormat"
        case .regionUnitsX: "PhysicalUnitsXDirection"
        case .regionUnitsY: "PhysicalUnitsYDirection"
        case .regionDeltaX: "PhysicalDeltaX"
        case .regionDeltaY: "PhysicalDeltaY"
        case .samplesPerPixel: "SamplesPerPixel"
        case .photometric: "PhotometricInterpretation"
        case .planarConfiguration: "PlanarConfiguration"
        case .numberOfFrames: "NumberOfFrames"
        case .rows: "Rows"
        case .columns: "Columns"
        case .pixelSpacing: "PixelSpacing"
        case .bitsAllocated: "BitsAllocated"
        case .bitsStored: "BitsStored"
        case .highBit: "HighBit"
        case .pixelRepresentation: "PixelRepresentation"
        case .burnedInAnnotation: "BurnedInAnnotation"
        case .rescaleIntercept: "RescaleIntercept"
        case .rescaleSlope: "RescaleSlope"
        case .redDescriptor: "RedPaletteColorLookupTableDescriptor"
        case .greenDescriptor: "GreenPaletteColorLookupTableDescriptor"
        case .blueDescriptor: "BluePaletteColorLookupTableDescriptor"
        case .red: "RedPaletteColorLookupTableData"
        case .green: "GreenPaletteColorLookupTableData"
        case .blue: "BluePaletteColorLookupTableData"
        case .segmentedRed: "SegmentedRedPaletteColorLookupTableData"
        case .modalityTable: "ModalityLUTSequence"
        case .extendedOffsets: "ExtendedOffsetTable"
        case .pixelData: "PixelData"
        }
    }

    /// A tag in a message, with its name where it is known here.
    static func described(_ tag: UInt32) -> String {
        func digits(_ value: UInt32) -> String {
            let text = String(value, radix: 16, uppercase: true)
            return String(repeating: "0", count: 4 - text.count) + text
        }
        let number = "(\(digits(tag >> 16)),\(digits(tag & 0xFFFF)))"
        return DICOMTag(rawValue: tag).map { "\($0.name) \(number)" } ?? number
    }

    var description: String { Self.described(rawValue) }
}

/// How a file stores its elements and pixels.
enum DICOMTransferSyntax {
    /// Uncompressed.
    case native(isExplicit: Bool, isBigEndian: Bool)
    case rle
    case jpeg

    /// Whether elements say the kind of their values.
    var isExplicit: Bool { if case .native(false, _) = self { false } else { true } }

    var isBigEndian: Bool { if case .native(_, true) = self { true } else { false } }

    init?(_ identifier: String) {
        switch identifier {
        case "1.2.840.10008.1.2": self = .native(isExplicit: false, isBigEndian: false)
        case "1.2.840.10008.1.2.1": self = .native(isExplicit: true, isBigEndian: false)
        case "1.2.840.10008.1.2.2": self = .native(isExplicit: true, isBigEndian: true)
        case "1.2.840.10008.1.2.5": self = .rle
        case "1.2.840.10008.1.2.4.50": self = .jpeg
        default: return nil
        }
    }

    /// What is known and not read: its name, and the command that makes it readable.
    static func refusal(_ identifier: String) -> (name: String, cure: String) {
        let root = "1.2.840.10008.1.2."
        let part = identifier.hasPrefix(root) ? String(identifier.dropFirst(root.count)) : ""
        switch part {
        case "1.99": return ("compressed by deflate", "write it without by `dcmconv +te IN OUT` (DCMTK)")
        case "4.51": return ("JPEG extended", decompress("dcmdjpeg IN OUT", "DCMTK"))
        case "4.57", "4.70": return ("JPEG lossless", decompress("dcmdjpeg IN OUT", "DCMTK"))
        case "4.80", "4.81": return ("JPEG-LS", decompress("dcmdjpls IN OUT", "DCMTK"))
        case "4.90", "4.91", "4.92", "4.93": return ("JPEG 2000", decompress("gdcmconv --raw IN OUT", "GDCM"))
        case "4.201", "4.202", "4.203": return ("high-throughput JPEG 2000", export)
        case "4.110", "4.111", "4.112": return ("JPEG XL", export)
        case _ where part.hasPrefix("4.10"): return ("a video (MPEG, H.264 or H.265)", export)
        default: return ("in a transfer syntax that is not known here", export)
        }
    }

    private static func decompress(_ command: String, _ tools: String) -> String {
        "decompress it by `\(command)` (\(tools))"
    }

    private static let export = "export it uncompressed, or its frames as PNG, from the scanner, viewer or archive"
}

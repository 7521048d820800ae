import Foundation
import SegCore

/// The places of the elements that are looked at, in a file whose every length was held against the bytes that are there.
struct DICOMDataSet {
    let bytes: Data
    let name: String
    private(set) var syntax: DICOMTransferSyntax
    private(set) var elements: [DICOMTag: DICOMElement] = [:]

    /// Sequences in sequences; scanners nest a few.
    private static let maximumDepth = 16
    private static let item: UInt32 = 0xFFFE_E000
    private static let itemEnd: UInt32 = 0xFFFE_E00D
    private static let sequenceEnd: UInt32 = 0xFFFE_E0DD

    /// Reads up to the pixels. `bytes` begin at 0.
    init(_ bytes: Data, name: String) throws {
        (self.bytes, self.name) = (bytes, name)
        // Behind a preamble of 128 bytes and `DICM` stands group 2, in explicit VR little endian whatever follows.
        syntax = .native(isExplicit: true, isBigEndian: false)
        var place = ImageFileKind.signatureCount
        let meta = DICOMEncoding(isExplicit: true, isBigEndian: false)
        var identifier: Range<Int>?
        while place < bytes.count - 1, bytes[place] == 2, bytes[place + 1] == 0 {
            let element = try element(at: place, meta)
            if element.tag == DICOMTag.transferSyntax.rawValue { identifier = element.value }
            place = try end(of: element, depth: 0)
        }
        guard let identifier else { throw missing(.transferSyntax) }
        let text = String(decoding: bytes[identifier], as: UTF8.self).trimmingCharacters(in: ["\0", " "])
        guard let syntax = DICOMTransferSyntax(text) else {
            let refusal = DICOMTransferSyntax.refusal(text)
            throw SegmentationError(
                name,
                "the DICOM cannot be decoded: it is \(refusal.name) (\(DICOMTag.transferSyntax.description))",
                cure: refusal.cure
            )
        }
        self.syntax = syntax
        let encoding = DICOMEncoding(isExplicit: syntax.isExplicit, isBigEndian: syntax.isBigEndian)
        while place < bytes.count {
            let element = try element(at: place, encoding)
            if let tag = DICOMTag(rawValue: element.tag) {
                guard elements.updateValue(element, forKey: tag) == nil else {
                    throw damaged("\(tag.description) is there twice")
                }
                // What follows the pixels says nothing about them.
                if tag == .pixelData { break }
            }
            place = try end(of: element, depth: 0)
        }
    }

    /// The items of a sequence, each with those of its elements that are looked at.
    func items(of sequence: DICOMElement) throws -> [[DICOMTag: DICOMElement]] {
        var items: [[DICOMTag: DICOMElement]] = []
        func keep(_ element: DICOMElement) {
            guard let tag = DICOMTag(rawValue: element.tag), !items.isEmpty else { return }
            items[items.count - 1][tag] = element
        }
        _ = try walk(sequence, depth: 0, onItem: { items.append([:]) }, onElement: keep)
        return items
    }

    /// The pieces of compressed pixels; the first is the table of offsets.
    func fragments(of pixels: DICOMElement) throws -> [Range<Int>] {
        var fragments: [Range<Int>] = []
        var place = pixels.start
        while true {
            let item = try element(at: place, pixels.encoding)
            if item.tag == Self.sequenceEnd { return fragments }
            guard item.tag == Self.item, let value = item.value else {
                throw damaged("the fragments of \(DICOMTag.pixelData.description) are not a list of items")
            }
            fragments.append(value)
            place = value.upperBound
        }
    }

    // MARK: Walking

    /// The head of an element: tag, the kind of its value, length.
    private func element(at place: Int, _ encoding: DICOMEncoding) throws -> DICOMElement {
        guard place <= bytes.count - 8 else { throw cutShort(nil) }
        let tag =
            UInt32(number(place, 2, encoding.isBigEndian)) << 16
            | UInt32(number(place + 2, 2, encoding.isBigEndian))
        var kind: String?
        var (start, length) = (place + 8, number(place + 4, 4, encoding.isBigEndian))
        // Items and their ends have no kind.
        if encoding.isExplicit, tag >> 16 != 0xFFFE {
            let text = String(decoding: bytes[(place + 4)..<(place + 6)], as: UTF8.self)
            guard DICOMElement.kinds.contains(text) else {
                throw damaged("\(DICOMTag.described(tag)) has a kind of value (VR) that DICOM does not know")
            }
            kind = text
            if DICOMElement.longKinds.contains(text) {
                guard place <= bytes.count - 12 else { throw cutShort(tag) }
                (start, length) = (place + 12, number(place + 8, 4, encoding.isBigEndian))
            } else {
                length = number(place + 6, 2, encoding.isBigEndian)
            }
        }
        if length == 0xFFFF_FFFF { return DICOMElement(tag: tag, kind: kind, start: start, encoding: encoding) }
        guard length <= bytes.count - start else { throw cutShort(tag) }
        guard length % 2 == 0 else {
            throw SegmentationError(
                name,
                "the DICOM cannot be decoded: \(DICOMTag.described(tag)) has an odd length, which DICOM does not allow",
                cure: "write it again by `dcmconv IN OUT` (DCMTK), or export it again"
            )
        }
        let value = start..<(start + length)
        return DICOMElement(tag: tag, kind: kind, start: start, value: value, encoding: encoding)
    }

    /// Where the next element begins.
    private func end(of element: DICOMElement, depth: Int) throws -> Int {
        if let value = element.value { return value.upperBound }
        let isPixels = element.tag == DICOMTag.pixelData.rawValue && ["OB", "OW"].contains(element.kind)
        guard isPixels || [nil, "SQ", "UN"].contains(element.kind), element.tag >> 16 != 0xFFFE else {
            throw damaged("\(DICOMTag.described(element.tag)) has no length, and is not a sequence")
        }
        return try walk(element, depth: depth)
    }

    /// Goes through a sequence; where it ends.
    private func walk(
        _ sequence: DICOMElement,
        depth: Int,
        onItem: () -> Void = {},
        onElement: ((DICOMElement) -> Void)? = nil
    ) throws -> Int {
        guard depth < Self.maximumDepth else {
            throw damaged("its sequences are nested more than \(Self.maximumDepth) deep")
        }
        // A sequence whose kind is not known has implicit kinds within.
        let encoding = sequence.kind == "UN" ? DICOMEncoding(isExplicit: false, isBigEndian: false) : sequence.encoding
        let end = sequence.value?.upperBound
        var place = sequence.start
        while place != end {
            let item = try element(at: place, encoding)
            if end == nil, item.tag == Self.sequenceEnd { return item.start }
            guard item.tag == Self.item, item.value?.upperBound ?? 0 <= end ?? .max else {
                throw damaged("the sequence \(DICOMTag.described(sequence.tag)) is not a list of items")
            }
            onItem()
            let isRead = item.value == nil || onElement != nil
            place =
                isRead ? try walk(item: item, encoding, depth: depth, onElement) : item.value?.upperBound ?? item.start
            guard place <= end ?? .max else {
                throw damaged("an item reaches beyond its sequence \(DICOMTag.described(sequence.tag))")
            }
        }
        return place
    }

    /// Goes through the elements of an item; where it ends.
    private func walk(
        item: DICOMElement,
        _ encoding: DICOMEncoding,
        depth: Int,
        _ onElement: ((DICOMElement) -> Void)?
    ) throws -> Int {
        let end = item.value?.upperBound
        var place = item.start
        while place != end {
            let element = try element(at: place, encoding)
            if end == nil, element.tag == Self.itemEnd { return element.start }
            onElement?(element)
            place = try self.end(of: element, depth: depth + 1)
            guard place <= end ?? .max else {
                throw damaged("\(DICOMTag.described(element.tag)) reaches beyond its item")
            }
        }
        return place
    }

    /// A number of up to eight bytes at a place that was checked.
    func number(_ place: Int, _ count: Int, _ isBigEndian: Bool) -> Int {
        let part = bytes[place..<(place + count)]
        return isBigEndian
            ? part.reduce(0) { $0 << 8 | Int($1) } : part.reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    // MARK: Errors

    func missing(_ tag: DICOMTag) -> SegmentationError {
        SegmentationError(
            name,
            "the DICOM cannot be decoded: it has no \(tag.description)",
            cure: "check that it is an image and not a report or index, or export it again from the scanner or archive"
        )
    }

    func damaged(_ problem: String) -> SegmentationError {
        SegmentationError(
            name,
            "the DICOM cannot be decoded: \(problem)",
            cure: "restore the file from its source, or export it again from the scanner or archive"
        )
    }

    private func cutShort(_ tag: UInt32?) -> SegmentationError {
        damaged("the file ends too early (truncated)" + (tag.map { ", in \(DICOMTag.described($0))" } ?? ""))
    }
}

/// How elements are written.
struct DICOMEncoding: Hashable {
    var isExplicit: Bool
    var isBigEndian: Bool
}

/// An element of a file: where its value stands.
struct DICOMElement: Hashable {
    var tag: UInt32
    /// `nil` where the file does not say it.
    var kind: String?
    var start: Int
    /// `nil` for a sequence or fragments without a length of their own, which a mark ends.
    var value: Range<Int>?
    var encoding: DICOMEncoding

    /// Kinds (value representations) whose length has four bytes.
    static let longKinds: Set<String> = [
        "OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV",
    ]

    static let kinds = longKinds.union([
        "AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "PN", "SH", "SL", "SS", "ST", "TM",
        "UI",
        "UL", "US",
    ])
}

import CZlib
package import Foundation

/// A PNG with a chunk put in before its pixels.
package func png(_ file: Data, adding type: String, _ payload: [UInt8]) -> Data {
    let bytes = [UInt8](file)
    // After the signature and IHDR.
    return Data(bytes[..<33] + pngChunk(type, payload) + bytes[33...])
}

/// A gray PNG of 8 bits as one of palette indices.
package func palettePNG(_ gray: Data, palette: [[UInt8]]) -> Data {
    var bytes = [UInt8](gray)
    let header = Array(bytes[16..<25]) + [3] + Array(bytes[26..<29])
    bytes.replaceSubrange(8..<33, with: pngChunk("IHDR", header))
    return png(Data(bytes), adding: "PLTE", palette.flatMap { $0 })
}

/// The content of an `eXIf` chunk that says how an image stands.
package func orientationProfile(_ orientation: UInt8) -> [UInt8] {
    Array("MM\0*\0\0\0\u{8}".utf8) + [0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]
}

private func pngChunk(_ type: String, _ payload: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + payload
    func bigEndian(_ value: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(value >> $0 & 255) } }
    return bigEndian(UInt32(payload.count)) + body + bigEndian(UInt32(crc32(0, body, UInt32(body.count))))
}

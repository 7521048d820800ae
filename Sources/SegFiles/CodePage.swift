import Foundation

/// Names in the encodings that archives had before UTF-8.
///
/// - Source: the tables that unicode.org publishes for CP437 and CP850.
enum CodePage {
    /// Bytes as CP437, which PKWARE's format gives to names that do not say that they are UTF-8. Every byte has a
    /// character of its own, so that two names never become one.
    static func name(_ bytes: some Sequence<UInt8>) -> String {
        var name = ""
        for byte in bytes { name.unicodeScalars.append(byte < 128 ? UnicodeScalar(byte) : dos[Int(byte) - 128]) }
        return name
    }

    /// What a name that ``name(_:)`` made may have been meant as: its bytes in the other encodings in use.
    static func otherReadings(of name: String) -> [String] {
        var bytes: [UInt8] = []
        for scalar in name.unicodeScalars {
            if scalar.isASCII {
                bytes.append(UInt8(scalar.value))
            } else if let place = dos.firstIndex(of: scalar) {
                bytes.append(UInt8(place + 128))
            } else {
                return []
            }
        }
        if bytes.allSatisfy({ $0 < 128 }) { return [] }
        var western = ""
        for byte in bytes {
            western.unicodeScalars.append(byte < 128 ? UnicodeScalar(byte) : westernDOS[Int(byte) - 128])
        }
        let encodings: [String.Encoding] = [
            .windowsCP1252, .isoLatin1, .windowsCP1250, .windowsCP1251, .windowsCP1253, .windowsCP1254, .isoLatin2,
            .macOSRoman, .shiftJIS, .japaneseEUC,
        ]
        return [western] + encodings.compactMap { String(data: Data(bytes), encoding: $0) }
    }

    /// CP437 from byte 128.
    private static let dos: [UnicodeScalar] = Array(
        ("ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒ"
            + "áíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
            + "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀"
            + "αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}").unicodeScalars
    )

    /// CP850 from byte 128: what Windows takes in western Europe.
    private static let westernDOS: [UnicodeScalar] = Array(
        ("ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒ"
            + "áíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐"
            + "└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀"
            + "ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{AD}±‗¾¶§÷¸°¨·¹³²■\u{A0}").unicodeScalars
    )
}

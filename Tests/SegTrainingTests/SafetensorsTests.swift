import Foundation
import SegCore
import SegFiles
import SegInterop
import Testing

@Suite struct SafetensorsTests {
    /// Runs `body` with a folder of its own, which is deleted afterwards.
    private func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("safetensors-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    private func names(in folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    private static func file(_ header: String, data: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
        let count = length ?? UInt64(header.utf8.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + Array(header.utf8) + data
    }

    private static func entry(_ name: String, _ type: String, _ shape: [Int], _ range: Range<Int>) -> String {
        #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[\#(range.lowerBound),\#(range.upperBound)]}"#
    }

    private func read(_ bytes: [UInt8]) throws -> SafetensorsFile {
        var file: SafetensorsFile?
        try withFolder { folder in
            let url = folder.appendingPathComponent("some.safetensors")
            try Data(bytes).write(to: url)
            file = try Safetensors.read(url)
        }
        return try #require(file)
    }

    @Test func whatIsWrittenIsReadBackBitForBit() throws {
        let weights: [Float] = [0, -0.0, 1.5, .greatestFiniteMagnitude, .leastNonzeroMagnitude, -.infinity]
        let tensors: [(name: String, shape: [Int], values: [Float])] = [
            ("encoder.0.weight", [2, 3], weights), ("scalar", [], [7]), ("empty", [0, 4], []),
            ("odd \"name\"\\\n\u{1}ü", [1], [.nan]),
        ]
        let metadata = ["epoch": "3", "note": "line\nline \"quoted\" 😀", "": ""]
        try withFolder { folder in
            let url = folder.appendingPathComponent("model.safetensors")
            try Safetensors.write(tensors, metadata: metadata, to: url)
            let file = try Safetensors.read(url)
            #expect(file.metadata == metadata)
            #expect(file.tensors.map(\.name).sorted() == tensors.map(\.name).sorted())
            for tensor in tensors {
                let stored = try #require(file[tensor.name])
                #expect(stored.shape == tensor.shape)
                #expect(stored.dataType == .float32)
                #expect(stored.floats.map(\.bitPattern) == tensor.values.map(\.bitPattern))
            }
            #expect(file["absent"] == nil)

            let first = try Data(contentsOf: url)
            try Safetensors.write(tensors, metadata: metadata, to: url)
            #expect(try Data(contentsOf: url) == first)
            let length = Int(first[0]) | Int(first[1]) << 8
            #expect(length % 8 == 0)
            #expect(try names(in: folder) == ["model.safetensors"])

            try Safetensors.write([], to: url)
            #expect(try Safetensors.read(url).tensors.isEmpty)
        }
    }

    /// A file of every number format, written by Python's `safetensors.torch.save` (safetensors 0.8.0).
    @Test func aFileOfTheReferenceImplementationIsRead() throws {
        let base64 = """
            MAMAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCIsIm5vdGUiOiJaZWlsZSAxXG5aZWlsZSAyIPCfmIAgXCJ4XCIifSwi
            bnVtX2JhdGNoZXNfdHJhY2tlZCI6eyJkdHlwZSI6Ikk2NCIsInNoYXBlIjpbXSwiZGF0YV9vZmZzZXRzIjpbMCw4XX0sImRvdWJsZSI6
            eyJkdHlwZSI6IkY2NCIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzgsMjRdfSwiZW1wdHkiOnsiZHR5cGUiOiJGMzIiLCJzaGFw
            ZSI6WzAsM10sImRhdGFfb2Zmc2V0cyI6WzI0LDI0XX0sImVuY29kZXIuMC53ZWlnaHQiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzIs
            M10sImRhdGFfb2Zmc2V0cyI6WzI0LDQ4XX0sInNjYWxhciI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbXSwiZGF0YV9vZmZzZXRzIjpb
            NDgsNTJdfSwiZ3LDtsOfZSBcInFcIiI6eyJkdHlwZSI6IkkzMiIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzUyLDYwXX0sImJy
            YWluIjp7ImR0eXBlIjoiQkYxNiIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzYwLDY0XX0sImhhbGYiOnsiZHR5cGUiOiJGMTYi
            LCJzaGFwZSI6WzVdLCJkYXRhX29mZnNldHMiOls2NCw3NF19LCJzaG9ydCI6eyJkdHlwZSI6IkkxNiIsInNoYXBlIjpbMV0sImRhdGFf
            b2Zmc2V0cyI6Wzc0LDc2XX0sInNpZ25lZCI6eyJkdHlwZSI6Ikk4Iiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbNzYsNzhdfSwi
            Ynl0ZXMiOnsiZHR5cGUiOiJVOCIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6Wzc4LDgwXX0sImZsYWdzIjp7ImR0eXBlIjoiQk9P
            TCIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzgwLDgyXX19ICAgICAAAAAAAAEAAJqZmZmZmbk/nHUAiDzkN/4AAMA/AAAQwAAA
            AADIqiAAAACAfwAAAIAAAOBAAQAAAP7///+AP0DAADwAwQEA/3sA/NT+/4AA/wEA
            """
        let bytes = try #require(Data(base64Encoded: base64, options: .ignoreUnknownCharacters))
        let file = try read(Array(bytes))
        #expect(file.metadata == ["format": "pt", "note": "Zeile 1\nZeile 2 😀 \"x\""])
        #expect(file.tensors.count == 12)
        let weight = try #require(file["encoder.0.weight"])
        #expect(weight.shape == [2, 3])
        let patterns: [UInt32] = [1_069_547_520, 3_222_274_048, 0, 2_140_872, 2_139_095_040, 2_147_483_648]
        #expect(weight.floats.map(\.bitPattern) == patterns)
        #expect(file["scalar"]?.shape == [])
        #expect(file["scalar"]?.values == .float([7]))
        #expect(file["empty"]?.shape == [0, 3])
        #expect(file["empty"]?.values == .float([]))
        #expect(file["double"]?.values == .double([0.1, -1e300]))
        #expect(file["double"]?.floats == [0.1, -.infinity])
        let halves: [UInt32] = [1_065_353_216, 3_223_322_624, 864_026_624, 1_199_562_752, 4_286_578_688]
        #expect(file["half"]?.floats.map(\.bitPattern) == halves)
        #expect(file["brain"]?.values == .float([1, -3]))
        #expect(file["num_batches_tracked"]?.values == .integer([1 << 40]))
        #expect(file["bytes"]?.values == .integer([0, 255]))
        #expect(file["signed"]?.values == .integer([-1, -128]))
        #expect(file["flags"]?.values == .integer([1, 0]))
        #expect(file["größe \"q\""]?.values == .integer([1, -2]))
        #expect(file["short"]?.values == .integer([-300]))
    }

    #if !(os(macOS) && arch(x86_64))
    @Test func everyHalfPrecisionValueWidensExactly() throws {
        let data = (0...UInt16.max).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        let header = "{\(Self.entry("half", "F16", [65536], 0..<131072))}"
        let floats = try #require(try read(Self.file(header, data: data))["half"]).floats
        for pattern in 0...UInt16.max {
            let expected = Float(Float16(bitPattern: pattern))
            let value = floats[Int(pattern)]
            #expect(expected.isNaN ? value.isNaN : value.bitPattern == expected.bitPattern)
        }
    }
    #endif

    @Test func escapesAndWhitespaceInTheHeaderAreRead() throws {
        let header = #" { "__metadata__" : { "a\u00e9\ud83d\ude00" : "\t\/\\" } } "#.dropFirst()
        #expect(try read(Self.file(String(header))).metadata == ["aé😀": "\t/\\"])
    }

    static let malformed: [(String, [UInt8], String)] = [
        ("no bytes", [], "0 bytes are too short"),
        ("short length", [1, 0, 0], "3 bytes are too short"),
        ("cut header", file("{", length: 300), "claims 300 bytes, but the file has only 1"),
        ("absurd length", file("{}", length: .max), "claims 18446744073709551615 bytes"),
        ("no header", file(""), "does not begin with {"),
        ("leading space", file(" {}"), "does not begin with {"),
        ("an array", file("[]"), "does not begin with {"),
        ("unclosed object", file("{\"a\""), "malformed at byte 4: : is missing"),
        ("unclosed string", file("{\"a"), "a string is not closed"),
        ("bad escape", file(#"{"\x":1}"#), "unknown escape"),
        ("bad hexadecimal", file(#"{"\u+123":1}"#), "four hexadecimal digits"),
        ("lone surrogate", file(#"{"\ud83d":1}"#), "half of a surrogate pair"),
        ("control character", file("{\"a\n\":1}"), "control character"),
        ("not UTF-8", [4, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x22, 0xFF, 0x22], "not UTF-8"),
        ("trailing text", file("{} x"), "follows the closing brace"),
        ("trailing comma", file("{\(entry("a", "F32", [0], 0..<0)),}"), "\" is missing"),
        ("metadata of numbers", file(#"{"__metadata__":{"a":1}}"#), "\" is missing"),
        ("metadata twice", file(#"{"__metadata__":{"a":"","a":""}}"#), "\"a\" appears twice in the metadata"),
        ("negative extent", file(#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}}"#), "whole number"),
        (
            "huge number", file(#"{"a":{"dtype":"F32","shape":[9999999999999999999],"data_offsets":[0,0]}}"#),
            "whole number"
        ),
        ("fraction", file(#"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#), "] is missing"),
        ("no dtype", file(#"{"a":{"shape":[0],"data_offsets":[0,0]}}"#), "lacks its dtype"),
        ("one offset", file(#"{"a":{"dtype":"F32","shape":[0],"data_offsets":[0]}}"#), "two data_offsets"),
        ("unknown key", file(#"{"a":{"dtype":"F32","strides":[0]}}"#), "unexpected or repeated \"strides\""),
        ("repeated key", file(#"{"a":{"dtype":"F32","dtype":"F32"}}"#), "unexpected or repeated \"dtype\""),
        ("unknown dtype", file("{\(entry("a", "F8_E5M2", [0], 0..<0))}"), "has the dtype \"F8_E5M2\""),
        (
            "name twice", file("{\(entry("a", "F32", [0], 0..<0)),\(entry("a", "F32", [0], 0..<0))}"),
            "\"a\" appears twice"
        ),
        ("beyond the end", file("{\(entry("a", "F32", [2], 0..<8))}", data: [0, 0, 0, 0]), "at bytes 0..<8 of 4"),
        (
            "backwards", file(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, data: [0, 0, 0, 0]),
            "at bytes 4..<0"
        ),
        (
            "overlap",
            file("{\(entry("a", "F32", [1], 0..<4)),\(entry("b", "U8", [4], 2..<6))}", data: [0, 0, 0, 0, 0, 0]),
            "\"b\" overlaps"
        ),
        (
            "same bytes",
            file("{\(entry("a", "U8", [2], 0..<2)),\(entry("b", "U8", [2], 0..<2))}", data: [0, 0]),
            "\"b\" overlaps"
        ),
        (
            "gap", file("{\(entry("a", "U8", [1], 0..<1)),\(entry("b", "U8", [1], 2..<3))}", data: [0, 0, 0]),
            "\"b\" leaves a gap"
        ),
        ("spare bytes", file("{}", data: [0, 0, 0]), "3 bytes at the end belong to no tensor"),
        (
            "shape too large", file("{\(entry("a", "F32", [2], 0..<4))}", data: [0, 0, 0, 0]),
            "do not fit the shape [2] of F32"
        ),
        (
            "overflowing shape",
            file("{\(entry("a", "F32", [1 << 62, 4], 0..<4))}", data: [0, 0, 0, 0]),
            "do not fit the shape"
        ),
        (
            "product that wraps to the bytes",
            file("{\(entry("a", "F32", [1 << 32, 1 << 30, 1], 0..<4))}", data: [0, 0, 0, 0]), "do not fit the shape"
        ),
        (
            "product that wraps to zero",
            file("{\(entry("a", "U8", [1 << 32, 1 << 32], 0..<0))}"), "do not fit the shape"
        ),
        (
            "product of values fits, of bytes wraps",
            file("{\(entry("a", "F64", [1 << 61], 0..<0))}"), "do not fit the shape"
        ),
        ("zero extent with bytes", file("{\(entry("a", "F32", [0, 1], 0..<4))}", data: [0, 0, 0, 0]), "do not fit"),
        ("zero extent far out", file("{\(entry("a", "F32", [0], 4096..<4096))}"), "at bytes 4096..<4096 of 0"),
        (
            "zero extent in another tensor",
            file("{\(entry("a", "U8", [4], 0..<4)),\(entry("b", "U8", [0], 2..<2))}", data: [0, 0, 0, 0]),
            "\"b\" overlaps"
        ),
        ("first bytes skipped", file("{\(entry("a", "U8", [1], 1..<2))}", data: [0, 0]), "\"a\" leaves a gap"),
        (
            "largest offsets",
            file("{\(entry("a", "U8", [1], Int.max - 1..<Int.max))}", data: [0]), "of 1 bytes of data"
        ),
        (
            "negative offset", file(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}}"#, data: [0]),
            "whole number"
        ),
        (
            "offset beyond 64 bits",
            file(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,18446744073709551617]}}"#, data: [0]),
            "whole number"
        ),
        ("exponent", file(#"{"a":{"dtype":"U8","shape":[1e0],"data_offsets":[0,1]}}"#, data: [0]), "] is missing"),
        ("header to the end of the file and one further", file("{}", length: 3), "claims 3 bytes"),
        ("header of half the memory", file("{}", length: 99_999_999), "claims 99999999 bytes"),
        ("header of 2⁶³ bytes", file("{}", length: 1 << 63), "claims 9223372036854775808 bytes"),
        ("header not an object", file("\"a\""), "does not begin with {"),
        ("header of numbers", file("0"), "does not begin with {"),
        ("tensor not an object", file(#"{"a":[1]}"#), "{ is missing"),
        ("deeply nested", file(String(repeating: #"{"a":"#, count: 100_000)), "unexpected or repeated"),
        ("deeply nested lists", file("{\"a\":" + String(repeating: "[", count: 100_000)), "{ is missing"),
        ("metadata not an object", file(#"{"__metadata__":"a"}"#), "{ is missing"),
        ("metadata twice at all", file(#"{"__metadata__":{},"__metadata__":{}}"#), "appears twice in the header"),
        (
            "one name in two spellings",
            file("{\(entry("\\u0061", "U8", [0], 0..<0)),\(entry("a", "U8", [0], 0..<0))}"), "\"a\" appears twice"
        ),
        ("bytes of another file behind", file("{}", data: Array("PK".utf8)), "2 bytes at the end"),
        ("no boolean", file("{\(entry("a", "BOOL", [1], 0..<1))}", data: [2]), "other than 0 and 1"),
        ("large integer", file("{\(entry("a", "U64", [1], 0..<8))}", data: [UInt8](repeating: 255, count: 8)), "above"),
    ]

    @Test(arguments: malformed) func damageIsNamed(_: String, bytes: [UInt8], fragment: String) {
        #expect {
            try read(bytes)
        } throws: { error in
            let message = "\(error)"
            return error is SegmentationError && message.contains(fragment) && message.contains("some.safetensors: ")
        }
    }

    /// Metadata as large as a header may have, and an extent list as long, are read in time that grows with the file.
    @Test(.timeLimit(.minutes(1))) func aLargeHeaderIsReadOrRefusedAtOnce() throws {
        let text = String(repeating: "x\\n", count: 1 << 20)
        #expect(try read(Self.file("{\"__metadata__\":{\"a\":\"\(text)\"}}")).metadata["a"]?.utf8.count == 2 << 20)
        let shape = "[" + String(repeating: "1,", count: 1 << 20) + "1]"
        let entry = #"{"a":{"dtype":"U8","shape":\#(shape),"data_offsets":[0,1]}}"#
        #expect(try read(Self.file(entry, data: [7])).tensors[0].values == .integer([7]))
        let many = (0..<20_000).map { Self.entry("t\($0)", "U8", [0], 0..<0) }.joined(separator: ",")
        #expect(try read(Self.file("{\(many)}")).tensors.count == 20_000)
    }

    /// Cut anywhere, a file is refused; never a crash, never a shorter tensor.
    @Test func everyTruncationIsRefused() throws {
        let header = "{\(Self.entry("a", "F32", [2], 0..<8)),\"__metadata__\":{\"k\":\"v\"}}"
        let bytes = Self.file(header, data: [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(try read(bytes).tensors.count == 1)
        for count in 0..<bytes.count {
            #expect(throws: SegmentationError.self) { try read(Array(bytes[..<count])) }
        }
    }

    @Test func unreadablePathsAreNamed() throws {
        try withFolder { folder in
            let missing = folder.appendingPathComponent("missing.safetensors")
            #expect { try Safetensors.read(missing) } throws: {
                "\($0)" == "\(missing.path): no such file; check the path"
            }
            #expect { try Safetensors.read(folder) } throws: { "\($0)".contains("cannot be read") }
        }
    }

    @Test func tensorsThatCannotBeStoredAreRefused() throws {
        try withFolder { folder in
            let url = folder.appendingPathComponent("model.safetensors")
            #expect { try Safetensors.write([("a", [0], []), ("a", [0], [])], to: url) } throws: {
                "\($0)".contains("\"a\" is used twice")
            }
            #expect { try Safetensors.write([("__metadata__", [0], [])], to: url) } throws: {
                "\($0)".contains("is reserved")
            }
            for shape in [[2], [-1, -3], [Int.max, 4]] {
                #expect { try Safetensors.write([("a", shape, [1, 2, 3])], to: url) } throws: {
                    "\($0)".contains("\"a\" of shape \(shape) has 3 values")
                }
            }
            let remaining = try names(in: folder)
            #expect(remaining.isEmpty)
        }
    }

    @Test func aFailedWriteLeavesNothingBehind() throws {
        try withFolder { folder in
            func fails(_ path: String, _ fragment: String) {
                #expect { try Safetensors.write([("a", [1], [1])], to: folder.appendingPathComponent(path)) } throws: {
                    $0 is SegmentationError && "\($0)".contains(fragment)
                }
            }
            fails("absent/model.safetensors", "does not exist; create it, or choose another folder")
            try Data([1]).write(to: folder.appendingPathComponent("file"))
            fails("file/model.safetensors", "is not a folder")
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent("taken/inner"),
                withIntermediateDirectories: true
            )
            fails("taken", "there is a folder of this name")
            fails(String(repeating: "n", count: 300), "cannot be written")
            #expect(try names(in: folder) == ["file", "taken"])

            struct Interruption: Error {}
            let file = folder.appendingPathComponent("file")
            #expect(throws: Interruption.self) {
                try AtomicFile.write(to: file, durably: true) { sink in
                    try sink.write([9, 9, 9])
                    throw Interruption()
                }
            }
            #expect(try Data(contentsOf: file) == Data([1]))
            #expect(try names(in: folder) == ["file", "taken"])
        }
    }
}

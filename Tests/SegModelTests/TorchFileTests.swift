import Foundation
import SegCore
import SegInterop
import TestSupport
import Testing

/// What PyTorch says is in a file that it wrote.
struct TorchOracle: Decodable, Sendable, CustomTestStringConvertible {
    struct Content: Decodable, Sendable {
        let shape: [Int]
        let values: [Double]
    }

    let file: String
    let tensors: [String: Content]

    var testDescription: String { file }

    static func url(_ file: String) throws -> URL {
        try #require(Bundle.module.url(forResource: "Fixtures/torch/\(file)", withExtension: nil))
    }
}

@Suite("Torch files")
struct TorchFileTests {
    @Test("are read as PyTorch reads them", arguments: try oracle("torch", of: TorchOracle.self))
    func reading(_ oracle: TorchOracle) throws {
        let (content, hash) = try WeightsFile.read(TorchOracle.url(oracle.file))
        #expect(Set(content.tensors.map(\.name)) == Set(oracle.tensors.keys))
        for (name, expected) in oracle.tensors {
            let tensor = try #require(content[name])
            #expect(tensor.shape == expected.shape, "\(name)")
            #expect(tensor.floats == expected.values.map { Float($0) }, "\(name)")
        }
        #expect(hash.count == 64)
        let some = try TorchFile.read(TorchOracle.url(oracle.file)) { $0.hasSuffix("weight") || $0 == "float" }
        #expect(some.tensors.allSatisfy { $0.name.hasSuffix("weight") || $0.name == "float" })
        #expect(!some.tensors.isEmpty)
    }

    /// An archive as torch writes one, around a pickle.
    private static func archive(_ pickle: [UInt8], storages: [String: [UInt8]] = [:]) -> Data {
        zip(
            [("a/data.pkl", pickle), ("a/version", Array("3\n".utf8))]
                + storages.sorted { $0.key < $1.key }.map { ("a/data/\($0.key)", $0.value) },
            isDeflated: false
        )
    }

    private func refusal(_ bytes: Data) throws -> String {
        let folder = try TemporaryFolder()
        let file = folder.appending("a.pth")
        try bytes.write(to: file)
        do {
            _ = try WeightsFile.read(file)
            return "read"
        } catch let error as SegmentationError {
            #expect(error.subject == file.path && !error.cure.isEmpty)
            return error.description
        }
    }

    @Test(
        "that name functions are refused by the name, and nothing is run",
        arguments: [
            ("os", "system"), ("posix", "system"), ("builtins", "eval"), ("builtins", "exec"),
            ("__builtin__", "getattr"),
            ("subprocess", "Popen"), ("torch", "load"), ("torch._utils", "_rebuild_sparse_tensor"),
            ("collections", "defaultdict"),
        ]
    )
    func malice(module: String, name: String) throws {
        let folder = try TemporaryFolder()
        let mark = folder.appending("mark")
        let command = Array("touch \(mark.path)".utf8)
        let argument =
            [UInt8(ascii: "X")] + (0..<4).map { UInt8(truncatingIfNeeded: command.count >> (8 * $0)) } + command
        let call = Array("c\(module)\n\(name)\n".utf8) + argument + [0x85, UInt8(ascii: "R"), UInt8(ascii: ".")]
        let short = { (text: String) in [0x8C, UInt8(text.utf8.count)] + Array(text.utf8) }
        let stacked = short(module) + short(name) + [0x93] + argument + [0x85, UInt8(ascii: "R"), UInt8(ascii: ".")]
        let magic: [UInt8] = [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]
        for file in [
            Self.archive([0x80, 2] + call), Self.archive([0x80, 4] + stacked), Data(magic + [0x80, 2] + call),
        ] {
            let text = try refusal(file)
            #expect(text.contains("names \(module).\(name)"), "\(text)")
        }
        #expect(!FileManager.default.fileExists(atPath: mark.path))
    }

    @Test("of a whole module name its class")
    func wholeModule() throws {
        let text = try refusal(Data(contentsOf: TorchOracle.url("whole-module.pt")))
        #expect(text.contains("torch.nn.modules.container.Sequential") && text.contains("state_dict"), "\(text)")
    }

    /// A dictionary of one tensor `w` of 32-bit floats.
    private static func tensor(claims count: Int, offset: Int, shape: [Int], strides: [Int]) -> [UInt8] {
        func integer(_ value: Int) -> [UInt8] {
            [0x8A, 8] + (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        func text(_ text: String) -> [UInt8] { [0x8C, UInt8(text.utf8.count)] + Array(text.utf8) }
        func tuple(_ values: [Int]) -> [UInt8] { [UInt8(ascii: "(")] + values.flatMap(integer) + [UInt8(ascii: "t")] }
        var bytes: [UInt8] = [0x80, 2] + Array("}".utf8) + text("w")
        bytes += Array("ctorch._utils\n_rebuild_tensor_v2\n((".utf8) + text("storage")
        bytes += Array("ctorch\nFloatStorage\n".utf8) + text("0") + text("cpu") + integer(count) + Array("tQ".utf8)
        bytes += integer(offset) + tuple(shape) + tuple(strides) + [0x89]
        return bytes + Array("ccollections\nOrderedDict\n)RtRs.".utf8)
    }

    @Test("that claim what they do not hold are refused")
    func claims() throws {
        func text(_ count: Int, _ offset: Int, _ shape: [Int], _ strides: [Int], bytes: Int = 24) throws -> String {
            try refusal(
                Self.archive(
                    Self.tensor(claims: count, offset: offset, shape: shape, strides: strides),
                    storages: ["0": Array(repeating: 0, count: bytes)]
                )
            )
        }
        #expect(try text(6, 0, [2, 3], [3, 1]) == "read")
        #expect(try text(6, 5, [1], [9]) == "read")
        #expect(try text(6, 1, [2, 3], [3, 1]).contains("leads out of"))
        #expect(try text(6, 0, [2, 3], [4, 1]).contains("leads out of"))
        #expect(try text(6, 0, [1 << 40], [0]).contains("takes more than"))
        #expect(try text(6, 0, [1 << 32, 1 << 32], [1, 1]).contains("takes more than"))
        #expect(try text(6, 0, [2], [1 << 62]).contains("leads out of"))
        #expect(try text(6, 0, [3], [1 << 62]).contains("cannot be"))
        #expect(try text(6, -1, [2], [1]).contains("cannot be"))
        #expect(try text(6, 0, [2], [-1]).contains("cannot be"))
        #expect(try text(6, 0, [2], [1, 1]).contains("cannot be"))
        #expect(try text(1 << 50, 0, [1 << 50], [1]).contains("claims"))
        #expect(try text(7, 0, [7], [1]).contains("24 bytes"))
        #expect(try text(-1, 0, [0], [1]).contains("storage"))
    }

    @Test("that are cut short or deeply nested are refused")
    func damage() throws {
        for name in ["module.pt", "tensors-before-2020.pth"] {
            let whole = try Data(contentsOf: TorchOracle.url(name))
            for count in Swift.stride(from: 5, to: whole.count - 1, by: max(1, whole.count / 40)) {
                #expect(try refusal(whole.prefix(count)) != "read", "\(name) cut to \(count) bytes")
            }
        }
        let tuples = [UInt8](repeating: 0x85, count: 200_000)
        #expect(try refusal(Self.archive([0x80, 2, 0x4E] + tuples)).contains("nested"))
        let lists =
            Array(repeating: UInt8(ascii: "]"), count: 200_000) + Array(repeating: UInt8(ascii: "a"), count: 199_999)
        #expect(try refusal(Self.archive([0x80, 2] + lists + [0x2E])).contains("more lists and dictionaries"))
        // Archives that unpack to far more than they are; torch packs nothing.
        let bomb = zip([("a/data.pkl", [0x80, 2] + [UInt8](repeating: 0x4E, count: 1 << 20))], isDeflated: true)
        #expect(try refusal(bomb).contains("its data.pkl is larger than the file"))
        let tensor = Self.tensor(claims: 6, offset: 0, shape: [6], strides: [1])
        let large = zip(
            [("a/data.pkl", tensor), ("a/data/0", [UInt8](repeating: 0, count: 1 << 20))],
            isDeflated: true
        )
        #expect(try refusal(large).contains("take 1048576 bytes, where 6 numbers"))
        // A list that holds itself.
        #expect(try refusal(Self.archive([0x80, 2] + Array("]q\0h\0a.".utf8))).contains("a list instead"))
        #expect(try refusal(Self.archive([0x80, 2] + Array("h\u{5}.".utf8))).contains("recalls"))
        #expect(try refusal(Data("<!DOCTYPE html>".utf8)).contains("neither"))
    }
}

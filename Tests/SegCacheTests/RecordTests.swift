import Foundation
import SegCache
import Testing

@Suite("Tensor records")
struct RecordTests {
    private func roundTrip<Element: TensorElement & Equatable>(_ values: [Element], shape: [Int]) throws {
        for filter in [nil] + StoredTensor.Filter.allCases.map(Optional.some) {
            let record = TensorRecord([StoredTensor("x", values, shape: shape, filter: filter)])
            let file = record.encoded(for: key(1))
            let read = try decode(file, key: key(1))
            #expect(read == record)
            #expect(read["x"]?.values(as: Element.self) == values)
            #expect(read["x"]?.shape == shape)
            #expect(file == read.encoded(for: key(1)))
        }
    }

    @Test(
        "Every type, filter and shape reads back to the bit",
        arguments: [[], [1], [0], [17], [3, 5], [5, 0, 2], [1, 64], [64, 1], [33, 47], [2, 3, 4, 5], [700, 600]]
    )
    func everyShape(shape: [Int]) throws {
        let count = shape.reduce(1, *)
        var random = Randomness(UInt64(count) + 3)
        try roundTrip((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }, shape: shape)
        try roundTrip((0..<count).map { _ in UInt16.random(in: 0...UInt16.max, using: &random) }, shape: shape)
        try roundTrip((0..<count).map { _ in Int32.random(in: Int32.min...Int32.max, using: &random) }, shape: shape)
        try roundTrip((0..<count).map { _ in Int64.random(in: Int64.min...Int64.max, using: &random) }, shape: shape)
        try roundTrip((0..<count).map { _ in Float.random(in: -1...1, using: &random) }, shape: shape)
        try roundTrip((0..<count).map { _ in Double.random(in: -1...1, using: &random) }, shape: shape)
    }

    @Test("What is not a number stays the same not-a-number")
    func specialFloats() throws {
        let values: [Float] = [.nan, -.nan, .signalingNaN, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude]
        let file = TensorRecord([StoredTensor("x", values, shape: [7])]).encoded(for: key(1))
        let read: [Float]? = try decode(file)["x"]?.values()
        #expect(read?.map(\.bitPattern) == values.map(\.bitPattern))
    }

    @Test("Records of no, one and many tensors, with names of any script")
    func manyTensors() throws {
        let names = ["", "image", "Maske größer", "病変", String(repeating: "n", count: 255)]
        let record = TensorRecord(names.enumerated().map { StoredTensor($1, [UInt8($0)], shape: [1]) })
        #expect(try decode(record.encoded(for: key(2)), key: key(2)) == record)
        let empty = TensorRecord([])
        #expect(try decode(empty.encoded(for: key(2)), key: key(2)) == empty)
        let many = TensorRecord((0..<1024).map { StoredTensor("\($0)", [Int32($0)], shape: []) })
        #expect(try decode(many.encoded(for: key(2))) == many)
    }

    @Test("Values of another type are not handed out")
    func typeIsKept() throws {
        let tensor = try #require(decode(makeRecord(1).encoded(for: key(1)))["image"])
        #expect(tensor.elementType == .uint8)
        #expect(tensor.values(as: Float.self) == nil)
        #expect(tensor.values(as: Int32.self) == nil)
        #expect(tensor.values(as: UInt8.self) != nil)
    }

    @Test("The layout is that of Documentation/Cache.md")
    func layout() throws {
        let file = TensorRecord([StoredTensor("ab", [UInt16](repeating: 7, count: 200_000), shape: [400, 500])])
            .encoded(for: key(3))
        func number<Number: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _: Number.Type) -> Number {
            file.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self)) }
        }
        #expect(file.prefix(8) == [0x89, 0x53, 0x45, 0x47, 0x54, 0x0d, 0x0a, 0x1a])
        #expect(number(8, UInt32.self) == 1)
        let header = Int(number(12, UInt32.self))
        #expect(file[16..<32].map { String(format: "%02x", $0) }.joined() == key(3).description)
        #expect(number(32, UInt64.self) == 400_000)
        #expect(number(40, UInt32.self) == 1)
        #expect(number(44, UInt32.self) == 2)
        #expect(Array(file[48..<54]) == [2, 97, 98, 2, 3, 2])
        #expect(number(54, UInt64.self) == 400)
        #expect(number(62, UInt64.self) == 500)
        let (first, second) = (Int(number(70, UInt32.self)), Int(number(82, UInt32.self)))
        #expect(number(74, UInt64.self) == ContentHash(of: Array(file[header..<(header + first)])).low)
        #expect(header == 94 + 16)
        let checksum = ContentHash(of: Array(file[..<94]))
        #expect(number(94, UInt64.self) == checksum.low && number(102, UInt64.self) == checksum.high)
        #expect(file.count == header + first + second)
        // Both chunks begin as zstd's frames do.
        #expect(number(header, UInt32.self) == 0xfd2f_b528 && number(header + first, UInt32.self) == 0xfd2f_b528)
    }

    @Test("A summary needs no data")
    func summary() throws {
        let file = makeRecord(4).encoded(for: key(4))
        let summary = try file.withUnsafeBytes { try TensorRecord.summary(of: $0) }
        #expect(summary.key == key(4))
        #expect(summary.byteCount == makeRecord(4).byteCount)
        #expect(summary.names == ["image", "runs", "weights", "empty"])
    }
}

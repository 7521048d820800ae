import Foundation
import SegCache
import TestSupport
import Testing

/// A way to damage a file.
enum Mutilation: CaseIterable {
    case flip, truncate, extend, splice, zero, shuffle

    func apply(_ file: [UInt8], other: [UInt8], using random: inout Randomness) -> [UInt8] {
        var result = file
        switch self {
        case .flip:
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                result[Int.random(in: 0..<file.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
        case .truncate: result = Array(file.prefix(Int.random(in: 0..<file.count, using: &random)))
        case .extend:
            let count = Int.random(in: 1...600, using: &random)
            result += Bool.random(using: &random) ? Array(other.prefix(count)) : Array(repeating: 0, count: count)
        case .splice:
            let start = Int.random(in: 0..<min(file.count, other.count), using: &random)
            let end = Int.random(in: start..<min(file.count, other.count), using: &random)
            result.replaceSubrange(start...end, with: other[start...end])
        case .zero:
            let start = Int.random(in: 0..<file.count, using: &random)
            let end = min(file.count, start + Int.random(in: 1...512, using: &random))
            for index in start..<end { result[index] = 0 }
        case .shuffle:
            // Whole blocks of a disk in the wrong place.
            let block = 512
            guard file.count >= 2 * block else { return result }
            let first = Int.random(in: 0..<file.count / block, using: &random) * block
            let second = Int.random(in: 0..<file.count / block, using: &random) * block
            for index in 0..<block { result.swapAt(first + index, second + index) }
        }
        return result
    }
}

@Suite("Damaged records")
struct DamageTests {
    @Test("10,000 randomly damaged files: each is noticed", arguments: Mutilation.allCases)
    func everyDamageIsNoticed(mutilation: Mutilation) throws {
        let files = (0..<6).map { makeRecord($0, side: 24 + 16 * $0).encoded(for: key($0)) }
        var random = Randomness(UInt64(Mutilation.allCases.firstIndex(of: mutilation) ?? 0) + 100)
        var damaged = 0
        var escaped = 0
        while damaged < 10_000 / Mutilation.allCases.count + 1 {
            let number = Int.random(in: 0..<files.count, using: &random)
            let other = files[Int.random(in: 0..<files.count, using: &random)]
            let file = mutilation.apply(files[number], other: other, using: &random)
            // A part may be replaced by its like.
            guard file != files[number] else { continue }
            damaged += 1
            do {
                _ = try decode(file, key: key(number))
                escaped += 1
            } catch let error as TensorRecordDamage {
                if error.description.isEmpty { escaped += 1 }
            }
        }
        #expect(escaped == 0)
    }

    @Test("Every single bit of a file is covered by a checksum")
    func everyBitCounts() {
        let file = makeRecord(2, side: 12).encoded(for: key(2))
        var ignored: [Int] = []
        for bit in 0..<file.count * 8 {
            var damaged = file
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            if (try? decode(damaged, key: key(2))) != nil { ignored.append(bit) }
        }
        #expect(ignored.isEmpty)
    }

    @Test("Every damage has its type")
    func types() throws {
        let file = makeRecord(1).encoded(for: key(1))
        func damage(_ file: [UInt8], key expected: CacheKey? = key(1)) -> TensorRecordDamage? {
            do {
                _ = try decode(file, key: expected)
                return nil
            } catch {
                return error as? TensorRecordDamage
            }
        }
        #expect(damage([]) == .foreign)
        #expect(damage(Array("PNG and nothing else, but long enough".utf8)) == .foreign)
        #expect(damage(Array(file.prefix(40))) == .length(expected: 64, found: 40))
        #expect(damage(file + [0]) == .length(expected: file.count, found: file.count + 1))
        #expect(damage(file, key: key(2)) == .otherKey(key(1).description))
        var other = file
        other[8] = 2
        #expect(damage(other) == .version(2))
        other = file
        other[50] ^= 1
        #expect(damage(other) == .header)
        other = file
        other[file.count - 1] ^= 1
        // The last chunk is that of the weights, the third tensor; the empty one has none.
        #expect(damage(other) == .chunk(2))
        #expect(throws: TensorRecordDamage.tooLarge(UInt64(makeRecord(1).byteCount))) {
            try decode(file, maximumBytes: 1000)
        }
    }

    /// A file whose checksums are right, whatever its header claims.
    private func file(
        bytes: UInt64,
        tensors: UInt32 = 1,
        chunks: UInt32,
        description: [UInt8],
        table: [UInt8] = [],
        data: [UInt8] = []
    ) -> [UInt8] {
        func little(_ value: some FixedWidthInteger) -> [UInt8] {
            withUnsafeBytes(of: value.littleEndian) { Array($0) }
        }
        var file: [UInt8] = [0x89, 0x53, 0x45, 0x47, 0x54, 0x0d, 0x0a, 0x1a]
        file += little(UInt32(1)) + little(UInt32(48 + description.count + table.count + 16))
        file += [UInt8](repeating: 0, count: 16) + little(bytes) + little(tensors) + little(chunks)
        file += description + table
        let hash = ContentHash(of: file)
        return file + little(hash.low) + little(hash.high) + data
    }

    private func axes(_ lengths: UInt64...) -> [UInt8] {
        [1, 97, 1, 0, UInt8(lengths.count)]
            + lengths.flatMap { length in withUnsafeBytes(of: length.littleEndian) { Array($0) } }
    }

    @Test("A header whose checksum is right but whose claims are absurd takes no memory")
    func absurdClaims() {
        let files: [[UInt8]] = [
            file(bytes: 1 << 62, chunks: 1, description: axes(1 << 62)),
            file(bytes: .max, chunks: .max, description: axes(.max)),
            file(bytes: 1 << 30, chunks: 4096, description: axes(1 << 15, 1 << 15)),
            file(bytes: 1 << 30, chunks: .max, description: axes(1 << 15, 1 << 15)),
            file(bytes: 0, chunks: 0, description: axes(0, 1 << 31, 1 << 31, 1 << 31)),
            file(bytes: 16, chunks: 1, description: axes(.max, .max, 16)),
            file(bytes: 16, tensors: .max, chunks: 0, description: axes(16)),
            file(bytes: 16, tensors: 2, chunks: 1, description: axes(8) + axes(8)),
            file(bytes: 16, chunks: 1, description: axes(15)),
            file(bytes: 16, chunks: 1, description: axes(16) + [0]),
            file(bytes: 16, chunks: 1, description: [1, 97, 9, 0, 0]),
            file(bytes: 16, chunks: 1, description: [1, 97, 1, 9, 0]),
            file(bytes: 16, chunks: 1, description: [1, 97, 1, 0, 200]),
            file(bytes: 16, chunks: 1, description: [255, 97]),
            file(bytes: 1, chunks: 1, description: [1, 0xff, 1, 0, 0]),
            file(
                bytes: 16,
                chunks: 1,
                description: axes(16),
                table: [255, 255, 255, 255] + .init(repeating: 0, count: 8)
            ),
        ]
        let before = peakMemory()
        for (number, file) in files.enumerated() {
            #expect(throws: TensorRecordDamage.self, "file \(number)") { try decode(file) }
        }
        // A mebibyte's slack for the test itself.
        #expect(peakMemory() - before < 64 << 20)
    }

    @Test("A frame of more or fewer bytes than its chunk should have is damage")
    func wrongFrames() throws {
        // A frame of 700 bytes, taken from a record of its own.
        let donor = TensorRecord([
            StoredTensor("a", [UInt8](repeating: 9, count: 700), shape: [700], filter: StoredTensor.Filter.none)
        ]).encoded(for: key(1))
        let frame = Array(donor[(48 + 13 + 12 + 16)...])
        func little(_ value: some FixedWidthInteger) -> [UInt8] {
            withUnsafeBytes(of: value.littleEndian) { Array($0) }
        }
        let table: [UInt8] = little(UInt32(frame.count)) + little(ContentHash(of: frame).low)
        for length in [699, 700, 701, 200_000] as [UInt64] {
            let file = file(bytes: length, chunks: 1, description: axes(length), table: table, data: frame)
            if length == 700 {
                #expect(try decode(file)["a"]?.count == 700)
            } else {
                #expect(throws: TensorRecordDamage.chunk(0)) { try decode(file) }
            }
        }
    }

    /// The most memory that the process held at a time, bytes.
    private func peakMemory() -> Int {
        var usage = rusage()
        #if canImport(Glibc)
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        #else
        getrusage(RUSAGE_SELF, &usage)
        #endif
        #if canImport(Darwin)
        return usage.ru_maxrss
        #else
        return usage.ru_maxrss * 1024
        #endif
    }
}

import Foundation
import SegCache
import Synchronization

/// Numbers that look random and are the same in every run (SplitMix64, Steele et al. 2014).
struct Randomness: RandomNumberGenerator {
    var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

func key(_ number: Int) -> CacheKey {
    var components = CacheKey.Components()
    components.add("number", number)
    return components.key
}

/// A smooth image with noise, so that neither the filter nor the compression is idle.
func imageBytes(_ width: Int, _ height: Int, seed: UInt64) -> [UInt8] {
    var random = Randomness(seed)
    return (0..<width * height).map { index in
        UInt8(100 + (index % width) / 4 + (index / width) / 8 & 63) &+ UInt8.random(in: 0...7, using: &random)
    }
}

/// The record number `number` of the tests.
func makeRecord(_ number: Int, side: Int = 48) -> TensorRecord {
    let seed = UInt64(number)
    return TensorRecord([
        StoredTensor("image", imageBytes(side, side, seed: seed), shape: [side, side]),
        StoredTensor("runs", [Int32(number), -5, 70_000], shape: [3]),
        StoredTensor("weights", (0..<40).map { Float($0) / Float(number + 1) }, shape: [2, 4, 5]),
        StoredTensor("empty", [Double](), shape: [0, 7]),
    ])
}

func decode(_ file: [UInt8], key: CacheKey? = nil, maximumBytes: Int = 1 << 30) throws -> TensorRecord {
    try file.withUnsafeBytes { try TensorRecord(decoding: $0, key: key, maximumBytes: maximumBytes) }
}

/// Collects what it is told, from any thread.
final class Log: Sendable {
    private let stored = Mutex<[String]>([])
    var lines: [String] { stored.withLock { $0 } }

    func add(_ line: String) { stored.withLock { $0.append(line) } }
}

/// The files of a cache's entries.
func entryFiles(_ folder: URL) -> [URL] {
    let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    return paths.filter { $0.hasSuffix(".tensors") }.sorted().map { folder.appending(path: $0) }
}

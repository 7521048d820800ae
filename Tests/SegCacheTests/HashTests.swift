import Foundation
import SegCache
import TestSupport
import Testing

/// The buffer on which xxHash publishes its test vectors.
private let sanityBuffer: [UInt8] = {
    var state: UInt64 = 2_654_435_761
    return (0..<5000).map { _ in
        defer { state &*= 11_400_714_785_074_694_797 }
        return UInt8(state >> 56)
    }
}()

@Suite("Content hash")
struct HashTests {
    /// Source: XSUM_XXH128_testdata in xxHash's cli/xsum_sanity_check.c, the vectors of seed 0.
    @Test(
        "The published vectors of XXH3 with 128 bits",
        arguments: [
            (0, "99aa06d3014798d86001c324468d497f"), (1, "a6cd5e9392000f6ac44bdff4074eecdb"),
            (6, "082afe0b8162d12a3e7039bdda43cfc6"), (12, "6e3efd8fc7802b18061a192713f69ad9"),
            (24, "0ce966e4678d37611e7044d28b1b901d"), (48, "a002ac4e5478227ef942219aed80f67b"),
            (81, "4952f58181ab00425e8bafb9f95fb803"), (222, "337e09641b948717f1aebd597cec6b3a"),
            (403, "1b6de21e332dd73dcdeb804d65c6dea4"), (512, "18d2d110dcc9bca1617e49599013cb6b"),
            (2048, "f736557fd47073a5dd59e2c3a5f038e0"), (2240, "ccb134fbfa7ce49d6e73a90539cf2948"),
            (2367, "e89c0f6ff369b427cb37aeb9e5d361ed"),
        ]
    )
    func vectors(count: Int, expected: String) {
        #expect(ContentHash(of: Array(sanityBuffer.prefix(count))).description == expected)
    }

    /// Source: Generators/xxh3.py, which asks the reference library.
    @Test("Every length up to several blocks agrees with the reference library")
    func allLengths() {
        let digests = (0...4500).map { ContentHash(of: Array(sanityBuffer.prefix($0))).description }
        #expect(ContentHash(of: Array(digests.joined().utf8)).description == "78fa034db069a8e0503dbd3c7f4bf34c")
    }

    @Test("Text of a hash reads back, and other text is refused")
    func text() {
        let hash = ContentHash(of: [1, 2, 3])
        #expect(ContentHash(hash.description) == hash)
        for text in [
            "", String(hash.description.dropLast()), hash.description + "0", "+" + hash.description.dropFirst(),
        ] {
            #expect(ContentHash(text) == nil)
        }
        #expect(ContentHash(hash.description.uppercased()) == nil)
    }

    @Test("A file's hash is that of its bytes; a missing file is an error that names it")
    func files() throws {
        let folder = try TemporaryFolder()
        let file = folder.appending("data.bin")
        try Data(sanityBuffer).write(to: file)
        #expect(try ContentHash(ofFile: file) == ContentHash(of: sanityBuffer))
        #expect(message { _ = try ContentHash(ofFile: folder.appending("none.png")) }.contains("none.png"))
    }
}

@Suite("Cache key")
struct CacheKeyTests {
    private func key(_ build: (inout CacheKey.Components) -> Void) -> CacheKey {
        var components = CacheKey.Components()
        build(&components)
        return components.key
    }

    @Test("Components that would be one text when joined make different keys")
    func noAmbiguity() {
        let keys = [
            key { _ in },
            key { $0.add("", "") },
            key { $0.addMissing("") },
            key { $0.add("a", "bc") },
            key { $0.add("ab", "c") },
            key { $0.add("abc", "") },
            key { $0.add("", "abc") },
            key {
                $0.add("a", "b")
                $0.add("c", "")
            },
            key {
                $0.add("a", "")
                $0.add("b", "c")
            },
            key {
                $0.add("b", "c")
                $0.add("a", "")
            },
            key { $0.add("a", 1) },
            key { $0.add("a", 1.0) },
            key { $0.add("a", "1") },
            key { $0.addMissing("a") },
            key { $0.add("a", ["b": "c"]) },
            key {
                $0.add("a", [:])
                $0.add("b", "c")
            },
            key { $0.add("a", ["b": "", "c": ""]) },
            key { $0.add("a", ContentHash(of: [])) },
            key {
                $0.add("a", 1)
                $0.add("a", 1)
            },
        ]
        #expect(Set(keys).count == keys.count)
    }

    @Test("A key depends on nothing but its components, from machine to machine")
    func stable() {
        let made = key {
            $0.add("id", "case010")
            $0.add("size", 128)
            $0.add("spacing", 0.1)
            $0.add("metadata", ["Shape": "oval", "BIRADS": "4a"])
            $0.addMissing("pathology")
        }
        #expect(made.description == "bc47a7e642ef910c73c06a0cb1f6d02a")
        #expect(CacheKey(made.description) == made)
    }
}

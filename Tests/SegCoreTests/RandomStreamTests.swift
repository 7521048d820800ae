import Foundation
import SegCore
import Testing

@Suite struct RandomStreamTests {
    @Test func sameNameSameBits() {
        var first = RandomStream(seed: 3, "augmentation", 2, "case010")
        var second = RandomStream(seed: 3, path: ["augmentation", 2, "case010"])
        #expect((0..<100).map { _ in first.next() } == (0..<100).map { _ in second.next() })
    }

    @Test func everyPartOfTheNameCounts() {
        let streams = [
            RandomStream(seed: 3, 1, 2), RandomStream(seed: 4, 1, 2), RandomStream(seed: 3, 2, 1),
            RandomStream(seed: 3, 1), RandomStream(seed: 3, 12), RandomStream(seed: 3, "1", 2),
            RandomStream(seed: 3, "1", "2"), RandomStream(seed: 3, "12"), RandomStream(seed: 3),
        ]
        #expect(Set(streams).count == streams.count)
    }

    @Test func followsTheReferenceOfTheAlgorithm() throws {
        // xoshiro256** from the state (1, 2, 3, 4), by the recurrence of its paper.
        let state = "0000000000000001" + "0000000000000002" + "0000000000000003" + "0000000000000004"
        var stream = try JSONDecoder().decode(RandomStream.self, from: Data("\"\(state)\"".utf8))
        #expect((0..<4).map { _ in stream.next() } == [11520, 0, 1_509_978_240, 1_215_971_899_390_074_240])
    }

    @Test func stateSurvivesCoding() throws {
        var stream = RandomStream(seed: 9, "resume")
        for _ in 0..<17 { _ = stream.next() }
        var copy = try JSONDecoder().decode(RandomStream.self, from: JSONEncoder().encode(stream))
        #expect(copy == stream)
        #expect(copy.next() == stream.next())
    }

    @Test(arguments: [
        "\"\"", "\"00\"", "\"\(String(repeating: "0", count: 64))\"", "\"\(String(repeating: "g", count: 64))\"",
    ])
    func damagedStateIsRejected(text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(RandomStream.self, from: Data(text.utf8)) }
    }

    @Test func momentsOfTheDeviates() {
        var stream = RandomStream(seed: 1, "moments")
        let count = 200_000
        let uniform = (0..<count).map { _ in stream.uniform() }
        let normal = (0..<count).map { _ in stream.normal() }
        #expect(uniform.allSatisfy { (0..<1).contains($0) })
        #expect(normal.allSatisfy { $0.isFinite })
        func moment(_ values: [Float], _ power: Int) -> Double {
            values.reduce(0) { $0 + pow(Double($1), Double(power)) } / Double(values.count)
        }
        // Tolerances are about four standard errors.
        #expect(abs(moment(uniform, 1) - 1 / 2) < 0.003)
        #expect(abs(moment(uniform, 2) - 1 / 3) < 0.003)
        #expect(abs(moment(normal, 1)) < 0.01)
        #expect(abs(moment(normal, 2) - 1) < 0.015)
        #expect(abs(moment(normal, 4) - 3) < 0.1)
    }

    @Test func indicesAreEven() {
        var stream = RandomStream(seed: 1, "indices")
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<70_000 { counts[stream.index(below: 7)] += 1 }
        #expect(counts.allSatisfy { abs($0 - 10_000) < 400 })
    }

    @Test func shuffleKeepsEveryElement() {
        var stream = RandomStream(seed: 5, "shuffle")
        var elements = Array(0..<100)
        stream.shuffle(&elements)
        #expect(elements != Array(0..<100))
        #expect(elements.sorted() == Array(0..<100))
    }
}

import SegTensor
import Testing

/// Addresses are numbers here: nothing lies there.
@Suite struct FreeMemoryTests {
    @Test func theHeadOfTheSmallestFittingPieceIsTaken() {
        var memory = FreeMemory(least: 100)
        memory.add(1 << 20, 1000)
        memory.add(2 << 20, 400)
        memory.give(1 << 20, 1000)
        memory.give(2 << 20, 400)
        #expect(memory.bytes == 5600)
        // What is left of the smaller one is large enough to be a piece, what is left of the larger one is not.
        let (larger, smaller): (UInt, UInt) = (1 << 20, 2 << 20)
        let addresses = [300, 100, 950, 100].map { memory.take($0) }
        #expect(addresses == [smaller, smaller + 1200, larger, nil])
        #expect(memory.bytes == 0)
    }

    @Test func neighborsBecomeOne() {
        var memory = FreeMemory(least: 100)
        memory.add(1 << 20, 900)
        memory.give(1 << 20, 900)
        let parts = (0..<3).compactMap { _ in memory.take(300) }
        #expect(parts == [1 << 20, 1 << 20 + 1200, 1 << 20 + 2400])
        memory.give(parts[0], 300)
        memory.give(parts[2], 300)
        #expect(memory.take(600) == nil)
        // The middle one joins both.
        memory.give(parts[1], 300)
        #expect(memory.take(900) == 1 << 20)
    }

    @Test func smallSizesAreKeptAsTheyAre() {
        var memory = FreeMemory(least: 100)
        memory.add(1 << 20, 64)
        memory.give(1 << 20, 64)
        #expect(memory.take(32) == nil)
        #expect(memory.take(64) == 1 << 20)
    }

    @Test func onlyWholeMemoryGoesBack() {
        var memory = FreeMemory(least: 100)
        for index in 1...3 as ClosedRange<UInt> {
            memory.add(index << 20, 1000)
            memory.give(index << 20, 1000)
        }
        let used = memory.take(400)
        let gone = memory.excess(over: 0)
        #expect(gone.count == 2 && gone.allSatisfy { $0.size == 1000 && $0.address != used })
        #expect(memory.bytes == 2400)
        memory.give(used ?? 0, 400)
        #expect(memory.excess(over: 4000).isEmpty)
        #expect(memory.excess(over: 0).map(\.address) == [used])
        #expect(memory.bytes == 0)
    }

    /// No two owners have the same place, and in the end all is in one piece again.
    @Test func anyOrderIsRight() {
        var memory = FreeMemory(least: 100)
        var state: UInt64 = 7
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var used: [(address: UInt, size: Int)] = []
        var whole: [(address: UInt, size: Int)] = []
        for step in 0..<4000 {
            if used.isEmpty || (step < 3000 && random(2) == 0) {
                let size = 16 + random(60) * 16
                let address =
                    memory.take(size)
                    ?? {
                        let address = UInt(whole.count + 1) << 20
                        memory.add(address, size)
                        whole.append((address, size))
                        return address
                    }()
                let end = address + UInt(size * 4)
                #expect(used.allSatisfy { $0.address + UInt($0.size * 4) <= address || $0.address >= end })
                #expect(whole.contains { $0.address <= address && end <= $0.address + UInt($0.size * 4) })
                used.append((address, size))
            } else {
                let piece = used.remove(at: random(used.count))
                memory.give(piece.address, piece.size)
            }
        }
        for piece in used { memory.give(piece.address, piece.size) }
        #expect(memory.bytes == whole.reduce(0) { $0 + $1.size * 4 })
        let gone = memory.excess(over: 0)
        #expect(memory.bytes == 0)
        #expect(gone.map(\.address).sorted() == whole.map(\.address).sorted())
    }
}

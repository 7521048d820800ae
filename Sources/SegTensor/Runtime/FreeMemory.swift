/// What is free of the memory that was taken from the system, and what of it serves the next tensor.
///
/// Small sizes are used again as they are. Large memory is cut: a tensor gets the head of the smallest free piece that holds it,
/// and free neighbors become one piece again. So the next map takes the place of any that went, whatever its size was, and less is
/// held beside what is in use.
package struct FreeMemory {
    /// Memory that was taken from the system at once, or a piece of it.
    private struct Piece {
        let size: Int
        var isFree: Bool
        /// Neighbors of the same memory, by their addresses.
        var before: UInt?
        var after: UInt?
    }

    /// Large pieces by their addresses, free or not.
    private var pieces: [UInt: Piece] = [:]
    /// Free addresses by size, floats.
    private var free: [Int: [UInt]] = [:]
    /// Sum of all free sizes.
    package private(set) var bytes = 0

    /// Floats that a large piece has at least.
    private let least: Int

    /// - Parameter least: floats from which on memory is cut.
    package init(least: Int) { self.least = least }

    /// Memory of a size, if there is any; it is in use from now on.
    package mutating func take(_ size: Int) -> UInt? {
        guard size >= least else { return removeFree(size) }
        guard let found = free.keys.filter({ $0 >= size }).min(), let address = removeFree(found) else { return nil }
        pieces[address]?.isFree = false
        if found - size >= least { cut(address, size) }
        return address
    }

    /// Memory that has just been taken from the system, in use.
    package mutating func add(_ address: UInt, _ size: Int) {
        if size >= least { pieces[address] = Piece(size: size, isFree: false) }
    }

    /// Memory that is not in use any more.
    package mutating func give(_ address: UInt, _ size: Int) {
        guard size >= least else {
            insertFree(address, size)
            return
        }
        guard var piece = pieces[address] else { return }
        var first = address
        if let before = piece.before, let left = pieces[before], left.isFree {
            removeFree(left.size, before)
            pieces[address] = nil
            first = before
            piece = Piece(size: left.size + piece.size, isFree: true, before: left.before, after: piece.after)
        }
        if let after = piece.after, let right = pieces[after], right.isFree {
            removeFree(right.size, after)
            pieces[after] = nil
            piece = Piece(size: piece.size + right.size, isFree: true, before: piece.before, after: right.after)
        }
        piece.isFree = true
        pieces[first] = piece
        if let after = piece.after { pieces[after]?.before = first }
        insertFree(first, piece.size)
    }

    /// Takes out free memory that is not a part of any in use, largest first, until no more than so many bytes are free; it goes
    /// back to the system.
    package mutating func excess(over limit: Int) -> [(address: UInt, size: Int)] {
        var result: [(address: UInt, size: Int)] = []
        for size in free.keys.sorted(by: >) where bytes > limit {
            for address in free[size] ?? [] where bytes > limit {
                if let piece = pieces[address], piece.before != nil || piece.after != nil { continue }
                removeFree(size, address)
                pieces[address] = nil
                result.append((address, size))
            }
        }
        return result
    }

    private mutating func cut(_ address: UInt, _ size: Int) {
        guard let piece = pieces[address] else { return }
        let rest = address + UInt(size * 4)
        pieces[address] = Piece(size: size, isFree: false, before: piece.before, after: rest)
        pieces[rest] = Piece(size: piece.size - size, isFree: true, before: address, after: piece.after)
        if let after = piece.after { pieces[after]?.before = rest }
        insertFree(rest, piece.size - size)
    }

    private mutating func insertFree(_ address: UInt, _ size: Int) {
        free[size, default: []].append(address)
        bytes += size * 4
    }

    private mutating func removeFree(_ size: Int) -> UInt? {
        guard let address = free[size]?.popLast() else { return nil }
        if free[size]?.isEmpty == true { free[size] = nil }
        bytes -= size * 4
        return address
    }

    private mutating func removeFree(_ size: Int, _ address: UInt) {
        guard let index = free[size]?.lastIndex(of: address) else { return }
        free[size]?.remove(at: index)
        if free[size]?.isEmpty == true { free[size] = nil }
        bytes -= size * 4
    }
}

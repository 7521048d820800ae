import SegCache

/// Thumbnails in buckets, of which only neighbors may hold duplicates of one another.
///
/// Buckets are cubes of the four coefficients of ``ThumbnailSignatures`` that vary most, as wide as duplicates may be apart; those
/// of uniform images, which pair with identical ones only, and of images that contain NaN are hashes of their pixels.
struct ThumbnailGrid {
    private let signatures: ThumbnailSignatures
    private let buckets: [SIMD4<Int16>: Int]
    /// The bucket of each thumbnail.
    private let homes: [Int32]
    /// Thumbnails by bucket; the first ``live`` of each have not been taken out.
    private var members: [Int32]
    private var places: [Int32]
    private let starts: [Int]
    private var live: [Int]
    private let keys: [SIMD4<Int16>]
    private let uniform: Set<Int>

    init(_ thumbnails: [Thumbnail], of finder: DuplicateFinder) {
        let signatures = ThumbnailSignatures(thumbnails, of: finder)
        self.signatures = signatures
        let uniform = Set(thumbnails.indices.filter { thumbnails[$0].hasNoPicture })
        var buckets: [SIMD4<Int16>: Int] = [:]
        var keys: [SIMD4<Int16>] = []
        var counts: [Int] = []
        let homes = thumbnails.indices.map { index -> Int32 in
            let key =
                uniform.contains(index)
                ? Self.bucket(of: thumbnails[index].contentHash.low) : signatures.bucket(of: index)
            let home = buckets[key] ?? keys.count
            if home == keys.count {
                buckets[key] = home
                keys.append(key)
                counts.append(0)
            }
            counts[home] += 1
            return Int32(home)
        }
        var starts: [Int] = []
        var end = 0
        for count in counts {
            starts.append(end)
            end += count
        }
        var filled = starts
        var members = [Int32](repeating: 0, count: thumbnails.count)
        var places = members
        for index in thumbnails.indices {
            let home = Int(homes[index])
            members[filled[home]] = Int32(index)
            places[index] = Int32(filled[home])
            filled[home] += 1
        }
        (self.buckets, self.keys, self.homes, self.starts, self.uniform) = (buckets, keys, homes, starts, uniform)
        (self.members, self.places, live) = (members, places, counts)
    }

    /// A bucket that no coefficient leads to.
    private static func bucket(of hash: UInt64) -> SIMD4<Int16> {
        var bucket = SIMD4<Int16>(repeating: .max)
        for axis in 1..<4 {
            let shift = UInt64(16 * axis)
            bucket[axis] = Int16(truncatingIfNeeded: hash >> shift)
        }
        return bucket
    }

    /// What has not been taken out and may be a duplicate of a thumbnail, itself left out; in no order.
    func candidates(of index: Int) -> [Int] {
        var found: [Int] = []
        func look(in bucket: Int) {
            for place in starts[bucket]..<starts[bucket] + live[bucket] {
                let other = Int(members[place])
                if other != index, signatures.mayMatch(index, other) { found.append(other) }
            }
        }
        let home = Int(homes[index])
        if uniform.contains(index) {
            look(in: home)
            return found
        }
        let key = keys[home]
        for offset in Self.offsets {
            if let bucket = buckets[key &+ offset] { look(in: bucket) }
        }
        return found
    }

    /// Takes a thumbnail out. Traps if that was done before.
    mutating func remove(_ index: Int) {
        let home = Int(homes[index])
        let place = Int(places[index])
        let last = starts[home] + live[home] - 1
        precondition(place <= last, "a thumbnail is taken out once")
        let moved = members[last]
        members.swapAt(place, last)
        places[Int(moved)] = Int32(place)
        places[index] = Int32(last)
        live[home] -= 1
    }

    /// A bucket and its neighbors.
    private static let offsets: [SIMD4<Int16>] = {
        var offsets: [SIMD4<Int16>] = []
        for number: Int16 in 0..<81 {
            var offset = SIMD4<Int16>(repeating: -1)
            var rest = number
            for axis in 0..<4 {
                offset[axis] += rest % 3
                rest /= 3
            }
            offsets.append(offset)
        }
        return offsets
    }()
}

extension Thumbnail {
    /// Whether its pixels are equal up to rounding, or one of them is NaN.
    fileprivate var hasNoPicture: Bool {
        let values = DuplicateFinder.normalized(DuplicateFinder.centered(pixels))
        return values.allSatisfy { $0 == 0 } || !values.allSatisfy(\.isFinite)
    }
}

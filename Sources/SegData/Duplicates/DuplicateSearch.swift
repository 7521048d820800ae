package import SegCore

/// The duplicates of many thumbnails, as clusters: made once, and asked about parts of the data as often as needed.
///
/// A cluster of near-identical frames has as many pairs as the square of its size; none are listed until they are asked for, and of
/// a large cluster only so many as say what is where.
public struct DuplicateSearch: Sendable {
    /// How many pictures a cluster may have of which all pairs are listed.
    public static let largestListed = 32

    /// What counts as a duplicate.
    public let finder: DuplicateFinder
    /// The clusters, each of two thumbnails or more in their order; those of the rest are not kept.
    private let groups: [Group]

    /// A cluster, and a pair for each of its thumbnails but the first that joins it to the others.
    private struct Group: Sendable {
        /// Places among all thumbnails, in their order, with the thumbnails.
        var members: [(place: Int, thumbnail: Thumbnail)]
        /// Pairs of places in ``members``.
        var links: [(Int, Int)]
    }

    /// Finds the clusters.
    ///
    /// - Complexity: each thumbnail is compared with those of similar low frequencies; of a cluster each with few.
    public init(_ thumbnails: [Thumbnail], finder: DuplicateFinder = DuplicateFinder()) {
        self.init(thumbnails.enumerated().map { (place: $0, thumbnail: $1) }, finder)
    }

    private init(_ numbered: [(place: Int, thumbnail: Thumbnail)], _ finder: DuplicateFinder) {
        self.finder = finder
        groups = Self.components(numbered.map(\.thumbnail), finder).map { cluster, links in
            let order = cluster.sorted()
            let places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
            return Group(
                members: order.map { numbered[$0] },
                links: links.compactMap { first, second in
                    guard let one = places[first], let other = places[second] else { return nil }
                    return one < other ? (one, other) : (other, one)
                }
            )
        }
    }

    private init(finder: DuplicateFinder, groups: [Group]) { (self.finder, self.groups) = (finder, groups) }

    /// What a search grows clusters from: whoever joined one is not looked at again.
    private static func components(
        _ thumbnails: [Thumbnail],
        _ finder: DuplicateFinder
    ) -> [(members: [Int], links: [(Int, Int)])] {
        var grid = ThumbnailGrid(thumbnails, of: finder)
        var isTaken = [Bool](repeating: false, count: thumbnails.count)
        var clusters: [(members: [Int], links: [(Int, Int)])] = []
        for first in thumbnails.indices where !isTaken[first] {
            isTaken[first] = true
            grid.remove(first)
            var members = [first]
            var links: [(Int, Int)] = []
            var next = 0
            while next < members.count {
                let member = members[next]
                next += 1
                let candidates = grid.candidates(of: member)
                guard !candidates.isEmpty else { continue }
                let look = DuplicateFinder.Look(thumbnails[member])
                for other in candidates where finder.matches(look, .init(thumbnails[other])) {
                    isTaken[other] = true
                    grid.remove(other)
                    members.append(other)
                    links.append((member, other))
                }
            }
            if members.count > 1 { clusters.append((members, links)) }
        }
        return clusters
    }

    /// The clusters, in the order of their first records.
    public var clusters: DuplicateClusters {
        DuplicateClusters(
            clusters: groups.sorted { $0.members[0].place < $1.members[0].place }
                .map { $0.members.map(\.thumbnail.record) }
        )
    }

    /// The duplicates among some of the records alone: what only others join falls apart.
    public func restricted(to isKept: (RecordReference) -> Bool) -> DuplicateSearch {
        let parts = groups.flatMap { group -> [Group] in
            let kept = group.members.filter { isKept($0.thumbnail.record) }
            if kept.count == group.members.count { return [group] }
            return kept.count < 2 ? [] : DuplicateSearch(kept, finder).groups
        }
        return DuplicateSearch(finder: finder, groups: parts)
    }

    /// Pairs of duplicates, by the first of the pair, then by the second.
    ///
    /// Of a cluster of up to ``largestListed`` pictures these are all. Of a larger one they are so many as join it, and for each
    /// picture its first duplicate on each side.
    ///
    /// - Parameter side: what a reader tells pictures apart by, such as part and label.
    public func pairs(side: (RecordReference) -> String = { $0.dataset }) -> [DuplicatePair] {
        var found: [(first: Int, second: Int, pair: DuplicatePair)] = []
        for group in groups {
            let isSmall = group.members.count <= Self.largestListed
            for places in isSmall ? Self.allPairs(group.members.count) : someOf(group, side) {
                let (first, second) = (group.members[places.first], group.members[places.second])
                let looks = (DuplicateFinder.Look(first.thumbnail), DuplicateFinder.Look(second.thumbnail))
                guard let pair = finder.pair(looks.0, looks.1) else { continue }
                found.append((first.place, second.place, pair))
            }
        }
        found.sort { $0.first == $1.first ? $0.second < $1.second : $0.first < $1.first }
        return found.map(\.pair)
    }

    private static func allPairs(_ count: Int) -> Set<Places> {
        var pairs: Set<Places> = []
        for second in 1..<count {
            for first in 0..<second { pairs.insert(Places(first: first, second: second)) }
        }
        return pairs
    }

    /// What joins a large cluster, and each member's first duplicate on each side.
    private func someOf(_ group: Group, _ side: (RecordReference) -> String) -> Set<Places> {
        Set(group.links.map { Places(first: $0.0, second: $0.1) }).union(firstMatches(group, side))
    }

    /// The same, where pictures of another label, or of none of the records, are another side.
    package func pairs(of records: [SampleRecord]) -> [DuplicatePair] {
        let labels = Dictionary(
            records.map { ($0.id, $0.pathology?.rawValue ?? "") },
            uniquingKeysWith: { first, _ in first }
        )
        return pairs { "\($0.dataset) \(labels[$0.id] ?? "")" }
    }

    private struct Places: Hashable {
        var first: Int
        var second: Int
    }

    /// For each member the first other that matches it on each side.
    private func firstMatches(_ group: Group, _ side: (RecordReference) -> String) -> [Places] {
        let thumbnails = group.members.map(\.thumbnail)
        let signatures = ThumbnailSignatures(thumbnails, of: finder)
        let sides = Dictionary(grouping: Array(thumbnails.indices)) { side(thumbnails[$0].record) }
        var found: [Places] = []
        for index in thumbnails.indices {
            let look = DuplicateFinder.Look(thumbnails[index])
            func isMatch(_ other: Int) -> Bool {
                guard other != index, signatures.mayMatch(index, other) else { return false }
                return finder.matches(look, DuplicateFinder.Look(thumbnails[other]))
            }
            for others in sides.values {
                guard let other = others.first(where: isMatch) else { continue }
                found.append(Places(first: min(index, other), second: max(index, other)))
            }
        }
        return found
    }
}

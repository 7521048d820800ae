import Foundation
import SegCore

/// Records gathered by group, large groups first, ready to be dealt out to the sides of a split.
struct GroupedRecords {
    private struct Group {
        var members: [Int] = []
        /// Records by stratum; the last entry counts all of them, so that sizes are balanced as well as strata.
        var counts: [Double]
    }

    private var groups: [Group]
    private let totals: [Double]

    init(
        _ records: [SampleRecord],
        linked: [[String]],
        seed: UInt64,
        purpose: StreamKey,
        needed: Int
    ) throws {
        let order = records.indices.sorted { records[$0].id < records[$1].id }
        for (first, second) in zip(order, order.dropFirst()) where records[first].id == records[second].id {
            throw SegmentationError(
                records[first].imageFile.path,
                "the id \(records[first].id) occurs twice, so a split cannot name its records",
                cure: "give every record an id of its own"
            )
        }
        // A record without a label is a stratum of its own.
        let strata: [Pathology?] = Pathology.allCases + [nil]
        let names = try Self.groupNames(records, linked: linked)
        var byName: [String: Group] = [:]
        for index in order {
            var group = byName[names[index]] ?? Group(counts: Array(repeating: 0, count: strata.count + 1))
            group.members.append(index)
            for (stratum, pathology) in strata.enumerated() where pathology == records[index].pathology {
                group.counts[stratum] += 1
            }
            group.counts[strata.count] += 1
            byName[names[index]] = group
        }
        guard byName.count >= needed else {
            throw SegmentationError(
                "split",
                "\(records.count) records of \(byName.count == 1 ? "one group" : "\(byName.count) groups") cannot be divided "
                    + "into \(needed) parts",
                cure: "use more patients or fewer parts; neither a patient nor a set of duplicates is divided"
            )
        }
        var sorted = byName.keys.sorted().compactMap { byName[$0] }
        totals = sorted.reduce(Array(repeating: 0, count: strata.count + 1)) { sums, group in
            zip(sums, group.counts).map(+)
        }
        var stream = RandomStream(seed: seed, "split", purpose)
        stream.shuffle(&sorted)
        // Small groups come last and fill the gaps that large ones leave; the shuffled position decides among equals.
        groups = sorted.enumerated()
            .sorted { ($1.element.members.count, $0.offset) < ($0.element.members.count, $1.offset) }
            .map(\.element)
    }

    /// Each record's group: its own, or the first by name of all groups that links join it with.
    private static func groupNames(_ records: [SampleRecord], linked: [[String]]) throws -> [String] {
        var parent: [String: String] = [:]
        func root(_ name: String) -> String {
            var name = name
            while let next = parent[name] { name = next }
            return name
        }
        if !linked.isEmpty {
            let groups = Dictionary(records.map { ($0.id, $0.group) }, uniquingKeysWith: { first, _ in first })
            for ids in linked {
                let joined = try ids.map { id in
                    guard let group = groups[id] else {
                        throw SegmentationError(
                            id,
                            "this record is linked to \(ids.count - 1) others, but is not among those to divide",
                            cure: "find the duplicates of the same records"
                        )
                    }
                    return group
                }
                let roots = Set(joined.map(root)).sorted()
                for other in roots.dropFirst() { parent[other] = roots[0] }
            }
        }
        return records.map { root($0.group) }
    }

    /// Deals every group to the side whose distance from its share it lessens most (or raises least).
    ///
    /// Distance: `Σ (count − target)² / target` over strata and the total.
    func assign(shares: [Double]) -> [Set<Int>] {
        var sides = Array(repeating: Set<Int>(), count: shares.count)
        let targets = shares.map { share in totals.map { max($0 * share, 1e-9) } }
        var counts = shares.map { _ in totals.map { _ in 0.0 } }
        for (position, group) in groups.enumerated() {
            var best = 0
            var bestChange = Double.infinity
            let emptySides = sides.filter(\.isEmpty).count
            let mustFill = groups.count - position <= emptySides
            for side in shares.indices where !mustFill || sides[side].isEmpty {
                var change = 0.0
                for (stratum, added) in group.counts.enumerated() where added > 0 {
                    let gap = counts[side][stratum] - targets[side][stratum]
                    change += (2 * gap + added) * added / targets[side][stratum]
                }
                if change < bestChange { (best, bestChange) = (side, change) }
            }
            sides[best].formUnion(group.members)
            for (stratum, added) in group.counts.enumerated() { counts[best][stratum] += added }
        }
        return sides
    }
}

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

    init(_ records: [SampleRecord], seed: UInt64, purpose: StreamKey, needed: Int) throws {
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
        var byName: [String: Group] = [:]
        for index in order {
            var group = byName[records[index].group] ?? Group(counts: Array(repeating: 0, count: strata.count + 1))
            group.members.append(index)
            for (stratum, pathology) in strata.enumerated() where pathology == records[index].pathology {
                group.counts[stratum] += 1
            }
            group.counts[strata.count] += 1
            byName[records[index].group] = group
        }
        guard byName.count >= needed else {
            throw SegmentationError(
                "split",
                "\(records.count) records of \(byName.count) groups cannot be divided into \(needed) parts",
                cure: "use more patients or fewer parts; a group is never divided"
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

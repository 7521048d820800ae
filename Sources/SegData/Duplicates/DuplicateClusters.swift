/// Images that belong together because a chain of duplicates joins them.
///
/// A split that divides no cluster never has an image on one side and its copy on the other.
public struct DuplicateClusters: Hashable, Sendable {
    /// The clusters, each of two records or more, in the order in which the pairs first name them.
    public let clusters: [[RecordReference]]
    private let indices: [RecordReference: Int]

    /// Clusters that are known, in their order.
    init(clusters: [[RecordReference]]) {
        self.clusters = clusters
        indices = Dictionary(
            uniqueKeysWithValues: clusters.enumerated().flatMap { number, records in records.map { ($0, number) } }
        )
    }

    /// Joins pairs that share a record.
    public init(pairs: [DuplicatePair]) {
        var order: [RecordReference] = []
        var numbers: [RecordReference: Int] = [:]
        var parents: [Int] = []
        func number(_ record: RecordReference) -> Int {
            if let number = numbers[record] { return number }
            numbers[record] = order.count
            parents.append(order.count)
            order.append(record)
            return order.count - 1
        }
        func root(_ number: Int) -> Int {
            var number = number
            while parents[number] != number {
                parents[number] = parents[parents[number]]
                number = parents[number]
            }
            return number
        }
        for pair in pairs where pair.first != pair.second {
            let (first, second) = (root(number(pair.first)), root(number(pair.second)))
            // The earlier record stays the root, so that clusters do not depend on how they were joined.
            parents[max(first, second)] = min(first, second)
        }
        var positions: [Int: Int] = [:]
        var clusters: [[RecordReference]] = []
        var indices: [RecordReference: Int] = [:]
        for (number, record) in order.enumerated() {
            let position = positions[root(number)] ?? clusters.count
            if position == clusters.count {
                positions[root(number)] = position
                clusters.append([])
            }
            clusters[position].append(record)
            indices[record] = position
        }
        self.clusters = clusters
        self.indices = indices
    }

    /// The position in ``clusters`` of a record's cluster; `nil` if it has no duplicate.
    public func index(of record: RecordReference) -> Int? { indices[record] }

    /// A record's cluster, itself included; `nil` if it has no duplicate.
    public func cluster(of record: RecordReference) -> [RecordReference]? { indices[record].map { clusters[$0] } }

    /// Records that have a duplicate.
    public var recordCount: Int { indices.count }
}

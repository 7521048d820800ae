package import SegCore
import SegTensor

/// The order in which the heads of a model predict.
///
/// Files name heads in any order, and read them sorted; what a head reads of others decides instead. A prediction that no
/// head states is looked for among those that state none and read nothing, so that the head of a plugin that says nothing of
/// the kind predicts before those that might read it.
package struct HeadOrder {
    private let names: [String]
    private let reads: [Set<Outputs.Key>]
    private let provides: [Set<Outputs.Key>]

    package init(_ heads: [(name: String, head: any TaskHead)]) {
        names = heads.map(\.name)
        reads = heads.map { name, head in PluginContext.with("head `\(name)`") { head.reads } }
        provides = heads.map { name, head in PluginContext.with("head `\(name)`") { head.provides } }
    }

    /// The indices of the heads, each after those whose predictions it reads, otherwise as they were.
    ///
    /// - Throws: ``SegmentationError`` for a prediction that cannot be had, and for heads that read each other's in a circle.
    package func sorted() throws -> [Int] {
        let needs = try names.indices.map { try self.needs(of: $0) }
        var order: [Int] = []
        while order.count < names.count {
            let next = names.indices.first { index in
                !order.contains(index) && needs[index].allSatisfy { order.contains($0.head) }
            }
            guard let next else { throw circle(needs, besides: order) }
            order.append(next)
        }
        return order
    }

    /// A prediction, and a head that makes it.
    private struct Need {
        var key: Outputs.Key
        var head: Int
    }

    private func needs(of index: Int) throws -> [Need] {
        try reads[index].sorted { $0.name < $1.name }.flatMap { key in
            let others = names.indices.filter { $0 != index }
            let stating = others.filter { provides[$0].contains(key) }
            let possible = stating.isEmpty ? others.filter { provides[$0].isEmpty && reads[$0].isEmpty } : stating
            guard !possible.isEmpty || others.contains(where: { provides[$0].isEmpty }) else {
                throw SegmentationError(
                    "heads.\(names[index])",
                    "it reads `\(key.name)`, which no other head of the model predicts",
                    cure: "add a head that predicts it, or turn this one off"
                )
            }
            return possible.map { Need(key: key, head: $0) }
        }
    }

    /// Follows one need after the other until a head comes up again.
    private func circle(_ needs: [[Need]], besides done: [Int]) -> SegmentationError {
        var path: [Int] = names.indices.filter { !done.contains($0) }.prefix(1).map { $0 }
        var links: [String] = []
        while let last = path.last, let need = needs[last].first(where: { !done.contains($0.head) }) {
            links.append("`\(names[last])` reads `\(need.key.name)` of `\(names[need.head])`")
            if let start = path.firstIndex(of: need.head) {
                return SegmentationError(
                    "heads.\(names[need.head])",
                    "heads need each other in a circle: \(links[start...].joined(separator: ", "))",
                    cure: "turn one of them off, or change what one reads"
                )
            }
            path.append(need.head)
        }
        preconditionFailure("heads that cannot be ordered need each other in a circle")
    }
}

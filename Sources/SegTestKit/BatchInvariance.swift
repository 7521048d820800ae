import SegTensor

/// Ways to put images into batches that must not change what is found in any of them.
///
/// Companions may be anything, so they are also made a hundred times brighter: what leaks from them is then too large to
/// pass for rounding.
struct BatchInvariance {
    /// Entries of the batch.
    let count: Int

    /// Gains of the companions when they are meant to be noticed.
    private static let glare: Float = 100

    /// How a batch differs from the one that it is compared with.
    struct Arrangement {
        /// How a failure words it.
        let name: String
        /// Where each entry of the arranged batch stands in the original one.
        let order: [Int]
        /// Entries of the original batch that are made brighter.
        var isGlaring: Set<Int> = []

        /// The arranged batch.
        func arranged(_ tensor: Tensor) -> Tensor {
            let parts = order.map { index -> Tensor in
                let entry = tensor.selecting([index])
                return isGlaring.contains(index) ? entry * BatchInvariance.glare : entry
            }
            return Tensor.concatenated(parts, along: 0).detached
        }

        /// The entries whose results can be compared: place in the original batch, place in the arranged one.
        var compared: [(original: Int, arranged: Int)] {
            order.enumerated().filter { !isGlaring.contains($1) }.map { (original: $1, arranged: $0) }
        }
    }

    var arrangements: [Arrangement] {
        let all = Array(0..<count)
        return all.map { Arrangement(name: "without the others", order: [$0]) }
            + [Arrangement(name: "in another order", order: all.reversed())]
            + all.map { Arrangement(name: "beside others", order: all, isGlaring: Set(all).subtracting([$0])) }
    }

    /// The first way in which results differ, in words; `nil` if there is none.
    ///
    /// - Parameter results: what is found in an arranged batch, by name; first axis the batch.
    func firstDifference(
        from whole: [(name: String, tensor: Tensor)],
        _ results: (Arrangement) -> [(name: String, tensor: Tensor)]
    ) -> String? {
        for arrangement in arrangements {
            let found = results(arrangement)
            for part in whole {
                guard let other = found.first(where: { $0.name == part.name })?.tensor else {
                    return "\(part.name) is missing for an image \(arrangement.name)"
                }
                guard other.shape.rank > 0, other.shape[0] == arrangement.order.count else {
                    return "\(part.name) has the shape \(other.shape) for \(arrangement.order.count) images"
                }
                for (original, arranged) in arrangement.compared
                where !nearlyEqual(part.tensor.selecting([original]), other.selecting([arranged])) {
                    return "\(part.name) of an image is another one \(arrangement.name)"
                }
            }
        }
        return nil
    }
}

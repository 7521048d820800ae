public import SegCore
public import SegTensor

/// The Lovász hinge: the convex surrogate of the Jaccard loss of a hard mask, each image by itself.
///
/// - Formula: errors `1 − x (2 t − 1)` in falling order, each above 0 times what the Jaccard loss grows by when that pixel
///   turns wrong after those before it; the mean over images.
/// - Edge cases: targets of ½ and more are lesion; an image without one counts the largest error.
/// - Gradient: with respect to the logits; the order is a constant.
/// - Source: Berman, Triki & Blaschko 2018.
public struct LovaszLoss: MaskLoss {
    public static let name = "lovasz"
    public static let summary = "Lovász hinge: a convex surrogate of the Jaccard loss"

    public init(_ settings: NoSettings = NoSettings()) throws {}

    public func callAsFunction(_ logits: Tensor, _ targets: Tensor, coverage: Tensor?) -> Tensor {
        requireMasks(logits, targets, coverage, operation: "LovaszLoss")
        let shape = logits.shape
        let (batch, pixels) = (shape[0], shape.count / shape[0])
        let (x, t, cover) = (logits.values(), targets.values(), coverage?.values())
        var values = Array(repeating: 0.0, count: batch)
        let gradient = Tensor(shape: shape) { buffer in
            buffer.update(repeating: 0)
            values.withUnsafeMutableBufferPointer { totals in
                // Each task writes the one image that is its own.
                nonisolated(unsafe) let slopes = buffer
                nonisolated(unsafe) let sums = totals
                WorkerPool.current.run(batch) { image, _ in
                    let range = image * pixels..<(image + 1) * pixels
                    let counted = range.filter { (cover?[$0] ?? 1) >= 0.5 }
                    sums[image] = Self.hinge(counted, x, t) { slopes[$0] = Float($1) / Float(batch) }
                }
            }
        }
        let value = values.reduce(0, +) / Double(batch)
        return Tensor(Float(value)).recorded(from: [logits], operation: "LovaszLoss") { [gradient * $0.item] }
    }

    /// The hinge of one image; hands over the slope of each pixel's logit.
    private static func hinge(
        _ places: [Int],
        _ x: [Float],
        _ t: [Float],
        _ slope: (Int, Double) -> Void
    ) -> Double {
        func error(_ place: Int) -> Double {
            let signed: Float = t[place] >= 0.5 ? x[place] : -x[place]
            return 1 - Double(signed)
        }
        let truth = Double(places.count { t[$0] >= 0.5 })
        // Equal errors stay in the pixels' order, so that the gradient does not depend on the sort.
        let errors: [(place: Int, error: Double)] = places.map { (place: $0, error: error($0)) }
        let order = errors.sorted { left, right in
            left.error != right.error ? left.error > right.error : left.place < right.place
        }
        var (hits, misses, before, total) = (0.0, 0.0, 0.0, 0.0)
        for (place, error) in order {
            let isLesion = t[place] >= 0.5
            if isLesion { hits += 1 } else { misses += 1 }
            let jaccard = 1 - (truth - hits) / (truth + misses)
            let growth = jaccard - before
            before = jaccard
            guard error > 0 else { break }
            total += error * growth
            slope(place, isLesion ? -growth : growth)
        }
        return total
    }
}

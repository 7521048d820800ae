import SegConfiguration
public import SegData
import SegMetrics

/// What is left of a predicted mask: rules of size, applied in this order.
///
/// They work on the canvas that the model sees: where a pixel leaves the mask, its probability falls to half the threshold, and
/// where one is filled in, it rises to halfway between the threshold and 1, so that masks, areas and every metric agree, and
/// stay as they are when the canvas is brought to the image's size.
public struct MaskPostprocessing: Hashable, Sendable {
    /// Fills in what the mask encloses.
    public var fillsHoles: Bool
    /// Drops connected components (of eight neighbors) of fewer pixels, counted in the image's own size.
    public var leastArea: Int
    /// Keeps the largest component alone, the first of equal ones.
    public var keepsLargest: Bool

    public init(fillsHoles: Bool = false, leastArea: Int = 0, keepsLargest: Bool = false) {
        self.fillsHoles = fillsHoles
        self.leastArea = leastArea
        self.keepsLargest = keepsLargest
    }

    /// The mask as it is.
    public static let none = MaskPostprocessing()

    /// The rules in words, none of them where nothing is done.
    public var rules: [String] {
        MaskRules(fillHoles: fillsHoles, leastArea: leastArea, largest: keepsLargest).words
    }

    /// The probability on the canvas so changed that cutting it at the threshold gives what the rules leave.
    ///
    /// - Parameter threshold: where the mask is cut.
    public func applied(to probability: [Float], threshold: Float, in letterbox: Letterbox) -> [Float] {
        guard self != .none, !probability.isEmpty else { return probability }
        let side = letterbox.size
        var probability = probability
        func components(_ connectivity: PixelConnectivity, _ isIn: (Float) -> Bool) -> ConnectedComponents {
            guard
                let found = try? ConnectedComponents(
                    of: probability.map { isIn($0) ? 1 : 0 },
                    width: side,
                    height: side,
                    connectivity: connectivity
                )
            else { preconditionFailure("the probabilities fill the canvas") }
            return found
        }
        if fillsHoles {
            // What no way of four neighbors leads out of.
            let labels = components(.four) { $0 < threshold }.labels
            var reachesEdge: Set<Int32> = []
            for index in 0..<side {
                for place in [index, (side - 1) * side + index, index * side, index * side + side - 1] {
                    reachesEdge.insert(labels[place])
                }
            }
            for index in labels.indices where labels[index] > 0 && !reachesEdge.contains(labels[index]) {
                probability[index] = (threshold + 1) / 2
            }
        }
        guard keepsLargest || leastArea > 1 else { return probability }
        let found = components(.eight) { $0 >= threshold }
        let least = Double(leastArea) * letterbox.scale * letterbox.scale
        var isKept = found.areas.map { Double($0) >= least }
        if keepsLargest, let largest = found.areas.max(), let first = found.areas.firstIndex(of: largest) {
            for index in isKept.indices where index != first { isKept[index] = false }
        }
        for (index, label) in found.labels.enumerated() where label > 0 && !isKept[Int(label) - 1] {
            probability[index] = threshold / 2
        }
        return probability
    }
}

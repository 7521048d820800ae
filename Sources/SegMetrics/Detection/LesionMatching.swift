/// When a predicted lesion counts as the one in the reference.
public enum LesionMatching: Hashable, Sendable {
    /// A pixel in common is enough, and several lesions may share a partner: one large prediction over two lesions finds
    /// both, two fragments on one lesion are not false positives.
    case anyOverlap
    /// Pairs, each lesion in one at most: the pair of the greatest IoU first, as long as it is at least the threshold.
    ///
    /// Above 0.5 no lesion has two candidates and the order is idle. Among equal IoU the lesion of the reference that
    /// comes first in reading order goes first, then the prediction that does.
    case greedyIntersectionOverUnion(atLeast: Double)
}

/// Two components with pixels in common.
struct LesionOverlap {
    var prediction: Int
    var reference: Int
    var pixels: Int
}

extension ConnectedComponents {
    /// Every pair of components of both with pixels in common, sorted by reference, then prediction.
    static func overlaps(_ prediction: ConnectedComponents, _ reference: ConnectedComponents) -> [LesionOverlap] {
        var pixels: [Int: Int] = [:]
        var first = 0
        var second = 0
        while first < prediction.runs.count, second < reference.runs.count {
            let (left, right) = (prediction.runs[first], reference.runs[second])
            if left.row == right.row {
                let common = min(left.end, right.end) - max(left.start, right.start)
                if common > 0 { pixels[right.component * prediction.count + left.component, default: 0] += common }
            }
            if (left.row, left.end) <= (right.row, right.end) { first += 1 } else { second += 1 }
        }
        return pixels.sorted { $0.key < $1.key }.map { key, pixels in
            LesionOverlap(prediction: key % prediction.count, reference: key / prediction.count, pixels: pixels)
        }
    }
}

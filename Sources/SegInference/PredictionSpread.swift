import Foundation
import SegCore
import SegTraining

/// How far the models of an ensemble, or the views of an image, agree on its lesion.
///
/// With `pₘ` the probability of lesion of each, `p̄` their mean and `H(p) = −p log₂ p − (1 − p) log₂ (1 − p)`:
/// - entropy `H(p̄)`: all that is uncertain, 0 to 1 bit;
/// - mutual information `H(p̄) − mean H(pₘ)`: the part that another model would tell otherwise, so that more data would help
///   (Gal 2016; Houlsby 2011).
struct PredictionSpread {
    /// `H(p̄)` of each pixel of the canvas, bits.
    let entropy: [Float]
    /// Of each pixel of the canvas, bits.
    let mutualInformation: [Float]
    /// The mean Dice of any two predicted masks: 1 where all are the same, or all empty.
    let agreement: Double
    /// The means of ``entropy`` and ``mutualInformation`` over the pixels that any of the masks has; 0 where all are empty.
    let meanEntropy: Double
    let meanMutualInformation: Double

    /// - Parameters:
    ///   - probabilities: each prediction's, on one canvas; two at least.
    ///   - threshold: where masks are cut.
    init(_ probabilities: [[Float]], threshold: Float) {
        let count = Float(probabilities.count)
        var entropy = [Float](repeating: 0, count: probabilities[0].count)
        var information = entropy
        var (union, sums) = (0, (entropy: 0.0, information: 0.0))
        for pixel in entropy.indices {
            var (mean, own) = (Float(0), Float(0))
            var isIn = false
            for plane in probabilities {
                mean += plane[pixel] / count
                own += Self.entropy(plane[pixel]) / count
                isIn = isIn || plane[pixel] >= threshold
            }
            entropy[pixel] = Self.entropy(mean)
            information[pixel] = max(0, entropy[pixel] - own)
            guard isIn else { continue }
            union += 1
            sums.entropy += Double(entropy[pixel])
            sums.information += Double(information[pixel])
        }
        self.entropy = entropy
        mutualInformation = information
        meanEntropy = union > 0 ? sums.entropy / Double(union) : 0
        meanMutualInformation = union > 0 ? sums.information / Double(union) : 0

        let areas = probabilities.map { plane in plane.count { $0 >= threshold } }
        var (dice, pairs) = (0.0, 0)
        for first in probabilities.indices {
            for second in probabilities.indices where second > first {
                let both = zip(probabilities[first], probabilities[second]).count { $0 >= threshold && $1 >= threshold }
                let area = areas[first] + areas[second]
                dice += area == 0 ? 1 : 2 * Double(both) / Double(area)
                pairs += 1
            }
        }
        agreement = dice / Double(max(pairs, 1))
    }

    /// Bits.
    private static func entropy(_ probability: Float) -> Float {
        guard probability > 0 && probability < 1 else { return 0 }
        return -probability * log2(probability) - (1 - probability) * log2(1 - probability)
    }

    /// The figures as what a model says about an image.
    var values: [PredictedValue] {
        [
            PredictedValue(name: "ensemble-dice", title: "Dice between predictions", number: agreement),
            PredictedValue(name: "ensemble-entropy", title: "Entropy, bits", number: meanEntropy),
            PredictedValue(
                name: "ensemble-information",
                title: "Mutual information, bits",
                number: meanMutualInformation
            ),
        ]
    }

    func maps(size: Int) -> [PredictedMap] {
        [
            PredictedMap(
                name: "ensemble-entropy",
                title: "Entropy, bits",
                canvas: ValueMap(width: size, height: size, pixels: entropy)
            ),
            PredictedMap(
                name: "ensemble-information",
                title: "Mutual information, bits",
                canvas: ValueMap(width: size, height: size, pixels: mutualInformation)
            ),
        ]
    }
}

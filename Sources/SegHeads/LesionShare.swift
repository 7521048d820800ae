import Foundation
import SegCore
import SegLayers
import SegTensor

/// What heads of masks say of their setting `lesionShare`.
let lesionShareMeaning = SettingMeaning(
    "The share of the pixels that a new head takes for lesion, such as `0.1`; a half if not set. Short trainings and small networks depend on it",
    range: "0.001 to 0.999"
)

/// Throws if the share leaves no finite logit worth the name.
func requireLesionShare(_ share: Float?) throws {
    if let share { try require("lesionShare", share, in: 0.001...0.999) }
}

extension LabelSet {
    /// The logits by which a share of the pixels has one of the labels, all of them as often.
    ///
    /// - Formula: of exclusive labels `log(share / labels)`, and `log(1 − share)` of the background; of others each
    ///   `log(s / (1 − s))`, s the share of one label by which `1 − (1 − s)^labels` is the whole.
    /// - Source: Lin et al. 2017, "Focal Loss for Dense Object Detection", section 4.1.
    func logits(ofShare share: Float) -> [Float] {
        let count = Double(names.count)
        let share = Double(share)
        guard !isExclusive else {
            return [Float(log(1 - share))] + names.map { _ in Float(log(share / count)) }
        }
        let single = 1 - pow(1 - share, 1 / count)
        return names.map { _ in Float(log(single / (1 - single))) }
    }
}

extension Convolution2D {
    /// Sets the bias, which is what a head predicts where its features say nothing.
    ///
    /// An adaptive optimizer moves a bias by the learning rate a step at most: from a half, at which an image is all lesion or
    /// none by chance, the way to a lesion's share takes hundreds of steps, in which little else is learned.
    func startLogits(_ logits: [Float]) { bias?.value = Tensor(logits, shape: [logits.count]) }
}

import SegCore
import SegTensor

extension MultiTaskModel {
    /// Whether anything in it drops values when it is used as ``SegCore/Phase/sampling(_:)`` says. Runs once, on a blank image.
    package func hasDropout(imageSize: Int, channels: Int) -> Bool {
        let phase = Phase.sampling(RandomStream(seed: 0, "dropout"))
        let images = Tensor.zeros([1, channels, imageSize, imageSize])
        withoutGradients { _ = outputs(for: images, phase: phase) }
        return phase.drawCount > 0
    }
}

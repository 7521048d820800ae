import SegCore
import SegTensor

extension FeaturePyramid {
    /// Ends the process, in the backbone's name, unless the features are what its outline says: a head sized by the outline
    /// would be blamed for them.
    func requireOutline(_ outline: PyramidOutline, images: Shape) {
        require("dense", dense, channels: outline.denseChannels, images)
        requireOperands(
            dense.shape[2] == images[2] && dense.shape[3] == images[3],
            "returns dense features of shape \(dense.shape) for images of shape \(images)",
            cure: "bring them to the images' height and width",
            operation: "features"
        )
        require("bottleneck", bottleneck, channels: outline.bottleneckChannels, images)
        requireOperands(
            levels.count == outline.levelChannels.count,
            "returns \(levels.count) levels where its outline has \(outline.levelChannels.count)",
            cure: "correct levelChannels of the outline",
            operation: "features"
        )
        for (index, channels) in outline.levelChannels.enumerated() {
            require("level \(index)", levels[index], channels: channels, images)
        }
        requireOperands(
            stages.count == outline.stageChannels.count,
            "returns \(stages.count) stages where its outline has \(outline.stageChannels.count)",
            cure: "correct stageChannels of the outline",
            operation: "features"
        )
        for (index, channels) in outline.stageChannels.enumerated() {
            require("stage \(index)", stages[index], channels: channels, images)
        }
    }

    private func require(_ name: String, _ features: Tensor, channels: Int, _ images: Shape) {
        requireOperands(
            features.shape.rank == 4 && features.shape[0] == images[0] && features.shape[1] == channels,
            "returns \(name) features of shape \(features.shape) for images of shape \(images)",
            cure: "its outline promises [\(images[0]), \(channels), height, width]",
            operation: "features"
        )
    }
}

extension Outputs {
    /// Ends the process, in the name of the head that made them, unless the well-known predictions have their shapes.
    func requireShapes(images: Shape) {
        if let lesion = self[.lesion] {
            requireOperands(
                lesion.shape.rank == 4 && lesion.shape[0] == images[0] && lesion.shape.axes[2...] == images.axes[2...],
                "predicts `lesion` of shape \(lesion.shape) for images of shape \(images)",
                cure: "its logits have shape [\(images[0]), channels, \(images[2]), \(images[3])]",
                operation: "predict"
            )
        }
        if let malignancy = self[.malignancy] {
            requireOperands(
                malignancy.shape == [images[0]],
                "predicts `malignancy` of shape \(malignancy.shape) for images of shape \(images)",
                cure: "its logits have shape [\(images[0])]: reshape them",
                operation: "predict"
            )
        }
    }
}

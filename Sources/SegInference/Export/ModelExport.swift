import Foundation
public import SegConfiguration
import SegCore
import SegInterop
import SegTensor
import SegTraining

/// Takes a trained model elsewhere: to ONNX as the whole way from an image to its prediction, and to PyTorch.
public struct ModelExport {
    let trained: TrainedModel
    let network: TracedNetwork

    var description: TrainedModel.Description { trained.description }
    var channels: Int { description.channels ?? 1 }

    /// Runs the model, to see which operators it is made of.
    ///
    /// - Throws: ``SegmentationError`` naming the plugin whose predictions are not made by operators that can be
    ///   written down.
    public init(_ trained: TrainedModel) throws {
        self.trained = trained
        let model = trained.model
        let size = trained.description.imageSize
        let multiple = model.backbone.outline.sizeMultiple
        guard size.isMultiple(of: multiple) else {
            throw SegmentationError(
                "imageSize",
                "\(size) px is not a multiple of \(multiple) px, which the backbone `\(model.backboneName)` needs",
                cure: "train the model at a multiple of it"
            )
        }
        network = try TracedNetwork(of: model, images: [1, trained.description.channels ?? 1, size, size]) { images in
            let outputs = withoutGradients { model.outputs(for: images, phase: .inference) }
            var named: [(name: String, value: Tensor)] = []
            if let logits = outputs[.lesion] { named.append((Self.lesion, logits)) }
            if let logits = outputs[.malignancy] { named.append((Self.malignancy, logits)) }
            if model.labelHead != nil {
                let plane = Tensor.zeros([1, 1, size, size])
                let batch = Batch(
                    images: images,
                    masks: plane,
                    pathologies: [nil],
                    identifiers: ["image"],
                    intensities: plane,
                    coverage: plane
                )
                if let labels = model.labelProbability(outputs, batch) { named.append((Self.labels, labels)) }
            }
            return named
        }
        guard network.outputs.contains(where: { $0.name == Self.lesion }) else {
            throw SegmentationError(
                description.arm,
                "the model predicts no lesion mask",
                cure: "export a model with the head `segmentation`"
            )
        }
    }

    /// What the network predicts, by name: logits, and probabilities of labels.
    static let lesion = "lesion_logits"
    static let malignancy = "malignancy_logit"
    static let labels = "label_probabilities"

    /// The pixels that an exported pipeline is given.
    public enum Pixels: String, Hashable, Sendable, CaseIterable {
        /// 0...255.
        case uint8
        /// 0...65,535.
        case uint16
        /// 0...1.
        case float
    }

    /// What a reader of the file should know.
    var metadata: [(key: String, value: String)] {
        var lines = [
            ("study", description.study), ("arm", description.arm), ("seed", "\(description.seed)"),
            ("trainedOn", description.source), ("segmentationThreshold", "\(description.segmentationThreshold)"),
        ]
        if let threshold = description.malignancyThreshold { lines.append(("malignancyThreshold", "\(threshold)")) }
        if let temperature = description.malignancyTemperature {
            lines.append(("malignancyTemperature", "\(temperature)"))
        }
        if let head = trained.model.labelHead { lines.append(("labels", head.labels.names.joined(separator: ","))) }
        lines.append(("use", "For research only: not a medical device."))
        return lines.map { (key: $0.0, value: $0.1) }
    }
}

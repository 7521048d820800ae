import SegCore
package import SegData
import SegTensor
package import SegTraining

/// Which pixels would change what a model says of an image.
package struct InputGradients {
    /// By name, on the canvas, `size * size`: `malignancy`, then the features of the model's terms.
    package let maps: [(name: String, canvas: [Float])]

    /// What a derivative is taken of.
    private enum Target {
        case malignancy
        case feature(term: Int, index: Int)
    }

    /// Derivatives of the malignancy logit, and of every feature that a term traces back to the image, by each pixel of what the
    /// backbone sees: positive where a brighter pixel raises it.
    ///
    /// Of several channels the sum, of several models the mean; each looks at the image as it is, once.
    package init(_ models: [MultiTaskModel], of sample: PreparedSample) {
        var all: [[(name: String, canvas: [Float])]] = []
        for model in models {
            let batch = Batch([sample], scaling: model.backbone.imageScaling)
            // Names as files have them: those of a first pass.
            var targets: [(name: String, target: Target)] = []
            withoutGradients {
                let outputs = model.outputs(for: batch.images, phase: .inference)
                if outputs[.malignancy] != nil { targets.append(("malignancy", .malignancy)) }
                let reports = model.terms.reports(outputs, batch)
                for (number, term) in model.terms.enumerated() {
                    guard let tracing = term.term as? any FeatureTracing else { continue }
                    for (index, feature) in tracing.features(outputs, batch).enumerated() {
                        let name = reports.first { $0.term == term.name && $0.ownName == feature.name }?.name
                        targets.append((name ?? feature.name, .feature(term: number, index: index)))
                    }
                }
            }
            all.append(targets.map { ($0.name, Self.gradient(of: $0.target, model, batch)) })
        }
        maps = (all.first ?? []).compactMap { name, canvas in
            let own = all.compactMap { maps in maps.first { $0.name == name }?.canvas }
            guard own.count == all.count else { return nil }
            return (name, canvas.indices.map { pixel in own.reduce(0) { $0 + $1[pixel] } / Float(own.count) })
        }
    }

    private static func gradient(of target: Target, _ model: MultiTaskModel, _ batch: Batch) -> [Float] {
        let images = Parameter(batch.images)
        let outputs = model.outputs(for: images.tensor, phase: .inference)
        let value: Tensor? =
            switch target {
            case .malignancy: outputs[.malignancy]
            case .feature(let term, let index):
                (model.terms[term].term as? any FeatureTracing)?.features(outputs, batch)[index].values
            }
        value?.sum().backward()
        // What reached the weights on the way is nobody's.
        for (_, parameter) in model.parameters { parameter.clearGradient() }
        let pixels = batch.images.shape[2] * batch.images.shape[3]
        let values = images.gradient?.values() ?? []
        return (0..<pixels).map { pixel in
            stride(from: pixel, to: values.count, by: pixels).reduce(0) { $0 + values[$1] }
        }
    }

    /// As maps of a prediction, from the largest fall, black, to as large a rise, white.
    var predicted: [PredictedMap] {
        maps.map { name, canvas in
            let extent = canvas.reduce(0) { max($0, abs($1)) }
            let side = Int(Double(canvas.count).squareRoot().rounded())
            let limit = extent > 0 && extent.isFinite ? extent : 1
            return PredictedMap(
                name: Self.prefix + name,
                title: "Gradient of \(name)",
                canvas: ValueMap(width: side, height: side, pixels: canvas, range: -limit...limit)
            )
        }
    }

    /// What names of such maps begin with.
    static let prefix = "gradient-"
}

import SegCore
import SegTensor

extension TaskHeadCheck {
    /// What other heads predict of what this one reads: logits that follow from the features image by image.
    func given(_ features: FeaturePyramid) -> Outputs {
        var outputs = Outputs()
        guard !plugin.reads.isEmpty else { return outputs }
        withoutGradients {
            let own = others(features)
            for key in plugin.reads {
                switch key {
                case .lesion: outputs[key] = features.dense.mean(over: [1], keepingAxes: true) * 4
                case .malignancy: outputs[key] = features.bottleneck.mean(over: [1, 2, 3]) * 4
                default: break
                }
                if let value = own[key] { outputs[key] = value }
            }
        }
        return outputs
    }

    /// Whether there is a value for all that the head reads.
    func reading() -> [ConformanceFailure] {
        let made = given(pyramid(features(batch.count)))
        return plugin.reads.filter { made[$0] == nil }.map(\.name).sorted().map {
            ConformanceFailure("reads", "the suite has no `\($0)` to read: give it with `others`")
        }
    }
}

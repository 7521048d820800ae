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

    /// Whether levels that the head says not to read at inference matter to it: a decoder may leave them out.
    func unread() -> [ConformanceFailure] {
        withoutGradients {
            let whole = pyramid(features(batch.count))
            let finest = plugin.finestLevel ?? whole.levels.count
            var other = whole
            for index in 0..<min(finest, whole.levels.count) { other.levels[index] = whole.levels[index] * -2 }
            if plugin.finestLevel != 0 { other.dense = whole.dense * -2 }
            let made = given(whole)
            let (own, changed) = (predict(plugin, whole, given: made), predict(plugin, other, given: made))
            guard let name = Self.firstDifference(own, changed) else { return [] }
            let detail = "\(name) depends on finer levels than `finestLevel` states"
            return [ConformanceFailure("finest-level", detail)]
        }
    }

    /// Whether there is a value for all that the head reads.
    func reading() -> [ConformanceFailure] {
        let made = given(pyramid(features(batch.count)))
        return plugin.reads.filter { made[$0] == nil }.map(\.name).sorted().map {
            ConformanceFailure("reads", "the suite has no `\($0)` to read: give it with `others`")
        }
    }
}

import SegTensor
import Testing

@Suite struct NormalizationTests {
    @Test(arguments: Fixture.family("normalization"), ImageLayout.allCases)
    func normalizationAgreesWithPyTorch(_ fixture: Fixture, _ layout: ImageLayout) {
        guard fixture.accepts(layout) else { return }
        fixture.check(Tolerance(), layout.rawValue) { operands in
            guard let x = operands["x"].flatMap(layout.arranged) else { preconditionFailure("no image") }
            let gain = operands["gain"]!
            let offset = operands["offset"]!
            var others: [String: Tensor] = [:]
            let y: Tensor
            switch fixture.op {
            case "batchNormalized":
                let (output, statistics) = x.batchNormalized(gain: gain, offset: offset)
                others["mean"] = Tensor(statistics.mean, shape: gain.shape)
                others["variance"] = Tensor(statistics.unbiasedVariance, shape: gain.shape)
                y = output
            case "instanceNormalized": y = x.instanceNormalized(gain: gain, offset: offset)
            case "groupNormalized":
                y = x.groupNormalized(groups: fixture.integer("groups"), gain: gain, offset: offset)
            case "layerNormalized": y = x.layerNormalized(gain: gain, offset: offset)
            default:
                y = x.normalized(
                    mean: operands["mean"]!.values(),
                    variance: operands["variance"]!.values(),
                    gain: gain,
                    offset: offset
                )
            }
            return (fixture.flag("relu") ? y.relu() : y, others)
        }
    }
}

import SegTensor
import Testing

@Suite struct NormalisationTests {
    @Test(arguments: Fixture.family("normalisation"), ImageLayout.allCases)
    func normalisationAgreesWithPyTorch(_ fixture: Fixture, _ layout: ImageLayout) {
        guard fixture.accepts(layout) else { return }
        fixture.check(Tolerance(), layout.rawValue) { operands in
            guard let x = operands["x"].flatMap(layout.arranged) else { preconditionFailure("no image") }
            let gain = operands["gain"]!
            let offset = operands["offset"]!
            var others: [String: Tensor] = [:]
            let y: Tensor
            switch fixture.op {
            case "batchNormalised":
                let (output, statistics) = x.batchNormalised(gain: gain, offset: offset)
                others["mean"] = Tensor(statistics.mean, shape: gain.shape)
                others["variance"] = Tensor(statistics.unbiasedVariance, shape: gain.shape)
                y = output
            case "instanceNormalised": y = x.instanceNormalised(gain: gain, offset: offset)
            case "groupNormalised":
                y = x.groupNormalised(groups: fixture.integer("groups"), gain: gain, offset: offset)
            case "layerNormalised": y = x.layerNormalised(gain: gain, offset: offset)
            default:
                y = x.normalised(
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

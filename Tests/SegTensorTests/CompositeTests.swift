import SegTensor
import Testing

/// A network with every seam of the real one: pending normalizations read by convolutions, pooling, a transposed
/// convolution and a join; skip connections; two outputs.
struct SmallNetwork {
    let usesInstances: Bool
    let joins: Bool
    /// Applied to what each convolution makes.
    var kept: (Tensor) -> Tensor = { $0 }

    func callAsFunction(_ p: [String: Tensor]) -> (output: Tensor, logits: Tensor) {
        let a = double(p["x"]!, "a", p)
        let b = double(a.maxPooled2x2(), "b", p)
        let up = b.transposedConvolved(with: p["up"]!, bias: p["upb"]!)
        let c = double(joins ? .concatenated([a, up]) : a + up, "c", p)
        let logits = c.convolved(with: p["head"]!, bias: p["headb"]!)
        let second = b.globalAveragePooled().sum(over: [1], keepingAxes: true) * 0.25
        return (logits.mean(over: [2, 3]) + second, logits)
    }

    private func double(_ x: Tensor, _ name: String, _ p: [String: Tensor]) -> Tensor {
        (1...2).reduce(x) { x, index in
            let y = kept(x.convolved(with: p["\(name)\(index)"]!, padding: 1))
            let gain = p["\(name)\(index)g"]!
            let offset = p["\(name)\(index)o"]!
            let normalized =
                usesInstances
                ? y.instanceNormalized(gain: gain, offset: offset)
                : y.batchNormalized(gain: gain, offset: offset).output
            return normalized.relu()
        }
    }
}

@Suite struct CompositeTests {
    @Test(arguments: Fixture.family("composite"))
    func networkAgreesWithPyTorch(_ fixture: Fixture) {
        let network = SmallNetwork(usesInstances: fixture.flag("instance"), joins: fixture.flag("join"))
        fixture.check { operands in
            let (output, logits) = network(operands)
            return (output, ["logits": logits])
        }
    }
}

import SegTensor
import Testing

@Suite struct ClassTests {
    @Test(arguments: Fixture.family("classes").filter { $0.op.hasSuffix("oftmax") })
    func softmaxAgreesWithPyTorch(_ fixture: Fixture) {
        let isImage = fixture.inputs["x"]?.shape.count == 4
        for layout in isImage ? ImageLayout.allCases.filter(fixture.accepts) : [.dense] {
            fixture.check(Tolerance(forward: 2e-6, gradient: 1e-5), layout.rawValue) { operands in
                let x = isImage ? layout.arranged(operands["x"]!)! : operands["x"]!
                return fixture.op == "softmax"
                    ? x.softmax(over: fixture.integer("axis")) : x.logSoftmax(over: fixture.integer("axis"))
            }
        }
    }

    @Test(arguments: Fixture.family("classes", op: "argmax"))
    func largestClassAgreesWithPyTorch(_ fixture: Fixture) {
        // The generator stretches the places over the operand, so that they have a gradient of zero.
        fixture.check(Tolerance(forward: 1e-6, gradient: 1e-6)) {
            $0["x"]! * 0 + $0["x"]!.argmax(over: fixture.integer("axis"))
        }
    }

    @Test(arguments: Fixture.family("classes", op: "softmaxCrossEntropy"))
    func crossEntropyAgreesWithPyTorch(_ fixture: Fixture) {
        let weights = (fixture.attributes["weights"] ?? []).map { Float($0) }
        for layout in ImageLayout.allCases where fixture.accepts(layout) {
            fixture.check(Tolerance(forward: 3e-6, gradient: 1e-5), layout.rawValue) { operands in
                layout.arranged(operands["x"]!)!.softmaxCrossEntropy(
                    operands["classes"]!,
                    weights: weights.isEmpty ? nil : weights,
                    coverage: operands["coverage"]
                )
            }
        }
    }

    @Test func edgesOfSoftmax() {
        // A pixel that takes no part may hold anything.
        let x = Parameter(Tensor([.infinity, .nan, 1, 2], shape: [1, 2, 1, 2]))
        let loss = x.tensor.softmaxCrossEntropy(Tensor([-1, 1], shape: [1, 1, 1, 2]))
        loss.backward()
        #expect(loss.item.isNaN)
        let y = Parameter(Tensor([.infinity, 3, 1, 2], shape: [1, 2, 1, 2]))
        let other = y.tensor.softmaxCrossEntropy(Tensor([-1, 1], shape: [1, 1, 1, 2]))
        other.backward()
        #expect(abs(other.item - 1.3132617) < 1e-6)
        #expect(y.gradient?.values()[0] == 0 && y.gradient?.values()[2] == 0)
        // No pixel takes part.
        let none = y.tensor.softmaxCrossEntropy(Tensor([5, -1], shape: [1, 1, 1, 2]))
        y.clearGradient()
        none.backward()
        #expect(none.item == 0)
        #expect(y.gradient?.values() == [0, 0, 0, 0])
        #expect(Tensor([1, .nan, 3], shape: [1, 3]).argmax().item == 1)
        #expect(Tensor([3, 3, 1], shape: [1, 3]).argmax().item == 0)
    }

    /// A share of the values goes, the others are scaled, and the pattern is the same in every layout.
    @Test(arguments: InstructionSet.available, [false, true])
    func dropoutDropsItsShare(_ set: InstructionSet, _ wholeChannels: Bool) {
        let shape: Shape = [8, 40, 30, 21]
        func dropped(_ x: Tensor, _ rate: Float, _ seed: UInt64) -> [Float] {
            InstructionSet.with(set) { x.dropout(rate, seed: seed, wholeChannels: wholeChannels).values() }
        }
        let x = Tensor.ones(shape)
        let values = dropped(x, 0.25, 11)
        #expect(Set(values) == [0, 1 / 0.75])
        // Four standard deviations.
        let count = wholeChannels ? 320.0 : Double(values.count)
        #expect(abs(share(values, 0) - 0.25) < 4 * (0.25 * 0.75 / count).squareRoot())
        #expect(dropped(x.inBlocks, 0.25, 11) == values)
        #expect(dropped(x, 0.25, 12) != values)
        #expect(dropped(x, 0, 11) == x.values())
        if wholeChannels {
            let y = Tensor(values, shape: shape)
            #expect(y.maximum(over: [2, 3]).values() == y.sliced(2, 0..<1).sliced(3, 0..<1).values())
        } else {
            // Neighbors are independent: a quarter of a quarter of the pairs goes together.
            for distance in [1, 16, 21, 630] { #expect(abs(share(values, distance) - 0.0625) < 0.004) }
        }
    }

    /// How often a value and the one so much later are both 0.
    private func share(_ values: [Float], _ distance: Int) -> Double {
        let both = zip(values, values.dropFirst(distance)).count { $0 == 0 && $1 == 0 }
        return Double(both) / Double(values.count - distance)
    }
}

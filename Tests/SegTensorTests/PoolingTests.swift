import SegTensor
import Testing

@Suite struct PoolingTests {
    @Test(arguments: Fixture.family("pooling"), ImageLayout.allCases)
    func poolingAndResizingAgreeWithPyTorch(_ fixture: Fixture, _ layout: ImageLayout) {
        guard fixture.accepts(layout) else { return }
        fixture.check(Tolerance(forward: 2e-6, gradient: 1e-5), layout.rawValue) { operands in
            let x = fixture.image(operands, layout)
            let window = fixture.integer("window")
            let stride = fixture.integer("stride")
            let padding = fixture.integer("padding")
            return switch fixture.op {
            case "maxPooled2x2": x.maxPooled2x2()
            case "globalAveragePooled": x.globalAveragePooled()
            case "maxPooled": x.maxPooled(window: window, stride: stride, padding: padding)
            case "averagePooled":
                x.averagePooled(
                    window: window,
                    stride: stride,
                    padding: padding,
                    countsPadding: fixture.flag("counts")
                )
            default: x.resizedBilinear(height: fixture.integer("height"), width: fixture.integer("width"))
            }
        }
    }

    /// A diverging run must be noticed, wherever in the window the NaN is.
    @Test(arguments: InstructionSet.available, 0..<4)
    func maximumOfNaNIsNaN(_ set: InstructionSet, _ place: Int) {
        InstructionSet.with(set) {
            var values: [Float] = [1, 2, 3, 4]
            values[place] = .nan
            let x = Parameter(Tensor(values, shape: [1, 1, 2, 2]))
            for y in [
                x.tensor.maxPooled2x2(), x.tensor.inBlocks.maxPooled2x2(), x.tensor.maxPooled(window: 2, stride: 1),
            ] {
                #expect(y.item.isNaN)
                x.clearGradient()
                y.backward()
                #expect(x.gradient?.values().filter { $0 != 0 }.count == 1)
            }
            #expect(x.tensor.relu().maxPooled2x2().item.isNaN)
        }
    }

    /// The first of equal values, in row-major order, gets the gradient.
    @Test(
        arguments: InstructionSet.available,
        [[5, 5, 5, 5], [0, 5, 5, 5], [0, 1, 5, 5], [5, 0, 5, 5]] as [[Float]]
    )
    func tiesGoToTheFirst(_ set: InstructionSet, _ values: [Float]) {
        var wanted: [Float] = [0, 0, 0, 0]
        wanted[values.firstIndex(of: 5) ?? 0] = 1
        InstructionSet.with(set) {
            let x = Parameter(Tensor(values, shape: [1, 1, 2, 2]))
            x.tensor.maxPooled2x2().backward()
            #expect(x.gradient?.values() == wanted)
            x.clearGradient()
            x.tensor.maxPooled(window: 2, stride: 1).backward()
            #expect(x.gradient?.values() == wanted)
        }
    }
}

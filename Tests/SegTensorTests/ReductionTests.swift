import SegTensor
import Testing

@Suite struct ReductionTests {
    @Test(arguments: Fixture.family("reduction").filter { $0.op != "matrixProduct" })
    func reductionAgreesWithPyTorch(_ fixture: Fixture) {
        let axes = fixture.integers("axes")
        let keeping = fixture.flag("keeping")
        let rank = fixture.inputs["x"]!.shape.count
        let layouts = rank == 4 ? ImageLayout.allCases.filter(fixture.accepts) : [.dense]
        for layout in layouts {
            fixture.check(Tolerance(), layout.rawValue) { operands in
                let x = rank == 4 ? layout.arranged(operands["x"]!)! : operands["x"]!
                return switch fixture.op {
                case "sum": x.sum(over: axes, keepingAxes: keeping)
                case "mean": x.mean(over: axes.map { $0 - rank }, keepingAxes: keeping)
                default: x.maximum(over: axes, keepingAxes: keeping)
                }
            }
        }
    }

    @Test(arguments: Fixture.family("reduction", op: "matrixProduct"))
    func matrixProductAgreesWithPyTorch(_ fixture: Fixture) {
        fixture.check { $0["a"]!.matrixProduct($0["b"]!) }
    }

    @Test func wholeSumsAndEmptyAxes() {
        let x = pseudo(1, [3, 4])
        #expect(abs(x.sum().item - x.values().reduce(0, +)) < 1e-5)
        #expect(abs(x.mean().item * 12 - x.sum().item) < 1e-5)
        #expect(x.sum(over: []).values() == x.values())
        #expect(Tensor([], shape: [0, 3]).sum(over: [0]).values() == [0, 0, 0])
        #expect(Tensor([], shape: [3, 0]).sum(over: [0]).shape == [0])
        #expect(Tensor([], shape: [0]).mean().item.isNaN)
        #expect(Tensor([1, .nan, 3], shape: [3]).maximum(over: [0]).item.isNaN)
        #expect(Tensor([-.infinity, -.infinity], shape: [2]).maximum(over: [0]).item == -.infinity)
    }

    /// A million values of 0.1 in floats one after the other would be off by 1 %.
    /// Rounding always the same way, as here, is the worst case.
    @Test(arguments: InstructionSet.available)
    func longSumsKeepTheirDigits(_ set: InstructionSet) {
        InstructionSet.with(set) {
            let total = Tensor(repeating: 0.1, shape: [1 << 20]).sum().item
            #expect(abs(total / 104_857.6 - 1) < 3e-6)
        }
    }
}

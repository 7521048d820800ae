import SegTensor
import Testing

@Suite struct ElementwiseTests {
    static let families = Fixture.family("elementwise")

    static let unary: [String: @Sendable (Tensor) -> Tensor] = [
        "relu": { $0.relu() }, "relu6": { $0.relu6() }, "sigmoid": { $0.sigmoid() }, "softplus": { $0.softplus() },
        "tanh": { $0.tanh() }, "exp": { $0.exp() }, "log": { $0.log() }, "squareRoot": { $0.squareRoot() },
        "reciprocal": { $0.reciprocal() }, "squared": { $0.squared() }, "absolute": { $0.absolute() },
        "negated": { -$0 }, "silu": { $0.silu() }, "gelu": { $0.gelu() },
        "leakyRelu": { $0.leakyRelu(slope: 0.125) },
    ]

    static let binary: [String: @Sendable (Tensor, Tensor) -> Tensor] = [
        "add": { $0 + $1 }, "subtract": { $0 - $1 }, "multiply": { $0 * $1 }, "divide": { $0 / $1 },
        "maximum": { .maximum($0, $1) }, "minimum": { .minimum($0, $1) },
        "arcTangent": { .arcTangent(y: $0, x: $1) },
    ]

    /// Extreme values are compared each relative to itself: a few units in the last place, and twice that for what
    /// composes two functions.
    @Test(arguments: families.filter { unary[$0.op] != nil }, ImageLayout.allCases)
    func functionsAgreeWithPyTorch(_ fixture: Fixture, _ layout: ImageLayout) throws {
        let function = try #require(Self.unary[fixture.op])
        let isImage = fixture.inputs["x"]?.shape.count == 4
        guard isImage ? fixture.accepts(layout) : layout == .dense else { return }
        fixture.check(Tolerance(forward: 2e-6, gradient: 1e-5), layout.rawValue) { operands in
            function(isImage ? layout.arranged(operands["x"]!)! : operands["x"]!)
        }
    }

    @Test(arguments: families.filter { binary[$0.op] != nil })
    func operationsOnTwoAgreeWithPyTorch(_ fixture: Fixture) throws {
        let function = try #require(Self.binary[fixture.op])
        fixture.check(Tolerance(forward: 1e-6, gradient: 1e-5)) { function($0["a"]!, $0["b"]!) }
        let isImages = fixture.inputs.values.allSatisfy { $0.shape.count == 4 }
        guard isImages else { return }
        // Blocks with blocks, and blocks with planes.
        fixture.check(Tolerance(forward: 1e-6, gradient: 1e-5), "blocked") {
            function($0["a"]!.inBlocks, ImageLayout.pending.arranged($0["b"]!)!)
        }
        fixture.check(Tolerance(forward: 1e-6, gradient: 1e-5), "mixed") { function($0["a"]!.inBlocks, $0["b"]!) }
    }

    @Test(arguments: Fixture.family("elementwise", op: "raised"))
    func powersAgreeWithPyTorch(_ fixture: Fixture) {
        fixture.check { $0["x"]!.raised(to: Float(fixture.attribute("exponent"))) }
    }

    @Test(arguments: Fixture.family("elementwise", op: "clamped"))
    func clampingAgreesWithPyTorch(_ fixture: Fixture) {
        let range = Float(fixture.attribute("lower"))...Float(fixture.attribute("upper"))
        fixture.check { $0["x"]!.clamped(to: range) }
    }

    @Test(arguments: Fixture.family("elementwise", op: "hypotenuse"))
    func hypotenuseAgreesWithPyTorch(_ fixture: Fixture) {
        let epsilon = Float(fixture.attribute("epsilon"))
        fixture.check { .hypotenuse($0["a"]!, $0["b"]!, epsilon: epsilon) }
    }

    @Test(arguments: Fixture.family("elementwise", op: "replacing"))
    func selectionAgreesWithPyTorch(_ fixture: Fixture) {
        fixture.check { $0["a"]!.replacing(with: $0["b"]!, where: $0["mask"]!) }
    }

    @Test(arguments: Fixture.family("elementwise", op: "crossEntropy"))
    func crossEntropyAgreesWithPyTorch(_ fixture: Fixture) {
        fixture.check(Tolerance(forward: 2e-6, gradient: 1e-5)) {
            $0["x"]!.binaryCrossEntropyWithLogits($0["target"]!)
        }
    }

    @Test(arguments: InstructionSet.available)
    func infinitiesAndNaN(_ set: InstructionSet) {
        // Longer than a vector, so that both the vector loop and its tail see each value.
        let special: [Float] = [.infinity, -.infinity, .nan, 0, -0.0, 89, -200]
        let x = Tensor((0..<21).map { special[$0 % 7] }, shape: [21])
        InstructionSet.with(set) {
            func expect(_ y: Tensor, _ wanted: [Float], sourceLocation: SourceLocation = #_sourceLocation) {
                for (index, value) in y.values().enumerated() {
                    let want = wanted[index % 7]
                    #expect(value == want || value.isNaN && want.isNaN, "\(index)", sourceLocation: sourceLocation)
                }
            }
            expect(x.relu(), [.infinity, 0, .nan, 0, 0, 89, 0])
            expect(x.relu6(), [6, 0, .nan, 0, 0, 6, 0])
            expect(x.exp(), [.infinity, 0, .nan, 1, 1, .infinity, 0])
            expect(x.log(), [.infinity, .nan, .nan, -.infinity, -.infinity, 4.4886365, .nan])
            expect(x.squareRoot(), [.infinity, .nan, .nan, 0, 0, 9.433981, .nan])
            expect(x.tanh(), [1, -1, .nan, 0, 0, 1, -1])
            expect(x.sigmoid(), [1, 0, .nan, 0.5, 0.5, 1, 0])
            expect(x.softplus(), [.infinity, 0, .nan, 0.6931472, 0.6931472, 89, 0])
            expect(x.absolute(), [.infinity, .infinity, .nan, 0, 0, 89, 200])
            expect(.maximum(x, Tensor(1)), [.infinity, 1, .nan, 1, 1, 89, 1])
            expect(.maximum(Tensor(1), x), [.infinity, 1, .nan, 1, 1, 89, 1])
            expect(.minimum(x, Tensor(1)), [1, -.infinity, .nan, 0, 0, 1, -200])
            expect(.minimum(Tensor(1), x), [1, -.infinity, .nan, 0, 0, 1, -200])
            expect(x.clamped(to: -1...2), [2, -1, .nan, 0, 0, 2, -1])
            // Subnormal values have a logarithm too.
            #expect(abs(Tensor(Float(bitPattern: 714)).log().item + 96.7081) < 1e-3)
            #expect(x.hasNonFiniteValues)
            #expect(Tensor([1, .infinity], shape: [2]).hasNonFiniteValues)
            #expect(!Tensor(repeating: .greatestFiniteMagnitude, shape: [37]).hasNonFiniteValues)
            // What is not chosen does not matter.
            let chosen = x.replacing(with: Tensor(3), where: x.mask { !$0.isFinite })
            expect(chosen, [3, 3, 3, 0, 0, 89, -200])
        }
    }
}

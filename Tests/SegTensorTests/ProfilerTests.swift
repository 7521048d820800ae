import SegTensor
import Testing

@Suite struct ProfilerTests {
    private let weight = Parameter(pseudo(1, [32, 16, 3, 3], scale: 0.1))
    private let gain = Parameter(.ones([32]))
    private let offset = Parameter(.zeros([32]))
    private let x = pseudo(2, [2, 16, 16, 16])

    private func step() {
        let y = Profiler.span("forward") {
            x.inBlocks.convolved(with: weight.tensor, padding: 1)
                .instanceNormalized(gain: gain.tensor, offset: offset.tensor).relu()
        }
        Profiler.span("losses") { y.sum() }.backward()
    }

    @Test func spansSayWhatRanOnWhoseBehalf() throws {
        let profiler = Profiler()
        profiler.record {
            Profiler.name([("stage.weight", weight)])
            step()
        }
        let spans = profiler.spans
        let convolution = try #require(spans.first { $0.name == "convolution" })
        #expect(convolution.layer == "stage.weight" && convolution.phase == "forward" && convolution.depth == 1)
        #expect(convolution.detail.contains("Winograd"))
        #expect(convolution.operations == 2 * 2 * 32 * 256 * 16 * 9)
        let gradient = try #require(spans.first { $0.name == "weight gradient" })
        #expect(gradient.layer == "stage.weight" && gradient.phase == "backward")
        #expect(spans.contains { $0.phase == "backward" && $0.name.hasPrefix("convolved") && $0.layer.isEmpty })
        #expect(spans.filter { $0.depth == 0 }.map(\.name).sorted() == ["backward", "forward", "losses"])
    }

    @Test func ownTimesOfAPhaseAddUpToIt() throws {
        let profiler = Profiler()
        profiler.record { step() }
        for phase in ["forward", "backward"] {
            let spans = profiler.spans.filter { $0.phase == phase }
            let whole = try #require(spans.first { $0.depth == 0 }).duration
            #expect(abs(spans.reduce(0) { $0 + $1.ownDuration } - whole) < 1e-6)
            #expect(spans.allSatisfy { $0.duration >= $0.ownDuration && $0.ownDuration > -1e-9 })
        }
    }

    @Test func nothingIsRecordedUnlessAsked() {
        let profiler = Profiler(limit: 3)
        step()
        #expect(profiler.spans.isEmpty)
        profiler.record { for _ in 0..<3 { step() } }
        #expect(profiler.spans.count == 3 && profiler.isFull)
        profiler.clear()
        #expect(profiler.spans.isEmpty && !profiler.isFull)
    }

    @Test func errorsPassThrough() {
        struct Failure: Error {}
        let profiler = Profiler()
        #expect(throws: Failure.self) {
            try profiler.record { try Profiler.span("failing") { throw Failure() } }
        }
        #expect(profiler.spans.map(\.name) == ["failing"])
    }

    @Test func thePeakIsMeasured() {
        #expect(MachinePeak.gigaflops() > 0.1)
    }
}

/// What inference keeps of weights follows the weights.
@Suite struct KeptWeightsTests {
    @Test func aStepIsSeenByTheNextInference() {
        let x = pseudo(1, [1, 32, 20, 20])
        let weight = Parameter(pseudo(2, [32, 32, 3, 3], scale: 0.1))
        let moments = AdamWMoments(count: weight.shape.count)
        func inference() -> [Float] {
            withoutGradients { x.inBlocks.convolved(with: weight.tensor, padding: 1).values() }
        }
        for _ in 0..<3 {
            let before = inference()
            #expect(before == inference())
            let fresh = Parameter(weight.value.copied)
            #expect(before == withoutGradients { x.inBlocks.convolved(with: fresh.tensor, padding: 1).values() })
            x.inBlocks.convolved(with: weight.tensor, padding: 1).sum().backward()
            weight.step(moments, AdamWCoefficients(rate: 0.1))
            weight.clearGradient()
            #expect(before != inference())
        }
        weight.value = .zeros(weight.shape)
        #expect(inference().allSatisfy { $0 == 0 })
    }

    @Test func otherKernelsMakeTheirOwn() {
        let x = pseudo(1, [1, 32, 20, 20])
        let weight = Parameter(pseudo(2, [48, 32, 3, 3], scale: 0.1))
        let all = InstructionSet.available.map { set in
            InstructionSet.with(set) {
                withoutGradients { x.inBlocks.convolved(with: weight.tensor, padding: 1) }
            }
        }
        for result in all { #expect(relativeError(result, all[0]) < 1e-5) }
    }
}

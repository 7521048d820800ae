import SegCore
import SegOptimization
import SegTensor
import SegTraining
import Testing

/// Two parts, of which the second learns at a rate of its own.
private final class TwoParts: Module {
    let first = Parameter(Tensor([1, 2, 3], shape: [3]))
    let second = Parameter(Tensor([4, 5], shape: [2]))
    let third = Parameter(Tensor([6], shape: [1]))
    let factor: Double

    init(factor: Double) { self.factor = factor }

    func visit(_ visitor: inout ModuleVisitor) {
        visitor.parameter("first", first)
        visitor.scalingLearningRate(by: factor) { $0.parameter("second", second) }
        visitor.parameter("third", third)
    }

    var all: [Parameter] { [first, second, third] }

    /// Leaves the values' squares' gradients.
    func push() {
        all.dropFirst().reduce((first.tensor * first.tensor).sum()) { $0 + ($1.tensor * $1.tensor).sum() }.backward()
    }

    func clear() { for parameter in all { parameter.clearGradient() } }
}

@Suite("Learning rates of parts")
struct RatedOptimizerTests {
    private static func sgd(_ parameters: [Parameter]) -> any Optimizer {
        SGD(.init(), parameters: parameters, weightDecay: 0.1)
    }

    private static func adamw(_ parameters: [Parameter]) -> any Optimizer {
        AdamW(.init(), parameters: parameters, weightDecay: 0.1)
    }

    @Test("each part moves as under an optimizer of its own", arguments: [false, true])
    func parts(isAdamW: Bool) throws {
        let make = isAdamW ? Self.adamw : Self.sgd
        let (model, other) = (TwoParts(factor: 0.25), TwoParts(factor: 1))
        let optimizer = try makeOptimizer(of: model, make)
        #expect(optimizer.parameters.map { ObjectIdentifier($0) } == model.all.map { ObjectIdentifier($0) })
        let (fast, slow) = (make([other.first, other.third]), make([other.second]))
        for _ in 0..<3 {
            for network in [model, other] {
                network.clear()
                network.push()
            }
            optimizer.step(rate: 0.1, gradientScale: 0.5)
            fast.step(rate: 0.1, gradientScale: 0.5)
            slow.step(rate: 0.025, gradientScale: 0.5)
        }
        #expect(model.all.map { $0.value.values() } == other.all.map { $0.value.values() })
        #expect(model.second.value.values() != [4, 5])
    }

    @Test("the state is that of one optimizer, and goes on where it was", arguments: [false, true])
    func state(isAdamW: Bool) throws {
        let make = isAdamW ? Self.adamw : Self.sgd
        let model = TwoParts(factor: 0.25)
        let optimizer = try makeOptimizer(of: model, make)
        func step(_ model: TwoParts, _ optimizer: any Optimizer) {
            model.clear()
            model.push()
            optimizer.step(rate: 0.1, gradientScale: 1)
        }
        step(model, optimizer)
        let state = optimizer.state
        #expect(state.slots.map(\.name) == make(model.all).state.slots.map(\.name))
        #expect(state.slots.allSatisfy { $0.values.map(\.count) == [3, 2, 1] })
        let copy = TwoParts(factor: 0.25)
        for (target, source) in zip(copy.all, model.all) { target.value = source.value }
        let resumed = try makeOptimizer(of: copy, make)
        resumed.restore(state)
        #expect(resumed.state == state)
        step(model, optimizer)
        step(copy, resumed)
        #expect(copy.all.map { $0.value.values() } == model.all.map { $0.value.values() })
    }

    @Test("without factors there is no other optimizer")
    func plain() throws {
        #expect(try makeOptimizer(of: TwoParts(factor: 1), Self.adamw) is AdamW)
        #expect(try makeOptimizer(of: TwoParts(factor: 2), Self.adamw) is RatedOptimizer<AdamW>)
    }
}

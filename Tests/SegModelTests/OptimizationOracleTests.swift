import SegCore
import SegSettings
import SegTensor
import SegTestKit
import SegTraining
import TestSupport
import Testing

/// Expected values: Generators/training.py.
@Suite("Optimizers, schedules and balancings as their sources have them")
struct OptimizationOracleTests {
    struct Descent: Decodable, Sendable {
        let momentum: Double
        let nesterov: Bool
        let decay: Double
        let values: [Float]
        let gradients: [[Float]]
        let rates: [Double]
        let expected: [Double]
    }

    @Test("SGD steps as torch.optim.SGD does", arguments: try oracle("sgd", of: Descent.self))
    func descent(_ oracle: Descent) {
        var settings = SGD.Settings()
        (settings.momentum, settings.nesterov) = (oracle.momentum, oracle.nesterov)
        let parameter = Parameter(Tensor(oracle.values, shape: [oracle.values.count]))
        let optimizer = SGD(settings, parameters: [parameter], weightDecay: oracle.decay)
        for (gradient, rate) in zip(oracle.gradients, oracle.rates) {
            parameter.clearGradient()
            // Clipped to a half, of twice the gradient.
            parameter.tensor.backward(from: Tensor(gradient.map { 2 * $0 }, shape: parameter.shape))
            optimizer.step(rate: rate, gradientScale: 0.5)
        }
        #expect(deviation(parameter.value.values(), oracle.expected) < 3e-7)
    }

    struct Schedule: Decodable, Sendable {
        let name: String
        let settings: ConfigurationValue
        let rates: [Double]
    }

    @Test("Schedules have the rates of torch.optim.lr_scheduler", arguments: try oracle("schedules", of: Schedule.self))
    func schedule(_ oracle: Schedule) throws {
        var registry = PluginRegistry()
        try registry.addStandardTraining()
        let schedule = try registry.find(.schedule, oracle.name, subject: "schedule").make(oracle.settings, "settings")
        let plan = RatePlan(peak: 0.1, steps: oracle.rates.count)
        for (step, rate) in oracle.rates.enumerated() {
            #expect(abs(schedule.rate(at: step, of: plan) - rate) < 1e-12, "step \(step)")
        }
    }

    struct Balance: Decodable, Sendable {
        let gradients: [[[Double]]]
        let losses: [[Double]]
        let pcgrad: [[[Double]]]
        let c: [Double]
        let cagrad: [[Double]]
        let rate: Double
        let uncertainty: [[Double]]
        let alpha: Double
        let gradnorm: [[Double]]

        var tasks: [String] { losses[0].indices.map { "task\($0)" } }

        func step(_ number: Int, seed: UInt64 = 0) -> BalancingStep {
            let rows = gradients[number]
            return BalancingStep(
                tasks: Array(rows.indices),
                losses: losses[number],
                products: rows.map { row in rows.map { zip(row, $0).reduce(0) { $0 + $1.0 * $1.1 } } },
                stream: RandomStream(seed: seed, "balancing")
            )
        }

        /// The gradient that factors make.
        func combined(_ factors: [TaskFactor]) -> [Double] {
            gradients[0][0].indices.map { place in
                zip(factors, gradients[0]).reduce(0) { $0 + $1.0.shared * $1.1[place] }
            }
        }
    }

    @Test(
        "PCGrad projects as its algorithm 1 does, in one of the orders",
        arguments: try oracle("balancing", of: Balance.self)
    )
    func surgery(_ oracle: Balance) {
        // Sums of one order for each task.
        let sums = oracle.pcgrad.dropFirst().reduce(oracle.pcgrad[0]) { sums, orders in
            sums.flatMap { sum in orders.map { zip(sum, $0).map(+) } }
        }
        for seed in 0..<5 as Range<UInt64> {
            let factors = PCGrad(tasks: oracle.tasks).factors(oracle.step(0, seed: seed))
            #expect(factors.allSatisfy { $0.own == 1 })
            let result = oracle.combined(factors)
            let nearest = sums.map { sum in zip(sum, result).map { abs($0 - $1) }.max() ?? .infinity }.min()
            #expect((nearest ?? .infinity) < 1e-9)
        }
    }

    @Test("CAGrad finds the minimum that SciPy finds", arguments: try oracle("balancing", of: Balance.self))
    func conflictAverse(_ oracle: Balance) {
        for (c, expected) in zip(oracle.c, oracle.cagrad) {
            var settings = CAGrad.Settings()
            settings.c = c
            let result = oracle.combined(CAGrad(settings, tasks: oracle.tasks).factors(oracle.step(0)))
            #expect(deviation(result.map(Float.init), expected) < 1e-4, "c \(c)")
        }
        var none = CAGrad.Settings()
        none.c = 0
        #expect(CAGrad(none, tasks: oracle.tasks).factors(oracle.step(0)).allSatisfy { $0 == TaskFactor(1) })
    }

    @Test("Weights that are learned are learned as by autograd", arguments: try oracle("balancing", of: Balance.self))
    func learning(_ oracle: Balance) {
        var ofUncertainty = UncertaintyWeighting.Settings()
        ofUncertainty.rate = oracle.rate
        let uncertainty = UncertaintyWeighting(ofUncertainty, tasks: oracle.tasks)
        var ofNorms = GradNorm.Settings()
        (ofNorms.alpha, ofNorms.rate) = (oracle.alpha, oracle.rate)
        let norms = GradNorm(ofNorms, tasks: oracle.tasks)
        for number in oracle.losses.indices {
            let step = oracle.step(number)
            for (factors, expected) in [
                (uncertainty.factors(step), oracle.uncertainty[number]), (norms.factors(step), oracle.gradnorm[number]),
            ] {
                #expect(zip(factors, expected).allSatisfy { abs($0.shared - $1) < 1e-9 && $0.shared == $0.own })
            }
        }
    }

    @Test("What the library ships keeps the rules of its kinds")
    func conformance() {
        var plain = SGD.Settings()
        (plain.momentum, plain.nesterov) = (0, false)
        #expect(checkOptimizer(AdamW.self) == [])
        #expect(checkOptimizer(SGD.self) == [])
        #expect(checkOptimizer(SGD.self, settings: plain) == [])
        #expect(checkSchedule(CosineSchedule.self) == [])
        #expect(checkSchedule(PolynomialSchedule.self) == [])
        #expect(checkSchedule(OneCycleSchedule.self) == [])
        #expect(checkSchedule(ConstantSchedule.self) == [])
        #expect(checkTaskBalancing(FixedWeights.self) == [])
        #expect(checkTaskBalancing(UncertaintyWeighting.self) == [])
        #expect(checkTaskBalancing(GradNorm.self) == [])
        #expect(checkTaskBalancing(PCGrad.self) == [])
        #expect(checkTaskBalancing(CAGrad.self) == [])
    }
}

import Foundation
import SegTensor
import SegTraining
import Testing

@Suite struct AdamWTests {
    private let values: [Float] = [0.5, -1.25, 2, 0.01, -0.3]
    private let gradients: [[Float]] = [
        [0.1, -0.2, 0.3, 0, 1e-4],
        [-0.4, 0.25, 0.1, 1e-6, -3],
        [0.05, 0.6, -0.2, 0, 2],
        [1.5, -0.1, 0, -1e-5, 0.5],
        [0.2, 0.2, 0.2, 0, -0.25],
    ]
    private let rates = [1e-2, 2e-2, 1e-2, 5e-3, 1e-3]

    /// Expected values: Generators/adamw.py.
    @Test(arguments: [
        (0.1, true, 0, [0.49954376, -1.24636388, 1.95985985, -0.00724889, -0.29232836]),
        // Without decay, and with a parameter that is spared from it, the values are the same.
        (0.0, true, 0, [0.50182384, -1.25207782, 1.96897972, -0.00722956, -0.29371747]),
        (0.1, false, 0, [0.50182384, -1.25207782, 1.96897972, -0.00722956, -0.29371747]),
        (0.1, true, 0.5, [0.47927737, -1.22478557, 1.95989776, -0.00570254, -0.29474261]),
    ])
    func stepsAsPyTorchDoes(decay: Double, decays: Bool, clip: Double, expected: [Double]) {
        let parameter = Parameter(Tensor(values, shape: [5]), decays: decays)
        let optimizer = AdamW([parameter], weightDecay: decay, gradientClip: clip)
        let norms = [0.3741658, 3.0385029, 2.0982137, 1.5842979, 0.4272002]
        for (step, gradient) in gradients.enumerated() {
            (parameter.tensor * Tensor(gradient, shape: [5])).sum().backward()
            #expect(abs(optimizer.gradientNorm - norms[step]) < 1e-6)
            optimizer.step(rate: rates[step])
            #expect(parameter.gradient == nil)
        }
        for (value, expected) in zip(parameter.value.values(), expected) {
            #expect(abs(Double(value) - expected) < 3e-7)
        }
    }

    @Test func aParameterWithoutGradientIsLeftAlone() {
        let used = Parameter(Tensor([1, 2], shape: [2]))
        let unused = Parameter(Tensor([3, 4], shape: [2]))
        let optimizer = AdamW([used, unused], weightDecay: 0.5)
        used.tensor.sum().backward()
        optimizer.step(rate: 0.1)
        #expect(unused.value.values() == [3, 4])
        #expect(optimizer.moments.map(\.steps) == [1, 0])
        #expect(used.value.values() != [1, 2])
    }

    /// A copy made before a step is what a checkpoint's best weights are.
    @Test func aStepDoesNotChangeCopies() {
        let parameter = Parameter(Tensor([1, 2, 3], shape: [3]))
        let copy = parameter.value
        let optimizer = AdamW([parameter])
        parameter.tensor.sum().backward()
        optimizer.step(rate: 0.1)
        #expect(copy.values() == [1, 2, 3])
        #expect(parameter.value.values() != [1, 2, 3])
    }

    @Test(arguments: [1, 15, 16, 17, 32_768, 100_003])
    func theThreadCountChangesNoBit(count: Int) {
        func result(threads: Int) -> ([UInt32], Double) {
            WorkerPool.with(WorkerPool(threadCount: threads)) {
                let values = (0..<count).map { Float($0 % 97) / 97 - 0.4 }
                let parameter = Parameter(Tensor(values, shape: [count]))
                let optimizer = AdamW([parameter], gradientClip: 1)
                var norm = 0.0
                for _ in 0..<3 {
                    parameter.tensor.squared().sum().backward()
                    norm = optimizer.gradientNorm
                    optimizer.step(rate: 1e-3, norm: norm)
                }
                return (parameter.value.values().map(\.bitPattern), norm)
            }
        }
        let one = result(threads: 1)
        #expect(result(threads: 2) == one)
        #expect(result(threads: 5) == one)
    }

    @Test(arguments: [Float.nan, .infinity])
    func theNormOfABadGradientIsNotFinite(value: Float) {
        let parameter = Parameter(Tensor([1, 2], shape: [2]))
        (parameter.tensor * Tensor([1, value], shape: [2])).sum().backward()
        #expect(!AdamW([parameter]).gradientNorm.isFinite)
    }

    /// The cosine's values: torch.optim.lr_scheduler.CosineAnnealingLR with T_max 8 and eta_min 0.01.
    @Test func theScheduleWarmsUpAndFallsAsACosine() throws {
        let cosine = [
            0.1, 0.0965745789630079, 0.08681980515339463, 0.07222075445642905, 0.055, 0.03777924554357096,
            0.023180194846605363, 0.013425421036992097, 0.01,
        ]
        let cosineSchedule = try CosineSchedule()
        let plain = RatePlan(peak: 0.1, final: 0.01, steps: 8)
        for (step, rate) in cosine.enumerated() {
            #expect(abs(cosineSchedule.rate(at: step, of: plain) - rate) < 1e-12)
        }
        let warmed = RatePlan(peak: 0.1, final: 0.01, warmUpSteps: 4, steps: 12)
        let rates = (0..<4).map { cosineSchedule.rate(at: $0, of: warmed) }
        let rising: [Double] = [0.025, 0.05, 0.1 * 3 / 4, 0.1]
        #expect(rates == rising)
        for (step, rate) in cosine.enumerated() {
            #expect(abs(cosineSchedule.rate(at: step + 4, of: warmed) - rate) < 1e-12)
        }
        // All warm-up, no cosine.
        #expect(cosineSchedule.rate(at: 1, of: RatePlan(peak: 1, warmUpSteps: 2, steps: 2)) == 1)
    }
}

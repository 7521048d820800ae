import Foundation
import SegTensor
import SegTraining

/// Times single operators, forward and backward, and prints a Markdown table: what they reach of the machine's peak
/// arithmetic, or of its memory's bandwidth where there is little arithmetic for each value.
@main
enum OperatorBenchmarks {
    static func main() {
        let peak = MachinePeak.gigaflops()
        let bandwidth = memoryBandwidth()
        print(
            String(
                format: "%@, %d threads: %.0f GFLOP/s at most, %.1f GB/s from memory (a + b of large arrays).",
                InstructionSet.current.rawValue,
                WorkerPool.current.threadCount,
                peak,
                bandwidth
            )
        )
        print("\n| operator, batch 8 | pass | how | ms | GFLOP/s | of peak | GB/s | of memory's |")
        print("|---|---|---|---|---|---|---|---|")
        for item in Operator.all {
            for cost in item.costs(seconds: 1) { print(cost.row(item.name, peak: peak, bandwidth: bandwidth)) }
        }
    }

    /// GB/s of adding two arrays far larger than the caches: two read, one written.
    private static func memoryBandwidth() -> Double {
        let shape: Shape = [1 << 25]
        let (a, b) = (Tensor(repeating: 1, shape: shape), Tensor(repeating: 2, shape: shape))
        let clock = ContinuousClock()
        var best = 0.0
        for _ in 0..<8 {
            let start = clock.now
            let sum = withoutGradients { a + b }
            best = max(best, Double(3 * 4 * shape.count) / ((clock.now - start) / .seconds(1)) / 1e9)
            precondition(!sum.isRecorded)
        }
        return best
    }
}

/// An operator at one size.
struct Operator {
    var name: String
    /// Shape of the input.
    var input: Shape
    /// The parameter that it is given.
    var weight: Shape
    /// Values read and written in one pass, beside the weights.
    var values: Int
    var run: (Tensor, Tensor) -> Tensor

    static var all: [Operator] {
        var all: [Operator] = []
        func convolution(_ name: String, _ side: Int, _ inputs: Int, _ outputs: Int, _ kernel: Int, groups: Int = 1) {
            all.append(
                Operator(
                    name: "\(name), \(inputs) → \(outputs), \(side)×\(side)",
                    input: [8, inputs, side, side],
                    weight: [outputs, inputs / groups, kernel, kernel],
                    values: 8 * side * side * (inputs + outputs)
                ) { $0.convolved(with: $1, padding: kernel / 2, groups: groups) }
            )
        }
        convolution("convolution 3×3", 128, 1, 16, 3)
        convolution("convolution 3×3", 128, 16, 16, 3)
        convolution("convolution 3×3", 128, 32, 32, 3)
        convolution("convolution 3×3", 64, 64, 64, 3)
        convolution("convolution 3×3", 32, 128, 128, 3)
        convolution("convolution 3×3", 8, 256, 256, 3)
        convolution("convolution 5×5", 64, 32, 32, 5)
        convolution("pointwise", 64, 64, 128, 1)
        convolution("pointwise", 16, 384, 64, 1)
        convolution("pointwise to planes", 128, 16, 1, 1)
        convolution("depthwise 3×3", 64, 96, 96, 3, groups: 96)
        convolution("depthwise 5×5", 32, 240, 240, 5, groups: 240)
        all.append(
            Operator(
                name: "transposed 2×2, 64 → 32, 32×32",
                input: [8, 64, 32, 32],
                weight: [64, 32, 2, 2],
                values: 8 * 32 * 32 * (64 + 4 * 32)
            ) { $0.transposedConvolved(with: $1) }
        )
        return all
    }

    /// What each pass took, after a warm-up.
    func costs(seconds: Double) -> [OperatorCost] {
        let weight = Parameter(noise(self.weight, scale: 0.05))
        // A parameter, so that its gradient is computed as well; through a normalization, so that it is in blocks and
        // has pending arithmetic, as between the layers of a network.
        let input = Parameter(noise(self.input, scale: 1))
        let ones = Tensor.ones([self.input[1]])
        let zeros = Tensor.zeros([self.input[1]])
        let upstream = withoutGradients { run(input.tensor, weight.tensor) }
        func step() {
            let x =
                self.input[1] < 8
                ? input.tensor : input.tensor.instanceNormalized(gain: ones, offset: zeros).relu()
            run(x, weight.tensor).backward(from: upstream)
            weight.clearGradient()
            input.clearGradient()
        }
        for _ in 0..<3 { step() }
        let profiler = Profiler()
        let clock = ContinuousClock()
        let start = clock.now
        var steps = 0
        repeat {
            profiler.record {
                Profiler.name([("operator", weight)])
                step()
            }
            steps += 1
        } while (clock.now - start) / .seconds(1) < seconds || steps < 7
        var times: [String: [Double]] = [:]
        var order: [Profiler.Span] = []
        for span in profiler.spans where span.layer == "operator" {
            if times[span.name] == nil { order.append(span) }
            times[span.name, default: []].append(span.duration)
        }
        return order.map { span in
            let sorted = (times[span.name] ?? []).sorted()
            return OperatorCost(span: span, seconds: sorted[sorted.count / 2], bytes: Double(4 * values))
        }
    }

    private func noise(_ shape: Shape, scale: Float) -> Tensor {
        var state: UInt32 = 1
        return Tensor(
            (0..<shape.count).map { _ in
                state = state &* 1_664_525 &+ 1_013_904_223
                return scale * (Float(state >> 8) / 8_388_608 - 1)
            },
            shape: shape
        )
    }
}

/// The median of one pass of an operator.
struct OperatorCost {
    var span: Profiler.Span
    var seconds: Double
    var bytes: Double

    func row(_ name: String, peak: Double, bandwidth: Double) -> String {
        let gigaflops = span.operations / seconds / 1e9
        let gigabytes = bytes / seconds / 1e9
        return String(
            format: "| %@ | %@ | %@ | %.2f | %.0f | %.0f %% | %.1f | %.0f %% |",
            name,
            span.name,
            span.detail,
            seconds * 1e3,
            gigaflops,
            100 * gigaflops / peak,
            gigabytes,
            100 * gigabytes / bandwidth
        )
    }
}

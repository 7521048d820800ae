import Foundation
public import SegTensor

/// Where the time of some steps went: by phase, by layer and by operator, in milliseconds a step.
public struct ProfileReport: Sendable {
    /// A phase of a step: `forward`, `losses`, `backward`, `optimizer`.
    public struct Phase: Sendable {
        public var name: String
        public var milliseconds: Double
    }

    /// What a layer's operator took in one phase.
    public struct Cost: Sendable {
        /// `convolution`, `input gradient`, …
        public var operation: String
        /// How it was computed.
        public var algorithm: String
        public var milliseconds: Double
        /// By the plain definition: above the machine's peak where an algorithm saves arithmetic.
        public var gigaflops: Double
    }

    /// A layer with weights.
    public struct Layer: Sendable {
        /// The path of its weights.
        public var name: String
        public var costs: [Cost]
        public var milliseconds: Double { costs.reduce(0) { $0 + $1.milliseconds } }
    }

    /// An operator without weights, over the whole network.
    public struct Operator: Sendable {
        public var phase: String
        public var name: String
        /// Runs in a step.
        public var runs: Double
        public var milliseconds: Double
    }

    /// Steps that were recorded.
    public let steps: Int
    /// In the order of their first appearance.
    public let phases: [Phase]
    /// In the order of their first appearance.
    public let layers: [Layer]
    /// The longest first.
    public let operators: [Operator]
    /// Multiplications and additions that the machine makes at most, in 10⁹ a second; `nil` if not measured.
    public let peak: Double?

    /// - Parameters:
    ///   - peak: what shares are taken of.
    ///   - spans: as the profiler has them. A step ends with each `backward`, or with each `forward` if there is none.
    public init(_ spans: [Profiler.Span], peak: Double? = nil) {
        let outermost = spans.filter { $0.depth == 0 }
        let backward = outermost.count { $0.name == "backward" }
        let steps = max(1, backward > 0 ? backward : outermost.count { $0.name == "forward" })
        self.peak = peak
        self.steps = steps
        let perStep = 1e3 / Double(steps)
        var phases: [Phase] = []
        var layers: [Layer] = []
        var operators: [Operator] = []
        var sums: [String: Double] = [:]
        for span in spans.sorted(by: { $0.start < $1.start }) {
            if span.depth == 0 {
                let index = Self.index(in: &phases, Phase(name: span.name, milliseconds: 0)) { $0.name == span.name }
                phases[index].milliseconds += span.duration * perStep
            }
            guard !span.layer.isEmpty else {
                let new = Operator(phase: span.phase, name: span.name, runs: 0, milliseconds: 0)
                let index = Self.index(in: &operators, new) { $0.phase == span.phase && $0.name == span.name }
                operators[index].milliseconds += span.ownDuration * perStep
                operators[index].runs += 1 / Double(steps)
                continue
            }
            let place = Self.index(in: &layers, Layer(name: span.layer, costs: [])) { $0.name == span.layer }
            let new = Cost(operation: span.name, algorithm: span.detail, milliseconds: 0, gigaflops: 0)
            let index = Self.index(in: &layers[place].costs, new) {
                $0.operation == span.name && $0.algorithm == span.detail
            }
            layers[place].costs[index].milliseconds += span.duration * perStep
            sums[span.layer + "\n" + span.name + "\n" + span.detail, default: 0] += span.operations * perStep / 1e3
        }
        for (place, layer) in layers.enumerated() {
            for (index, cost) in layer.costs.enumerated() where cost.milliseconds > 0 {
                let operations = sums[layer.name + "\n" + cost.operation + "\n" + cost.algorithm] ?? 0
                layers[place].costs[index].gigaflops = operations / cost.milliseconds / 1e6
            }
        }
        self.phases = phases
        self.layers = layers
        self.operators = operators.sorted { $0.milliseconds > $1.milliseconds }
    }

    /// Where the element that fits stands; a new one is put at the end if there is none.
    private static func index<Element>(
        in elements: inout [Element],
        _ new: Element,
        where fits: (Element) -> Bool
    ) -> Int {
        if let index = elements.firstIndex(where: fits) { return index }
        elements.append(new)
        return elements.count - 1
    }

    /// Tables for a terminal.
    public var text: String {
        var lines = ["Time of a step, mean of \(steps), ms"]
        let total = phases.reduce(0) { $0 + $1.milliseconds }
        for phase in phases { lines.append(Self.line([(phase.name, 44)], [phase.milliseconds, share(phase, total)])) }
        lines.append(Self.line([("all", 44)], [total]))
        if !layers.isEmpty {
            let shares = peak.map { String(format: ", share of the peak of %.0f GFLOP/s", $0) } ?? ""
            lines += ["", "Layers: ms, GFLOP/s of the plain definition\(shares)"]
            for layer in layers {
                lines.append(Self.line([(layer.name, 44)], [layer.milliseconds]))
                for cost in layer.costs {
                    let part = peak.map { String(format: "  %5.0f %%", 100 * cost.gigaflops / $0) } ?? ""
                    let numbers = String(format: "%9.3f  %7.0f", cost.milliseconds, cost.gigaflops)
                    lines.append(
                        Self.padded("  " + cost.operation, 24) + Self.padded(cost.algorithm, 28) + numbers + part
                    )
                }
            }
        }
        let others = operators.filter { $0.milliseconds >= 0.001 }
        if !others.isEmpty {
            lines += ["", "What has no weights: runs a step, ms without what it calls"]
            for item in others {
                lines.append(
                    Self.padded(item.phase, 12) + Self.padded(item.name, 40)
                        + String(format: "%6.1f  %9.3f", item.runs, item.milliseconds)
                )
            }
        }
        return lines.joined(separator: "\n")
    }

    private func share(_ phase: Phase, _ total: Double) -> Double { total > 0 ? 100 * phase.milliseconds / total : 0 }

    private static func line(_ texts: [(String, Int)], _ numbers: [Double]) -> String {
        texts.map { padded($0.0, $0.1) }.joined() + String(format: "%9.3f", numbers[0])
            + (numbers.count > 1 ? String(format: "  %5.1f %%", numbers[1]) : "")
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}

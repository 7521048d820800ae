import Foundation
import SegInterop
import SegTensor
import SegTraining
import Testing

@Suite("Profiles") struct ProfileTests {
    private func span(
        _ name: String,
        _ phase: String,
        start: Double,
        duration: Double,
        own: Double? = nil,
        layer: String = "",
        operations: Double = 0
    ) -> Profiler.Span {
        let profiler = Profiler()
        profiler.record { Profiler.span("template") {} }
        var span = profiler.spans[0]
        span.name = name
        span.phase = phase
        span.detail = layer.isEmpty ? "" : "direct"
        span.layer = layer
        span.depth = name == phase ? 0 : 1
        span.start = start
        span.duration = duration
        span.ownDuration = own ?? duration
        span.operations = operations
        return span
    }

    /// Two steps of 10 ms.
    private var spans: [Profiler.Span] {
        (0..<2).flatMap { step in
            let start = Double(step) * 0.01
            return [
                span("convolution", "forward", start: start, duration: 0.002, layer: "a.weight", operations: 2e6),
                span("pooling", "forward", start: start + 0.002, duration: 0.001),
                span("forward", "forward", start: start, duration: 0.004, own: 0.001),
                span("weight gradient", "backward", start: start + 0.004, duration: 0.005, layer: "a.weight"),
                span("backward", "backward", start: start + 0.004, duration: 0.006, own: 0.001),
            ]
        }
    }

    @Test("Times are means over the steps, by phase, layer and operator")
    func report() throws {
        let report = ProfileReport(spans, peak: 10)
        #expect(report.steps == 2)
        #expect(report.phases.map(\.name) == ["forward", "backward"])
        #expect(abs(report.phases[0].milliseconds - 4) < 1e-9 && abs(report.phases[1].milliseconds - 6) < 1e-9)
        let layer = try #require(report.layers.first)
        #expect(report.layers.count == 1 && layer.costs.map(\.operation) == ["convolution", "weight gradient"])
        #expect(abs(layer.milliseconds - 7) < 1e-9)
        // 2·10⁶ in 2 ms.
        #expect(abs(layer.costs[0].gigaflops - 1) < 1e-9)
        #expect(report.operators.map(\.name).sorted() == ["backward", "forward", "pooling"])
        #expect(report.text.contains("10 %") && report.text.contains("a.weight"))
    }

    @Test("A profile without spans has no steps to speak of, and still prints")
    func empty() {
        #expect(!ProfileReport([]).text.isEmpty)
    }

    @Test("A trace is JSON of complete events in microseconds")
    func trace() throws {
        let data = try ChromeTrace(spans).json()
        let root = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let events = try #require(root["traceEvents"] as? [[String: Any]])
        #expect(events.count == 10 && events.allSatisfy { $0["ph"] as? String == "X" })
        let first = try #require(events.first)
        #expect(first["name"] as? String == "a.weight: convolution")
        #expect(abs((first["dur"] as? Double ?? 0) - 2000) < 1e-6)
        #expect((first["args"] as? [String: String])?["GFLOP/s"] == "1.0")
    }
}

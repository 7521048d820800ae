/// Records how long operators take, and on which layer's behalf.
///
/// Off unless ``record(_:)`` is on the call stack; then each operator leaves a ``Span``, those of operators that it calls
/// within it. Operators of one's own are seen without further ado in the backward pass, under the name of the function
/// that called ``Tensor/recorded(from:operation:pullback:)``; ``span(_:detail:weight:operations:_:)`` names them in the
/// forward pass as well.
public final class Profiler: Sendable {
    /// One run of one operator.
    public struct Span: Sendable {
        /// What was done: `convolution`, `backward`, …
        public var name: String
        /// How: the algorithm chosen, the shape.
        public var detail: String
        /// The path of the parameter that the operator was given; empty if it has none.
        public var layer: String
        /// The outermost span around this one; its own name if there is none.
        public var phase: String
        /// Spans around this one.
        public var depth: Int
        /// Seconds since the profiler was made.
        public var start: Double
        /// Seconds, with the spans within it.
        public var duration: Double
        /// Seconds, without them.
        public var ownDuration: Double
        /// Multiplications and additions that the plain definition asks for, counted as two; 0 if not counted.
        public var operations: Double
    }

    private struct Open {
        var name: String
        var layer: String
        var start: ContinuousClock.Instant
        var within = 0.0
    }

    private struct State {
        var spans: [Span] = []
        var open: [Open] = []
        var names: [UInt: String] = [:]
    }

    private let state = Locked(State())
    private let clock = ContinuousClock()
    private let begin: ContinuousClock.Instant

    @TaskLocal private static var current: Profiler?

    private let limit: Int

    /// - Parameter limit: the most spans that are kept; what follows them is not recorded.
    public init(limit: Int = 500_000) {
        self.limit = limit
        begin = ContinuousClock().now
    }

    /// Whether spans were left out because of the limit.
    public var isFull: Bool { state.withLock { $0.spans.count >= limit } }

    /// Runs `body` with this profiler on.
    public func record<Result>(_ body: () throws -> Result) rethrows -> Result {
        try Self.$current.withValue(self, operation: body)
    }

    /// All spans that have ended, in the order of their ends.
    public var spans: [Span] { state.withLock { $0.spans } }

    /// Forgets all spans.
    public func clear() { state.withLock { $0.spans = [] } }

    /// Tells the profiler that is on under which names layers are to appear. To be called before each step, since
    /// parameters move in memory.
    public static func name(_ parameters: @autoclosure () -> [(name: String, parameter: Parameter)]) {
        guard let current else { return }
        let names = parameters().map { ($0.parameter.tensor.address, $0.name) }
        current.state.withLock { $0.names = Dictionary(names) { first, _ in first } }
    }

    /// Runs `body` as a span of the profiler that is on; just runs it if none is.
    ///
    /// - Parameters:
    ///   - detail: how it is done.
    ///   - weight: a tensor of a parameter, by which the layer is found.
    ///   - operations: multiplications and additions of the plain definition, counted as two.
    public static func span<Result>(
        _ name: @autoclosure () -> String,
        detail: @autoclosure () -> String = "",
        weight: Tensor? = nil,
        operations: @autoclosure () -> Double = 0,
        _ body: () throws -> Result
    ) rethrows -> Result {
        guard let current else { return try body() }
        current.open(name(), weight)
        defer { current.close(detail(), operations()) }
        return try body()
    }

    private func open(_ name: String, _ weight: Tensor?) {
        state.withLock { state in
            let layer = weight.flatMap { state.names[$0.address] } ?? ""
            state.open.append(Open(name: name, layer: layer, start: clock.now))
        }
    }

    private func close(_ detail: String, _ operations: Double) {
        let now = clock.now
        state.withLock { state in
            guard let span = state.open.popLast() else { return }
            let duration = (now - span.start) / .seconds(1)
            if !state.open.isEmpty { state.open[state.open.count - 1].within += duration }
            guard state.spans.count < limit else { return }
            state.spans.append(
                Span(
                    name: span.name,
                    detail: detail,
                    layer: span.layer,
                    phase: state.open.first?.name ?? span.name,
                    depth: state.open.count,
                    start: (span.start - begin) / .seconds(1),
                    duration: duration,
                    ownDuration: duration - span.within,
                    operations: operations
                )
            )
        }
    }
}

extension Tensor {
    /// Where the dense values lie, which identifies parameters. 0 if there are none.
    fileprivate var address: UInt {
        if case .dense(let storage) = body { return UInt(bitPattern: storage.pointer) }
        return 0
    }
}

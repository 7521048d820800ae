public import Foundation
public import SegTensor

/// A profile as a file that Chrome (`chrome://tracing`) and Perfetto draw: one bar for each span, along the time.
///
/// - Source: "Trace Event Format", complete events (`"ph": "X"`), times in microseconds.
public struct ChromeTrace: Encodable, Sendable {
    private struct Event: Encodable, Sendable {
        var name: String
        var cat: String
        var ph = "X"
        var ts: Double
        var dur: Double
        var pid = 1
        var tid = 1
        var args: [String: String]
    }

    private let traceEvents: [Event]
    private let displayTimeUnit = "ms"

    public init(_ spans: [Profiler.Span]) {
        traceEvents = spans.map { span in
            var details: [String: String] = [:]
            if !span.layer.isEmpty { details["layer"] = span.layer }
            if !span.detail.isEmpty { details["how"] = span.detail }
            if span.operations > 0, span.duration > 0 {
                details["GFLOP/s"] = String(format: "%.1f", span.operations / span.duration / 1e9)
            }
            return Event(
                name: span.layer.isEmpty ? span.name : "\(span.layer): \(span.name)",
                cat: span.phase,
                ts: span.start * 1e6,
                dur: span.duration * 1e6,
                args: details
            )
        }
    }

    /// Whether bytes are a file of this type.
    package static func isTrace(_ bytes: Data) -> Bool {
        bytes.starts(with: Data(#"{"displayTimeUnit":"ms","traceEvents":["#.utf8))
    }

    /// The file's bytes.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return try encoder.encode(self)
    }
}

import Foundation
public import SegCore
public import SegScoring
import SegSettings
import SegTensor

/// Checks that a metric of cases keeps the rules of ``SegScoring/CaseMetric``.
///
/// | rule | meaning |
/// |---|---|
/// | `has-name`, `has-summary`, `settings-…` | as in ``checkBackbone(_:settings:inputChannels:imageSize:)`` |
/// | `has-column`, `has-title` | the column is made of letters, digits, - and _; title and unit are one line of text, and a table can have the decimals |
/// | `says-empty-masks` | a metric that answers for empty masks itself says how, in a sentence |
/// | `initializes` | `init` does not throw for these settings |
/// | `value-is-finite` | a value is finite or `nil` for masks that agree, differ, touch nothing, are full or in parts, and where the metric asks for it for empty ones |
/// | `value-of-equal-masks` | masks that are equal have a value |
/// | `value-repeats` | the same case has the same value again, also in another instance |
/// | `order-does-not-matter` | values are the same, to the bit, for the cases in another order |
/// | `threads-do-not-matter` | values are the same, to the bit, on several threads at once |
/// | `label-does-not-matter` | the same masks have the same value under the name of another label |
/// | `direction-holds` | no wrong mask is better than the true one, and some are worse |
/// | `is-symmetric` | if `isSymmetric`: the value is the same for prediction and truth exchanged |
///
/// The rules on masks are asked only of metrics whose inputs have one.
///
/// - Parameter isSymmetric: whether the metric claims to be blind to which mask is the true one, as Dice is.
/// - Returns: The breaches, a few of each rule; empty for a metric that conforms.
public func checkCaseMetric<Plugin: CaseMetric>(
    _ plugin: Plugin.Type,
    settings: Plugin.Settings = Plugin.Settings(),
    isSymmetric: Bool = false
) -> [ConformanceFailure] {
    var failures = checkDescription(name: Plugin.name, summary: Plugin.summary, settings: settings)
    do {
        let check = CaseMetricCheck(metric: try Plugin(settings), twin: try Plugin(settings))
        failures += check.description()
        let values = check.values()
        failures += values
        // The other rules compare values.
        guard values.isEmpty else { return failures.toldOnce() }
        failures += try check.repetition()
        if check.metric.inputs.contains(.mask) { failures += try check.masks(isSymmetric: isSymmetric) }
    } catch {
        failures.append(ConformanceFailure("initializes", "\(error)"))
    }
    return failures.toldOnce()
}

private struct CaseMetricCheck<Plugin: CaseMetric> {
    let metric: Plugin
    let twin: Plugin

    // MARK: Description

    func description() -> [ConformanceFailure] {
        var failures: [ConformanceFailure] = []
        func isLine(_ text: String) -> Bool { text.contains { !$0.isWhitespace } && !text.contains(where: \.isNewline) }
        let column = Plugin.column
        if column.isEmpty || !column.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }) {
            failures.append(
                ConformanceFailure("has-column", "the column '\(column)' is not made of letters, digits, - and _ alone")
            )
        }
        if !isLine(metric.title) {
            failures.append(ConformanceFailure("has-title", "the title '\(metric.title)' is not one line of text"))
        }
        if let unit = metric.unit, !isLine(unit) {
            failures.append(
                ConformanceFailure("has-title", "the unit '\(unit)' is not one line of text: a ratio has nil")
            )
        }
        if !(0...9).contains(metric.decimals) {
            failures.append(ConformanceFailure("has-title", "a table cannot have \(metric.decimals) decimals"))
        }
        if case .answered(let sentence) = metric.emptyMasks, !isLine(sentence) {
            failures.append(
                ConformanceFailure("says-empty-masks", "'\(sentence)' does not say what an empty mask counts")
            )
        }
        return failures
    }

    // MARK: Values

    private func value(_ pair: MetricSamples.Pair, _ metric: Plugin, label: String = MetricCase.defaultLabel) throws
        -> Double?
    {
        try NamedMetric(metric).value(of: pair.item(for: metric.inputs, label: label))
    }

    func values() -> [ConformanceFailure] {
        var failures: [ConformanceFailure] = []
        for pair in MetricSamples.all {
            do {
                let value = try value(pair, metric)
                if pair.name == "equal masks", value == nil {
                    failures.append(ConformanceFailure("value-of-equal-masks", "there is none"))
                }
            } catch {
                failures.append(ConformanceFailure("value-is-finite", "\(pair.name): \(error)"))
            }
        }
        return failures
    }

    func repetition() throws -> [ConformanceFailure] {
        var failures: [ConformanceFailure] = []
        let pairs = MetricSamples.all
        let first = try pairs.map { try value($0, metric) }
        func expect(_ values: [Double?], _ rule: String, _ what: String) {
            for ((pair, value), other) in zip(zip(pairs, first), values) where !Self.isSame(value, other) {
                failures.append(
                    ConformanceFailure(rule, "\(pair.name): \(Self.text(value)), but \(Self.text(other)) \(what)")
                )
            }
        }
        expect(try pairs.map { try value($0, metric) }, "value-repeats", "the second time")
        expect(try pairs.map { try value($0, twin) }, "value-repeats", "in another instance")
        expect(
            try pairs.reversed().map { try value($0, metric) }.reversed(),
            "order-does-not-matter",
            "in another order"
        )
        expect(
            try pairs.map { try value($0, metric, label: "other") },
            "label-does-not-matter",
            "under the name of another label"
        )
        for _ in 0..<4 { expect(concurrent(pairs), "threads-do-not-matter", "on several threads at once") }
        return failures
    }

    private func concurrent(_ pairs: [MetricSamples.Pair]) -> [Double?] {
        var results = [Double?](repeating: nil, count: pairs.count)
        results.withUnsafeMutableBufferPointer { buffer in
            // Each task writes the one element that is its own.
            nonisolated(unsafe) let slots = buffer
            DispatchQueue.concurrentPerform(iterations: pairs.count) { index in
                slots[index] = try? value(pairs[index], metric)
            }
        }
        return results
    }

    // MARK: Masks

    func masks(isSymmetric: Bool) throws -> [ConformanceFailure] {
        var failures: [ConformanceFailure] = []
        let isLower = metric.direction == .lowerIsBetter
        guard let equal = MetricSamples.all.first, let best = try value(equal, metric) else { return [] }
        var isWorse = false
        for pair in MetricSamples.wrong {
            guard let value = try value(pair, metric) else { continue }
            isWorse = isWorse || (isLower ? value > best : value < best)
            guard isLower ? value < best : value > best else { continue }
            failures.append(
                ConformanceFailure(
                    "direction-holds",
                    "\(metric.direction.rawValue), and \(pair.name) has \(value), the true mask \(best)"
                )
            )
        }
        if !isWorse {
            failures.append(ConformanceFailure("direction-holds", "no wrong mask is worse than the true one's \(best)"))
        }
        guard isSymmetric else { return failures }
        for pair in MetricSamples.wrong {
            let (value, swapped) = (try value(pair, metric), try value(pair.exchanged, metric))
            let isClose = value.flatMap { value in swapped.map { abs(value - $0) <= 1e-9 * max(1, abs(value)) } }
            guard !(isClose ?? (value == nil && swapped == nil)) else { continue }
            failures.append(
                ConformanceFailure(
                    "is-symmetric",
                    "\(pair.name): \(Self.text(value)), but \(Self.text(swapped)) with the masks exchanged"
                )
            )
        }
        return failures
    }

    private static func isSame(_ first: Double?, _ second: Double?) -> Bool {
        first?.bitPattern == second?.bitPattern || (first?.isNaN == true && second?.isNaN == true)
    }

    private static func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "no value" }
}

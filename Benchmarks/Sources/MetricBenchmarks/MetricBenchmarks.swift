import Foundation
import SegMetrics

/// Times every metric beside the Python libraries that have it, in turns, and prints a Markdown table.
///
/// MetricBenchmarks [PYTHON] [MASKS] [ROUNDS]: pairs of masks of 512×512, 500 of them by default, in 5 rounds. In each round
/// a share of the pairs goes through every metric, here on one thread, then through each library as it is by default. A
/// ratio is taken within a round, against the library that was fastest in it, so that a busy machine hits both.
@main
struct MetricBenchmarks {
    static func main() throws {
        let arguments = CommandLine.arguments
        let python = arguments.count > 1 ? arguments[1] : "python3"
        let count = arguments.count > 2 ? Int(arguments[2]) ?? 500 : 500
        let rounds = arguments.count > 3 ? Int(arguments[3]) ?? 5 : 5
        guard rounds > 0, count >= rounds else { fatalError("give at least a pair of masks a round") }

        let pairs = (0..<count).map { LesionPair(number: $0) }
        let folder = FileManager.default.temporaryDirectory.appending(path: "metric-benchmarks-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(pairs.flatMap(\.prediction)).write(to: folder.appending(path: "prediction.raw"))
        try Data(pairs.flatMap(\.reference)).write(to: folder.appending(path: "reference.raw"))
        let peers = try PeerProcess(python: python, folder: folder, pairs: pairs)

        var results = Metric.all.map { Result(name: $0.name) }
        for round in 0..<rounds {
            let range = round * count / rounds..<(round + 1) * count / rounds
            for (index, metric) in Metric.all.enumerated() {
                let own = measure(metric, pairs[range])
                try results[index].add(own, peers.run(metric, range))
            }
        }
        print(
            "\(try peers.versions()); \(count) pairs of masks of \(LesionPair.size)×\(LesionPair.size), \(rounds) rounds.\n"
        )
        print(
            "| metric | times as fast as the fastest peer | least to largest | here, ms | fastest peer, ms | others, ms |"
        )
        print("|---|---|---|---|---|---|")
        for result in results { print(result.row) }
    }

    private static func measure(_ metric: Metric, _ pairs: ArraySlice<LesionPair>) -> Measurement {
        let stopwatch = Stopwatch()
        var values: [Double] = []
        for part in metric.isOfSet ? [pairs] : pairs.indices.map({ pairs[$0...$0] }) {
            var value = 0.0
            for _ in 0..<metric.repeats { value = metric.run(part) }
            values.append(value)
        }
        return Measurement(seconds: stopwatch.seconds / Double(metric.repeats * values.count), values: values)
    }
}

/// What a call took, and what the calls gave.
struct Measurement {
    var seconds: Double
    var values: [Double]
}

/// What a call of a peer took; the sum of its values shows that the same thing was computed.
struct PeerMeasurement: Decodable {
    var seconds: Double
    var sum: Double
    /// A peer that cannot be the fastest runs on every so-manieth pair only.
    var step: Int
}

/// Time on the clock or of all the process's threads, whichever is less: the first grows while other processes have the
/// machine, the second with threads that help.
struct Stopwatch {
    private let wall = Self.time(CLOCK_MONOTONIC)
    private let processor = Self.time(CLOCK_PROCESS_CPUTIME_ID)

    var seconds: Double {
        min(Self.time(CLOCK_MONOTONIC) - wall, Self.time(CLOCK_PROCESS_CPUTIME_ID) - processor)
    }

    private static func time(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

/// A metric's rounds.
struct Result {
    let name: String
    private var ratios: [Double] = []
    private var own: [Double] = []
    private var others: [String: [Double]] = [:]
    private var isEqualToAPeer = true

    init(name: String) { self.name = name }

    mutating func add(_ measurement: Measurement, _ peers: [String: PeerMeasurement]) {
        guard let fastest = peers.values.map(\.seconds).min() else { return }
        ratios.append(fastest / measurement.seconds)
        own.append(measurement.seconds)
        for (name, peer) in peers { others[name, default: []].append(peer.seconds) }
        let isEqual = peers.values.contains { peer in
            let indices = stride(from: 0, to: measurement.values.count, by: peer.step)
            let sum = indices.reduce(0) { $0 + measurement.values[$1] }
            return abs(sum - peer.sum) <= 1e-5 * abs(sum)
        }
        if !isEqual { isEqualToAPeer = false }
    }

    var row: String {
        let sorted = others.map { (name: $0.key, time: median($0.value)) }.sorted { $0.time < $1.time }
        guard let fastest = sorted.first else { return "| \(name) | | | | | |" }
        func text(_ time: Double) -> String { String(format: "%.3g", time * 1e3) }
        let rest = sorted.dropFirst().map { "\($0.name) \(text($0.time))" }.joined(separator: ", ")
        let ratio = String(format: "**%.1f** | %.1f to %.1f", median(ratios), ratios.min() ?? 0, ratios.max() ?? 0)
        let note = isEqualToAPeer ? "" : " (values differ!)"
        return
            "| \(name)\(note) | \(ratio) | \(text(median(own))) | \(text(fastest.time)) (\(fastest.name)) | \(rest) |"
    }

    private func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}

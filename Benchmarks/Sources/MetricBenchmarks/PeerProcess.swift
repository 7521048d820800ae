import Foundation

/// `Python/metric_peers.py`, which waits for its turn.
final class PeerProcess {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(python: String, folder: URL, pairs: [LesionPair]) throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Python/metric_peers.py").standardizedFileURL
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, script.path, folder.path, "\(pairs.count)", "\(LesionPair.size)"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // Scores and labels are made here, so that both sides have the same.
        let scores = try JSONEncoder().encode(pairs.map(\.score))
        let labels = try JSONEncoder().encode(pairs.map(\.label))
        try send(String(decoding: scores, as: UTF8.self))
        try send(String(decoding: labels, as: UTF8.self))
        guard try answer() == "ready" else { fatalError("\(python) \(script.path) failed") }
    }

    /// What each library took for the pairs of a range.
    func run(_ metric: Metric, _ range: Range<Int>) throws -> [String: PeerMeasurement] {
        try send("\(range.lowerBound) \(range.upperBound) \(metric.repeats) \(metric.name)")
        return try JSONDecoder().decode([String: PeerMeasurement].self, from: Data(answer().utf8))
    }

    /// The libraries' versions and the machine.
    func versions() throws -> String {
        try send("0 0 1 versions")
        return try answer()
    }

    private func send(_ line: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    }

    private func answer() throws -> String {
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), let value = byte.first {
            if value == 10 { return String(decoding: line, as: UTF8.self) }
            line.append(value)
        }
        fatalError(
            "the peers ended: Python needs medpy, monai, surface-distance, scikit-learn, torchmetrics and opencv"
        )
    }
}

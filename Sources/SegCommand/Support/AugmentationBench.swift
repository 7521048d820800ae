import Foundation
import SegAugmentation
import SegCore
import SegData
import SegImageIO
import SegPhantoms

/// Times every augmentation of the catalog on a synthetic image, on one thread.
struct AugmentationBench: Encodable {
    /// What one augmentation takes.
    struct Row: Encodable {
        var name: String
        var medianMicroseconds: Double
        var runs: Int

        enum CodingKeys: String, CodingKey {
            case name, runs
            case medianMicroseconds = "median_us"
        }
    }

    let task = "augmentation"
    var size: Int
    var rows: [Row] = []

    /// Measures for about `seconds` in all.
    init(size: Int, seconds: Double) throws {
        self.size = size
        let dataset = PhantomDataset(center: .northern, count: 8, seed: 1)
        let samples = try SampleStore.prepare(adapter: dataset, size: size, decoder: StandardImageDecoder()).samples
        let references = try ReferenceBank(samples)
        let entries = Segkit.registry.augmentationCatalog
        let share = seconds / Double(entries.count + 2)
        rows.append(Self.row("nothing but a sample's planes", seconds: share) { _ in samples[0].pair })
        rows.append(
            Self.row("standardization", seconds: share) { _ in
                var pair = samples[0].pair
                pair.standardize()
                return pair
            }
        )
        for entry in entries {
            let pipeline = try entry.pipeline(references: references)
            rows.append(
                Self.row(entry.name, seconds: share) { run in
                    var stream = RandomStream(seed: 1, "bench", StreamKey(run))
                    return pipeline.augmented(samples[run % samples.count].pair, using: &stream)
                }
            )
        }
    }

    private static func row(_ name: String, seconds: Double, _ body: (Int) -> ImagePair) -> Row {
        let clock = ContinuousClock()
        for run in 0..<5 { _ = body(run) }
        var times: [Double] = []
        let begin = clock.now
        while times.count < 11 || (clock.now - begin) / .seconds(1) < seconds {
            let start = clock.now
            let pair = body(times.count)
            times.append((clock.now - start) / .microseconds(1))
            precondition(!pair.image.isEmpty)
        }
        times.sort()
        return Row(name: name, medianMicroseconds: (times[times.count / 2] * 10).rounded() / 10, runs: times.count)
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    var text: String {
        let width = rows.map(\.name.count).max() ?? 0
        let lines = rows.map { row in
            "  \(row.name.padding(toLength: width, withPad: " ", startingAt: 0))  \(row.medianMicroseconds)"
        }
        return (["\(task), \(size) px, one thread: median µs an image, its planes included"] + lines)
            .joined(separator: "\n")
    }
}

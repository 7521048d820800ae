import Foundation

/// Seconds on the clock, and of this process's processors.
struct Timing: Codable {
    var wall: Double
    var processor: Double

    init(_ body: () throws -> Void) rethrows {
        let clock = ContinuousClock()
        let (start, used) = (clock.now, Self.processorTime)
        try body()
        wall = (clock.now - start) / .seconds(1)
        processor = Self.processorTime - used
    }

    private static var processorTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

/// What was measured of one variant.
struct Row: Codable {
    var name: String
    /// Of each pass over all samples.
    var timings: [Timing]
    /// Bytes on the disk of all samples.
    var bytes: Int?
    /// Bytes of tensors a pixel that a reader gets; `nil` if other work is part of the time.
    var planes: Int?

    static let heading =
        pad("", 40) + "  ms/sample  ms CPU/sample  GB/s CPU  bytes/sample  of u8 image  of u8 image+mask"

    func text(samples: Int, size: Int) -> String {
        func median(_ values: [Double]) -> Double {
            let sorted = values.sorted()
            return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        }
        let wall = median(timings.map(\.wall)) / Double(samples)
        let processor = median(timings.map(\.processor)) / Double(samples)
        let pixels = Double(size * size)
        var text = Self.pad(name, 40) + String(format: "%11.3f%15.3f", wall * 1e3, processor * 1e3)
        text += planes.map { String(format: "%10.2f", Double($0) * pixels / processor / 1e9) } ?? Self.pad("", 10)
        guard let bytes else { return text }
        let each = Double(bytes) / Double(samples)
        return text + String(format: "%14.0f%12.1f%%%17.1f%%", each, 100 * each / pixels, 50 * each / pixels)
    }

    private static func pad(_ text: String, _ count: Int) -> String {
        text.padding(toLength: count, withPad: " ", startingAt: 0)
    }
}

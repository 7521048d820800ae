import Foundation

extension WeightInitializer {
    /// Checks that a model's parameters fit into the machine, before the first is drawn.
    ///
    /// A parameter takes 16 bytes while it trains: its value, its gradient and the optimiser's two moments, 32 bits each.
    ///
    /// - Parameters:
    ///   - parameters: how many there will be, as a floating-point number, which does not overflow.
    ///   - subject: the setting to change, for the message.
    ///   - model: what has them, for the message: `a U-Net of width 1024 and depth 8`.
    ///
    /// Throws: ``SegmentationError`` with both sizes.
    public static func requireMemory(for parameters: Double, subject: String, model: String) throws {
        let needed = 16 * parameters
        let memory = Double(ProcessInfo.processInfo.physicalMemory)
        guard needed > memory else { return }
        func gigabytes(_ bytes: Double) -> String { String(format: "%.0f GB", bytes / 1e9) }
        throw SegmentationError(
            subject,
            "\(model) has \(String(format: "%.0f", parameters / 1e6)) million parameters, which take \(gigabytes(needed)) "
                + "while they train, and this machine has \(gigabytes(memory))",
            cure: "choose a smaller width or depth"
        )
    }
}

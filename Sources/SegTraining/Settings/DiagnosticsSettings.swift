public import SegCore

/// What is measured during training without affecting it: weights, moments and random numbers stay the same, bit for bit.
public struct DiagnosticsSettings: Hashable, Sendable, Codable {
    /// How the tasks' gradients agree on the parameters that they share.
    public var interference = InterferenceSettings()

    public init() {}
}

/// How often ``GradientInterference`` is measured, and on how much.
public struct InterferenceSettings: Hashable, Sendable, Codable, ExplainedSettings {
    /// Epochs from one measurement to the next, at the end of the epoch; the first and the last one are measured too. 0
    /// for never.
    ///
    /// Each measurement costs about `batches` training steps for each head and term.
    public var every = 0
    /// Batches that the gradients are computed on: those of the first steps of the first epoch, the same each time.
    public var batches = 4

    public static let meanings: [String: SettingMeaning] = [
        "every":
            "Epochs from one measurement to the next; the first and the last one are measured too; 0 for never. Each costs about `batches` training steps for each head and term",
        "batches": "Batches that the gradients are computed on, the same each time",
    ]

    public init() {}

    public init(every: Int, batches: Int = 4) {
        self.every = every
        self.batches = batches
    }

    func measures(epoch: Int, of epochs: Int) -> Bool {
        every > 0 && (epoch.isMultiple(of: every) || epoch == 1 || epoch == epochs)
    }
}

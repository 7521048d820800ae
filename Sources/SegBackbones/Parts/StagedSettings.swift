import SegCore
import SegLayers

/// Settings of a backbone that is built of stages, each with twice the channels of the one before, and of the same layers throughout.
protocol StagedSettings: EncoderChoice {
    var depth: Int { get }
    var width: Int { get }
    var maximumWidth: Int { get }
    var normalization: NormalizationKind { get }
    var activation: ActivationKind { get }
    var dropout: Float { get }
}

extension StagedSettings {
    /// Channels of each stage: twice as many as before, up to a limit.
    var widths: [Int] { (0..<depth).map { min(width << $0, max(width, maximumWidth)) } }

    var plan: LayerPlan { LayerPlan(normalization: normalization, activation: activation, dropout: dropout) }

    /// Throws if one of them is out of range.
    func requireStages() throws {
        try require("depth", depth, in: 2...8)
        try require("width", width, in: 1...1024)
        try require("maximumWidth", maximumWidth, in: 1...2048)
        try require("dropout", dropout, in: 0...0.9)
    }
}

import Foundation
public import SegCore

/// Raises intensities to a random power, as a scanner's gray map does.
///
/// - Formula: `I ← I^γ`, `ln γ` uniform in `±ln(1 + strength)`. Intensities must lie in `0...1`.
public struct GammaStep: AugmentationStep {
    /// with `0.2`, γ is from `1/1.2 ... 1.2`.
    public var strength: Float

    public init(strength: Float) {
        self.strength = strength
    }

    public func apply(to pair: inout ImagePair, using stream: inout RandomStream) {
        let gamma = exp(stream.uniform(in: -1...1) * log1p(strength))
        pair.mapCovered { value, _ in FastMath.power(value, gamma) }
    }
}

/// Turns the gain up or down.
///
/// A B-mode image shows the logarithm of the echo, where a gain adds a gray level; factors would change the dynamic
/// range instead. What leaves the range is clipped, as on the scanner.
///
/// - Formula: `I ← clip(I + g, 0, 1)`, `g` uniform in `±strength`.
public struct GainStep: AugmentationStep {
    /// Largest change of the gray level, as a fraction of the full range.
    public var strength: Float

    public init(strength: Float) {
        self.strength = strength
    }

    public func apply(to pair: inout ImagePair, using stream: inout RandomStream) {
        let gain = stream.uniform(in: -1...1) * strength
        pair.mapCovered { value, _ in value + gain }
    }
}

/// How often a network with dropout is asked, each time with other values dropped, for one prediction and how sure it is.
///
/// Every pass drops by a stream of its own, named by seed, model and pass: one thinned network, the same for all images, so that a
/// prediction depends neither on other images nor on threads. Source: Gal and Ghahramani 2016.
public struct DropoutSampling: Hashable, Sendable {
    /// Passes, 2 at least.
    public var passes: Int
    /// Names what each pass drops.
    public var seed: UInt64

    /// The range of ``passes``.
    public static let range = 2...1000

    /// Traps if passes are out of range.
    public init(passes: Int, seed: UInt64 = 1) {
        precondition(Self.range.contains(passes), "passes must be 2 to 1000")
        (self.passes, self.seed) = (passes, seed)
    }
}

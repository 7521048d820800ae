public import SegCore

/// Gives the image the gray levels of another one, as if scanned with its settings.
///
/// - Formula: `I ← (1 − s) I + s · Q(P(I))`, `P` the share of the image's pixels that are at most as bright, `Q` the
///   gray at that share in the reference, linear between its levels; `s` uniform in `0...strength`.
/// - Edge cases: only covered pixels of both images count. Grays are distinguished in steps of 1/1020, a quarter of an
///   8-bit level.
///
/// - Breaks: echo pattern: a lesion keeps its place in the order of grays, not its contrast. Posterior features in the
///   same way.
/// - Source: Gonzalez and Woods, "Digital Image Processing", 3rd edition, §3.3.2; computed as in
///   `skimage.exposure.match_histograms`.
public struct HistogramMatchingStep: ReferenceStep, ConfigurableStep, ExplainedSettings {
    public static let name = "histogramMatching"

    public var probability: Float = 0
    /// Largest share of the matched image, `0...1`.
    public var strength: Float = 1

    public static let meanings: [String: SettingMeaning] = [
        "probability": "How often the step is applied to an image",
        "strength": "Largest share of the matched image",
    ]

    public init() {}

    public init(probability: Float, strength: Float = 1) {
        self.probability = probability
        self.strength = strength
    }

    public init(from decoder: any Decoder) throws {
        let table = try decoder.container(keyedBy: CodingKeys.self)
        try table.read(.probability, into: &probability)
        try table.read(.strength, into: &strength)
    }

    public func validate() throws {
        try require("probability", probability, in: 0...1)
        try require("strength", strength, in: 0...1)
    }

    public func change(_ pair: inout ImagePair, reference: ImagePair, using stream: inout RandomStream) {
        pair.matchHistogram(of: reference, share: stream.uniform() * strength)
    }
}

extension ImagePair {
    /// Blends with the image that has the reference's histogram.
    package mutating func matchHistogram(of reference: ImagePair, share: Float) {
        let own = GrayHistogram(self)
        let other = GrayHistogram(reference)
        guard share > 0, own.total > 0, other.total > 0 else { return }
        let table = own.matched(to: other)
        table.withUnsafeBufferPointer { table in
            mapCovered { value, _ in value + share * (table[GrayHistogram.level(value)] - value) }
        }
    }
}

/// How often each gray occurs among covered pixels.
private struct GrayHistogram {
    /// Steps from black to white: four for each of 8 bits, so that 8-bit levels are hit exactly.
    static let steps = 1020

    var counts = [Int32](repeating: 0, count: steps + 1)
    var total = 0

    init(_ pair: ImagePair) {
        counts.withUnsafeMutableBufferPointer { counts in
            pair.image.withUnsafeBufferPointer { image in
                pair.coverage.withUnsafeBufferPointer { coverage in
                    for index in image.indices { counts[Self.level(image[index])] += coverage[index] > 0 ? 1 : 0 }
                }
            }
        }
        total = counts.reduce(0) { $0 + Int($1) }
    }

    @inline(__always)
    static func level(_ value: Float) -> Int {
        Int(min(max(value, 0), 1) * Float(steps) + 0.5)
    }

    /// For every gray the one that has the same share of pixels below it in `other`.
    func matched(to other: GrayHistogram) -> [Float] {
        var levels: [Double] = []
        var shares: [Double] = []
        var sum = 0
        for (level, count) in other.counts.enumerated() where count > 0 {
            sum += Int(count)
            levels.append(Double(level) / Double(Self.steps))
            shares.append(Double(sum) / Double(other.total))
        }
        var table = [Float](repeating: 0, count: counts.count)
        var next = 0
        sum = 0
        for (level, count) in counts.enumerated() {
            sum += Int(count)
            let share = Double(sum) / Double(total)
            while next < shares.count - 1 && shares[next] < share { next += 1 }
            if next == 0 || shares[next] <= share {
                table[level] = Float(levels[next])
            } else {
                let fraction = (share - shares[next - 1]) / (shares[next] - shares[next - 1])
                table[level] = Float(levels[next - 1] + fraction * (levels[next] - levels[next - 1]))
            }
        }
        return table
    }
}

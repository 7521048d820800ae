import Foundation

/// A lesion as drawn by a reader and as a model may predict it: ellipses with wavy, noisy outlines, one mostly over the other.
struct LesionPair {
    static let size = 512
    let prediction: [UInt8]
    let reference: [UInt8]
    /// A score of malignancy and its truth, for the metrics of classification.
    let score: Double
    let label: Bool

    init(number: Int) {
        var random = Noise(seed: UInt64(number))
        let size = Double(Self.size)
        var outline = Outline(
            column: size * random.uniform(0.3, 0.7),
            row: size * random.uniform(0.3, 0.7),
            width: size * random.uniform(0.05, 0.2),
            height: size * random.uniform(0.04, 0.14),
            angle: random.uniform(-0.6, 0.6),
            waves: (2..<24).map { ($0, random.uniform(0, 0.3) / Double($0), random.uniform(0, 6.28)) }
        )
        reference = outline.mask
        outline.column += random.uniform(-12, 12)
        outline.row += random.uniform(-12, 12)
        outline.width *= random.uniform(0.85, 1.2)
        outline.height *= random.uniform(0.85, 1.2)
        outline.waves = (2..<24).map { ($0, random.uniform(0, 0.3) / Double($0), random.uniform(0, 6.28)) }
        prediction = outline.mask
        score = random.uniform(0, 1)
        label = random.uniform(0, 1) < 0.15 + 0.7 * score
    }
}

private struct Outline {
    var column: Double
    var row: Double
    var width: Double
    var height: Double
    var angle: Double
    var waves: [(frequency: Int, amplitude: Double, phase: Double)]

    var mask: [UInt8] {
        let size = LesionPair.size
        var pixels = [UInt8](repeating: 0, count: size * size)
        let reach = 2 * max(width, height)
        for y in max(0, Int(row - reach))..<min(size, Int(row + reach)) {
            for x in max(0, Int(column - reach))..<min(size, Int(column + reach)) {
                let (dx, dy) = (Double(x) - column, Double(y) - row)
                let along = (dx * cos(angle) + dy * sin(angle)) / width
                let across = (dy * cos(angle) - dx * sin(angle)) / height
                let squared = along * along + across * across
                if squared > 4 { continue }
                let direction = atan2(across, along)
                let radius = waves.reduce(1.0) { sum, wave in
                    sum + wave.amplitude * sin(Double(wave.frequency) * direction + wave.phase)
                }
                if squared <= radius * radius { pixels[y * size + x] = 1 }
            }
        }
        return pixels
    }
}

/// SplitMix64, so that the masks are the same everywhere.
struct Noise {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x2545_F491_4F6C_DD1D &+ 99 }

    mutating func uniform(_ low: Double, _ high: Double) -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return low + (high - low) * Double((mixed ^ (mixed >> 31)) >> 11) / 9_007_199_254_740_992
    }
}

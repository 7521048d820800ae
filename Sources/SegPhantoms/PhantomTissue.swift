import Foundation
import SegCore

/// What the sound meets: echo and attenuation of every pixel of an image.
///
/// Skin, subcutaneous fat with septa and Cooper's ligaments, glandular tissue, retromammary fat, the pectoral muscle
/// with its fascia, and the chest wall, divided by curved boundaries.
struct PhantomTissue {
    let width: Int
    let height: Int
    /// The side of a pixel, mm.
    let pixel: Float
    /// Echo against glandular tissue, dB. Shape: `height * width`, row-major.
    var echo: [Float]
    /// Attenuation against what the time-gain compensation expects, dB/(cm MHz). Shape as ``echo``.
    var attenuation: [Float]

    /// Depths of the layers' lower boundaries on average, mm.
    struct Layers {
        var skin: Float
        var fat: Float
        var gland: Float
        var retromammaryFat: Float
        var muscle: Float

        init(depth: Float, patients: SyntheticCenter.Patients, using stream: inout RandomStream) {
            skin = stream.uniform(in: 1.2...2.2)
            let breast = depth * stream.uniform(in: 0.58...0.92) - skin
            let share = stream.uniform(in: patients.glandularShare)
            fat = skin + breast * (1 - share) * 0.75
            gland = fat + breast * share
            retromammaryFat = skin + breast
            muscle = retromammaryFat + stream.uniform(in: 5...10)
        }
    }

    init(width: Int, height: Int, pixel: Float, layers: Layers, using stream: inout RandomStream) {
        self.width = width
        self.height = height
        self.pixel = pixel
        echo = [Float](repeating: 0, count: width * height)
        attenuation = echo
        let boundaries = Boundaries(layers, width: width, pixel: pixel, using: &stream)
        func noise(_ cellWidth: Float, _ cellHeight: Float) -> [Float] {
            SmoothNoise.field(
                width: width,
                height: height,
                cellWidth: cellWidth / pixel,
                cellHeight: cellHeight / pixel,
                using: &stream
            )
        }
        let grain = noise(1.3, 0.9)
        let septa = noise(7, 2.4)
        let lobules = noise(5, 2.4)
        let fibers = noise(4.5, 1.2)
        let striae = noise(14, 0.8)
        /// Brightness of a thin sheet along a field's zero crossings: specular, so bright where it faces the beam.
        func sheet(_ field: [Float], _ x: Int, _ y: Int, _ thickness: Float) -> Float {
            let index = y * width + x
            let right = field[min(x + 1, width - 1) + y * width] - field[max(x - 1, 0) + y * width]
            let down = field[x + min(y + 1, height - 1) * width] - field[x + max(y - 1, 0) * width]
            let slope = right * right + down * down + 1e-8
            // The field over its slope is the distance from the zero crossing.
            let distance = field[index] / slope.squareRoot() * 2 * pixel
            let facing = down * down / slope
            return Self.line(distance, thickness) * (0.15 + 0.85 * facing * facing)
        }
        for y in 0..<height {
            let depth = (Float(y) + 0.5) * pixel
            for x in 0..<width {
                let index = y * width + x
                // Each layer fades into the next over a third of a millimeter.
                func beyond(_ boundary: Float) -> Float { min(max(0.5 + (depth - boundary) / 0.35, 0), 1) }
                let fat = beyond(boundaries.skin[x])
                let gland = beyond(boundaries.fat[x])
                let retromammary = beyond(boundaries.gland[x])
                let muscle = beyond(boundaries.retromammaryFat[x])
                let chestWall = beyond(boundaries.muscle[x])

                var level: Float = 5
                var excess: Float = 0.1
                func enter(_ amount: Float, _ layerLevel: Float, _ layerExcess: Float) {
                    level += amount * (layerLevel - level)
                    excess += amount * (layerExcess - excess)
                }
                // Evaluated only where a layer is present: the exponentials would dominate the cost.
                if fat > 0 && (gland < 1 || (retromammary > 0 && muscle < 1)) {
                    enter(fat, -8 + 12 * sheet(septa, x, y, 0.14) + 2.5 * lobules[index], -0.08)
                }
                if gland > 0 && retromammary < 1 {
                    let lobule = min(max((lobules[index] - 0.25) * 6, 0), 1)
                    let tissue = 4.5 * fibers[index] + 8 * sheet(fibers, x, y, 0.15) - 1.5
                    enter(gland, tissue - 8 * lobule, 0.04)
                }
                if retromammary > 0 && muscle < 1 {
                    enter(retromammary, -8 + 10 * sheet(septa, x, y, 0.14), -0.08)
                }
                if muscle > 0 && chestWall < 1 {
                    enter(muscle, -12 + 4 * striae[index] + 9 * sheet(striae, x, y, 0.16), 0.08)
                }
                if chestWall > 0 { enter(chestWall, -20 + 4 * striae[index], 0.2) }

                level += 2.2 * grain[index]
                // An interface reflects unevenly along its length.
                let patchy = 0.65 + 0.5 * lobules[index]
                level += 7 * Self.line(depth - boundaries.skin[x], 0.22)
                level += 9 * patchy * Self.line(depth - boundaries.fat[x], 0.2)
                level += 14 * patchy * Self.line(depth - boundaries.retromammaryFat[x], 0.25)
                level += 20 * patchy * Self.line(depth - boundaries.muscle[x], 0.35)
                level += 9 * Self.line(depth - 0.15, 0.25)
                echo[index] = level
                attenuation[index] = excess
            }
        }
    }

    /// 1 at 0 and smoothly to 0 within three widths; cheaper than a Gaussian.
    private static func line(_ distance: Float, _ width: Float) -> Float {
        let scaled = distance / (3 * width)
        let rest = max(0, 1 - scaled * scaled)
        return rest * rest * rest * rest
    }

    private struct Boundaries {
        let skin: [Float]
        let fat: [Float]
        let gland: [Float]
        let retromammaryFat: [Float]
        let muscle: [Float]

        init(_ layers: Layers, width: Int, pixel: Float, using stream: inout RandomStream) {
            func boundary(_ depth: Float, broad: Float, fine: Float) -> [Float] {
                let slope = stream.normal() * broad
                let slow = SmoothNoise.curve(width: width, cell: 14 / pixel, using: &stream)
                let fast = SmoothNoise.curve(width: width, cell: 4 / pixel, using: &stream)
                return (0..<width).map { x in
                    depth + broad * slow[x] + fine * fast[x] + slope * (Float(x) / Float(width) * 2 - 1)
                }
            }
            skin = boundary(layers.skin, broad: 0.15, fine: 0.05)
            fat = boundary(layers.fat, broad: 1.8, fine: 0.9)
            gland = boundary(layers.gland, broad: 1.6, fine: 0.6)
            retromammaryFat = boundary(layers.retromammaryFat, broad: 1.8, fine: 0.2)
            muscle = boundary(layers.muscle, broad: 1.8, fine: 0.2)
        }
    }
}

import Foundation
import SegBIRADS
import SegTensor

/// A picture of one channel, drawn from a formula.
struct Picture {
    let height: Int
    let width: Int
    var values: [Float]

    init(height: Int, width: Int, _ value: (_ x: Double, _ y: Double) -> Double) {
        self.height = height
        self.width = width
        values = (0..<height * width).map { Float(value(Double($0 % width), Double($0 / width))) }
    }

    var tensor: Tensor { Tensor(values, shape: [1, 1, height, width]) }
}

/// Shapes with a soft edge: a sigmoid of the signed distance over `softness` px; hard at 0.
enum Shapes {
    static func edge(_ distance: Double, _ softness: Double) -> Double {
        softness == 0 ? (distance < 0 ? 1 : 0) : 1 / (1 + exp(distance / softness))
    }

    /// An ellipse with semi-axes `a` along `angle` and `b` across.
    static func ellipse(
        a: Double,
        b: Double,
        angle: Double = 0,
        softness: Double = 0,
        offset: (x: Double, y: Double) = (0.3, 0.1),
        height: Int? = nil,
        width: Int? = nil
    ) -> Picture {
        let side = Int(2 * max(a, b)) + 24
        let (height, width) = (height ?? side, width ?? side)
        return Picture(height: height, width: width) { x, y in
            let (dx, dy) = (x - Double(width) / 2 - offset.x, y - Double(height) / 2 - offset.y)
            let u = dx * cos(angle) + dy * sin(angle)
            let v = -dx * sin(angle) + dy * cos(angle)
            let radius = (u * u / (a * a) + v * v / (b * b)).squareRoot()
            let slope = (u * u / (a * a * a * a) + v * v / (b * b * b * b)).squareRoot()
            // The distance to an ellipse, to first order.
            return edge(slope > 0 ? (radius - 1) * radius / slope : -min(a, b), softness)
        }
    }

    /// A star with a contour `radius · (1 + depth · cos(points · angle))`.
    static func star(radius: Double, depth: Double, points: Double, softness: Double = 0, side: Int? = nil) -> Picture {
        let side = side ?? Int(2 * radius * (1 + depth)) + 24
        return Picture(height: side, width: side) { x, y in
            let (dx, dy) = (x - Double(side) / 2 - 0.2, y - Double(side) / 2 + 0.1)
            let contour = radius * (1 + depth * cos(points * atan2(dy, dx)))
            return edge((dx * dx + dy * dy).squareRoot() - contour, softness)
        }
    }
}

/// A lesion in an image, or in none that matters.
func lesion(_ mask: Picture, in image: Picture? = nil, coverage: Picture? = nil) -> SoftLesion {
    SoftLesion(
        probability: mask.tensor,
        intensities: image?.tensor ?? Tensor(repeating: 0.5, shape: [1, 1, mask.height, mask.width]),
        coverage: coverage?.tensor
    )
}

func value(_ feature: any BIRADSFeature, _ lesion: SoftLesion) -> Double {
    Double(feature.values(of: lesion).item)
}

/// The length of an ellipse by a thousand chords.
func ellipsePerimeter(_ a: Double, _ b: Double) -> Double {
    let count = 2_000
    return (0..<count).reduce(0) { total, index in
        let (s, t) = (2 * Double.pi * Double(index) / Double(count), 2 * Double.pi * Double(index + 1) / Double(count))
        return total + hypot(a * (cos(t) - cos(s)), b * (sin(t) - sin(s)))
    }
}

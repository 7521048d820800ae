import Foundation
public import SegCore

/// A random rotation, scaling, shear and shift about the center, by one bilinear resampling of all planes together.
///
/// - Formula: `p' = c + t + R(angle) · Shear · s · (p − c)`, angle, shear and shift uniform, `ln s` uniform.
/// - Edge cases: a pixel that comes from outside of the image, or mostly from padding, is padding: 0. At the border of
///   the padding only covered pixels are averaged, so that no dark rim appears.
public struct AffineStep: AugmentationStep {
    /// Largest rotation either way, degrees.
    public var rotation: Float
    /// Largest scaling: `0.1` gives a factor of `1/1.1 ... 1.1`.
    public var scaling: Float
    /// Largest shear of columns against rows either way, degrees.
    public var shear: Float
    /// Largest shift either way, as a fraction of width and height.
    public var translation: Float

    public init(rotation: Float = 0, scaling: Float = 0, shear: Float = 0, translation: Float = 0) {
        self.rotation = rotation
        self.scaling = scaling
        self.shear = shear
        self.translation = translation
    }

    public func apply(to pair: inout ImagePair, using stream: inout RandomStream) {
        let angle = stream.uniform(in: -1...1) * rotation * .pi / 180
        let scale = exp(stream.uniform(in: -1...1) * log1p(scaling))
        let slope = tan(stream.uniform(in: -1...1) * shear * .pi / 180)
        let shiftX = stream.uniform(in: -1...1) * translation * Float(pair.width)
        let shiftY = stream.uniform(in: -1...1) * translation * Float(pair.height)
        let (sine, cosine) = (sin(angle), cos(angle))
        let transform = AffineTransform2D(
            xx: scale * cosine,
            xy: scale * (cosine * slope - sine),
            yx: scale * sine,
            yy: scale * (sine * slope + cosine),
            shiftX: shiftX,
            shiftY: shiftY
        )
        pair.resample(by: transform)
    }
}

/// A linear map and a shift about the center of an image, px.
package struct AffineTransform2D: Hashable, Sendable {
    package var xx: Float
    package var xy: Float
    package var yx: Float
    package var yy: Float
    package var shiftX: Float
    package var shiftY: Float

    package init(xx: Float = 1, xy: Float = 0, yx: Float = 0, yy: Float = 1, shiftX: Float = 0, shiftY: Float = 0) {
        self.xx = xx
        self.xy = xy
        self.yx = yx
        self.yy = yy
        self.shiftX = shiftX
        self.shiftY = shiftY
    }
}

extension ImagePair {
    /// Moves all planes by `transform`; the mask is thresholded at one half again.
    package mutating func resample(by transform: AffineTransform2D) {
        let determinant = transform.xx * transform.yy - transform.xy * transform.yx
        precondition(determinant != 0, "an affine map that cannot be inverted")
        let (xx, xy) = (transform.yy / determinant, -transform.xy / determinant)
        let (yx, yy) = (-transform.yx / determinant, transform.xx / determinant)
        let centerX = Float(width - 1) / 2
        let centerY = Float(height - 1) / 2
        PairResampler(self).resample(into: &self) { [width] row, fromX, fromY in
            let y = Float(row) - centerY - transform.shiftY
            for column in 0..<width {
                let x = Float(column) - centerX - transform.shiftX
                fromX[column] = xx * x + xy * y + centerX
                fromY[column] = yx * x + yy * y + centerY
            }
        }
    }
}

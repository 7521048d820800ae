import Foundation

/// A lesion's outline about its center, tabulated over the angle.
struct LesionOutline {
    /// Distance of the outline, mm, at `count` angles from −π on.
    private let radii: [Float]
    /// The same without spicules, which are drawn as bright or dark rays.
    private let body: [Float]
    /// The largest distance, mm.
    let reach: Float

    private static let count = 1440

    init(_ lesion: PhantomLesion) {
        let width = lesion.radius / lesion.aspect.squareRoot()
        let depth = lesion.radius * lesion.aspect.squareRoot()
        var radii: [Float] = []
        var body: [Float] = []
        for index in 0..<Self.count {
            let angle = (Float(index) / Float(Self.count) * 2 - 1) * .pi
            let along = cos(angle - lesion.tilt) / width
            let across = sin(angle - lesion.tilt) / depth
            let ellipse = 1 / (along * along + across * across).squareRoot()
            var factor: Float = 1
            for wave in lesion.waves { factor += wave.amplitude * cos(wave.order * angle + wave.phase) }
            factor = max(factor, 0.4)
            body.append(ellipse * factor)
            for spicule in lesion.spicules {
                // The remainder lies in ±π, so that a spicule may cross the angle's seam.
                let distance = abs(remainder(angle - spicule.angle, 2 * .pi)) / spicule.width
                factor += spicule.length * max(0, 1 - distance)
            }
            radii.append(ellipse * factor)
        }
        self.radii = radii
        self.body = body
        reach = radii.max() ?? 0
    }

    /// Distance inside the outline along the ray from the center, mm; negative outside.
    func inside(x: Float, y: Float) -> (outline: Float, body: Float) {
        let position = (atan2(y, x) / .pi + 1) / 2 * Float(Self.count)
        let index = min(max(Int(position), 0), Self.count - 1)
        let fraction = position - Float(index)
        let next = (index + 1) % Self.count
        let distance = (x * x + y * y).squareRoot()
        return (
            radii[index] + fraction * (radii[next] - radii[index]) - distance,
            body[index] + fraction * (body[next] - body[index]) - distance
        )
    }
}

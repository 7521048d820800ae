import Foundation
import SegCore

extension PhantomGenerator {
    /// Scans the tissue: attenuation along the path, speckle, compounding, gain, log compression and the gray map.
    func scan(_ tissue: PhantomTissue, _ placed: PlacedLesion?, using stream: inout RandomStream) -> GrayImage {
        let scanner = center.scanner
        let (width, height, pixel) = (tissue.width, tissue.height, tissue.pixel)
        let wavelength = 1.54 / scanner.frequency
        let toSigma = 1 / (2 * (2 * log(Float(2))).squareRoot()) / pixel
        let depths = (0..<height).map { (Float($0) + 0.5) * pixel }
        let scan = UltrasoundScan(
            width: width,
            height: height,
            axialSigma: scanner.pulseWavelengths * wavelength * toSigma,
            // Dynamic focusing keeps the aperture's ratio down to the focus; below, the aperture is all there is.
            lateralSigmas: depths.map { wavelength * scanner.focalRatio * max(1, $0 / scanner.focus) * toSigma },
            // The compensation raises the noise with depth as it raises the echoes.
            noise: depths.map { decibels(scanner.noise + Self.expectedAttenuation * 0.2 * scanner.frequency * $0) }
        )

        let path = pathAttenuation(tissue, placed, using: &stream)
        var amplitude = tissue.echo
        for index in amplitude.indices { amplitude[index] = decibels(amplitude[index] - path[index]) }
        var envelope = [Float](repeating: 0, count: amplitude.count)
        for _ in 0..<max(1, scanner.looks) {
            let look = scan.envelope(of: amplitude, using: &stream)
            for index in envelope.indices { envelope[index] += look[index] }
        }
        envelope = smoothLaterally(envelope, width: width, radius: scanner.smoothing)

        let gain = stream.uniform(in: scanner.gain) - 20 * log10(Float(max(1, scanner.looks)))
        let error = stream.uniform(in: scanner.compensationError)
        let bend = stream.normal() * 1.5
        var image = GrayImage(width: width, height: height, bitDepth: 8)
        for row in 0..<height {
            let relative = Float(row) / Float(height)
            let compensation = gain + error * relative + bend * sin(2 * .pi * relative)
            for index in (row * width)..<((row + 1) * width) {
                let level = 20 * log10(max(envelope[index], 1e-6)) + compensation
                let gray = min(max(Self.glandularGray + level / scanner.dynamicRange, 0), 1)
                image.pixels[index] = (pow(gray, scanner.gamma) * 255).rounded() / 255
            }
        }
        return image
    }

    /// Gray level of glandular tissue before the gain and the gray map.
    private static var glandularGray: Float { 0.5 }

    /// What the time-gain compensation takes for granted, one way, dB/(cm MHz).
    private static var expectedAttenuation: Float { 0.5 }

    /// Attenuation beyond the expected one on the way to every pixel and back, dB, with the shadows of a lesion's
    /// edges and those that ligaments and poor contact cast anywhere. A beam is as wide as its aperture, so a shadow's
    /// border is soft.
    private func pathAttenuation(
        _ tissue: PhantomTissue,
        _ placed: PlacedLesion?,
        using stream: inout RandomStream
    ) -> [Float] {
        let (width, height, pixel) = (tissue.width, tissue.height, tissue.pixel)
        // Two ways, and mm to cm.
        let step = 0.2 * center.scanner.frequency * pixel
        let uneven = SmoothNoise.curve(width: width, cell: 5 / pixel, using: &stream)
        let cast = SmoothNoise.field(
            width: width,
            height: height,
            cellWidth: 3 / pixel,
            cellHeight: 7 / pixel,
            using: &stream
        )
        var path = [Float](repeating: 0, count: width * height)
        for column in 0..<width { path[column] = 3 * uneven[column] }
        for row in 1..<height {
            for column in 0..<width {
                let above = (row - 1) * width + column
                path[above + width] = path[above] + step * (tissue.attenuation[above] + 0.7 * max(0, cast[above] - 0.5))
            }
        }
        if let placed, placed.lesion.edgeShadow > 0 {
            let (lesion, x, y) = (placed.lesion, placed.x, placed.y)
            let halfWidth = lesion.radius / lesion.aspect.squareRoot()
            for edge in [x - halfWidth * 0.95, x + halfWidth * 0.95] {
                for row in 0..<height {
                    let below = (Float(row) + 0.5) * pixel - y
                    guard below > 0 else { continue }
                    // It fades as sound from beside fills it.
                    let depth = lesion.edgeShadow * min(1, below / 2) * exp(-below / 18)
                    let reach = Int(1.2 / pixel)
                    let center = Int(edge / pixel)
                    for column in max(0, center - reach)..<max(0, min(width, center + reach + 1)) where column < width {
                        let distance = ((Float(column) + 0.5) * pixel - edge) / 0.5
                        path[row * width + column] += depth * exp(-distance * distance)
                    }
                }
            }
        }
        return smoothLaterally(path, width: width, radius: max(1, Int(0.5 / pixel)))
    }

    /// Two running means: a triangle.
    private func smoothLaterally(_ plane: [Float], width: Int, radius: Int) -> [Float] {
        var plane = plane
        var row = [Float](repeating: 0, count: width)
        for _ in 0..<2 {
            for start in stride(from: 0, to: plane.count, by: width) {
                var sum: Float = 0
                for offset in -radius...radius { sum += plane[start + min(max(offset, 0), width - 1)] }
                for column in 0..<width {
                    row[column] = sum / Float(2 * radius + 1)
                    sum += plane[start + min(column + radius + 1, width - 1)]
                    sum -= plane[start + max(column - radius, 0)]
                }
                for column in 0..<width { plane[start + column] = row[column] }
            }
        }
        return plane
    }
}

/// The amplitude of a level in dB.
private func decibels(_ level: Float) -> Float {
    exp(level * 0.115_129_25)
}

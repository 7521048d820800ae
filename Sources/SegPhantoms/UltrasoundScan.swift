import Foundation
package import SegCore

/// The scanner: from echo and attenuation of every pixel to the envelope of the received signal.
///
/// The tissue is a field of random scatterers. The scanner sees it through a separable point-spread function, and the
/// interference of many scatterers in each resolution cell is the speckle. The field is kept demodulated (complex, at
/// the carrier): for scatterers of random phase that is the modulated pulse's analytic signal, at a grid as coarse as
/// the image's.
///
/// - Formula: `envelope = |h_axial ∗ (h_lateral(z) ∗ (s · a) + n(z))|`, `s` circular complex white noise, `a` the
///   amplitude of echo less attenuation, `n` the electronic noise raised by the time-gain compensation. Both Gaussian
///   pulses have unit energy, so the mean square of the envelope is that of the amplitude.
/// - Source: Wagner, Smith, Sandrik and Lopez, "Statistics of speckle in ultrasound B-scans", 1983.
package struct UltrasoundScan {
    /// Columns, px.
    package var width: Int
    /// Rows, px.
    package var height: Int
    /// Standard deviation of the axial pulse, px.
    package var axialSigma: Float
    /// Standard deviation of the beam in every row, px.
    package var lateralSigmas: [Float]
    /// Amplitude of the electronic noise in every row, after the gain.
    package var noise: [Float]

    package init(width: Int, height: Int, axialSigma: Float, lateralSigmas: [Float], noise: [Float]) {
        precondition(lateralSigmas.count == height && noise.count == height, "one value a row")
        self.width = width
        self.height = height
        self.axialSigma = axialSigma
        self.lateralSigmas = lateralSigmas
        self.noise = noise
    }

    /// The envelope of one transmission.
    ///
    /// - Shape: `amplitude` and the result have `height * width` values, row-major.
    package func envelope(of amplitude: [Float], using stream: inout RandomStream) -> [Float] {
        precondition(amplitude.count == width * height, "one amplitude a pixel")
        let kernels = lateralSigmas.map(Self.kernel)
        let margin = (kernels.map(\.count).max() ?? 1) / 2
        var real = [Float](repeating: 0, count: width * height)
        var imaginary = real
        var rowReal = [Float](repeating: 0, count: width + 2 * margin)
        var rowImaginary = rowReal
        for row in 0..<height {
            // Scatterers continue beyond the sides, or the borders would be dark.
            for position in rowReal.indices {
                let column = min(max(position - margin, 0), width - 1)
                let (first, second) = Self.scatterer(&stream)
                rowReal[position] = first * amplitude[row * width + column]
                rowImaginary[position] = second * amplitude[row * width + column]
            }
            Self.convolve(rowReal, kernels[row], margin: margin, into: &real, row: row, width: width)
            Self.convolve(rowImaginary, kernels[row], margin: margin, into: &imaginary, row: row, width: width)
            for index in (row * width)..<((row + 1) * width) {
                let (first, second) = Self.scatterer(&stream)
                real[index] += noise[row] * first
                imaginary[index] += noise[row] * second
            }
        }
        real = blurAxially(real)
        imaginary = blurAxially(imaginary)
        for index in real.indices {
            real[index] = (real[index] * real[index] + imaginary[index] * imaginary[index]).squareRoot()
        }
        return real
    }

    private func blurAxially(_ plane: [Float]) -> [Float] {
        let kernel = Self.kernel(axialSigma)
        return [Float](unsafeUninitializedCapacity: plane.count) { blurred, count in
            guard let output = blurred.baseAddress else { return }
            plane.withUnsafeBufferPointer { plane in
                guard let input = plane.baseAddress else { return }
                for row in 0..<height {
                    let taps = kernel.indices.map { tap in
                        // Mirrored at top and bottom.
                        var source = row + tap - kernel.count / 2
                        if source < 0 { source = -source - 1 }
                        if source >= height { source = 2 * height - 1 - source }
                        return (input + min(max(source, 0), height - 1) * width, kernel[tap])
                    }
                    Self.weightedSum(taps, into: output + row * width, count: width)
                }
            }
            count = plane.count
        }
    }

    /// Real and imaginary part of a scatterer with mean square 1. Uniform parts do: the sum over a resolution cell is
    /// Gaussian whatever they are.
    private static func scatterer(_ stream: inout RandomStream) -> (Float, Float) {
        let bits = stream.next()
        let scale: Float = 1.224_744_9 * 0x1p-31  // √1.5 makes the variance of each part ½.
        return (Float(Int32(truncatingIfNeeded: bits)) * scale, Float(Int32(truncatingIfNeeded: bits >> 32)) * scale)
    }

    /// A Gaussian of unit energy, to three standard deviations.
    private static func kernel(_ sigma: Float) -> [Float] {
        let radius = max(1, Int((3 * sigma).rounded(.up)))
        let values = (-radius...radius).map { exp(-Float($0 * $0) / (2 * sigma * sigma)) }
        let energy = values.reduce(0) { $0 + $1 * $1 }
        return values.map { $0 / energy.squareRoot() }
    }

    /// A row of `plane` from `line`, which goes on for `margin` values beyond both of its ends.
    private static func convolve(
        _ line: [Float],
        _ kernel: [Float],
        margin: Int,
        into plane: inout [Float],
        row: Int,
        width: Int
    ) {
        line.withUnsafeBufferPointer { line in
            plane.withUnsafeMutableBufferPointer { plane in
                guard let input = line.baseAddress, let output = plane.baseAddress else { return }
                let start = input + margin - kernel.count / 2
                let taps = kernel.enumerated().map { (start + $0, $1) }
                weightedSum(taps, into: output + row * width, count: width)
            }
        }
    }

    /// `output[i] = Σ weight · input[i]` for `i < count`, added up in the taps' order.
    ///
    /// Sixteen sums stay in registers while the taps go by; one pass over memory in place of one for each tap.
    private static func weightedSum(
        _ taps: [(input: UnsafePointer<Float>, weight: Float)],
        into output: UnsafeMutablePointer<Float>,
        count: Int
    ) {
        let wide = count / 16 * 16
        for start in stride(from: 0, to: wide, by: 16) {
            var sum = SIMD16<Float>()
            for (input, weight) in taps {
                sum += weight * UnsafeRawPointer(input + start).loadUnaligned(as: SIMD16<Float>.self)
            }
            UnsafeMutableRawPointer(output + start).storeBytes(of: sum, as: SIMD16<Float>.self)
        }
        for index in wide..<count { output[index] = taps.reduce(0) { $0 + $1.weight * $1.input[index] } }
    }
}

/// The discrete Fourier transform of real planes of any size, and back.
///
/// Two rows share one complex transform, one as its real and one as its imaginary part; only half of the frequencies
/// along rows are kept, as the others are their conjugates.
package struct RealFourierTransform2D: Sendable {
    /// Columns of the plane, px.
    package let width: Int
    /// Rows of the plane, px.
    package let height: Int
    private let alongRows: FourierPlan
    private let alongColumns: FourierPlan

    /// Frequencies `0 ... height − 1` down and `0 ... width / 2` across, row-major, as `numpy.fft.rfft2` has them.
    package struct Spectrum: Sendable {
        package var real: [Float]
        package var imaginary: [Float]
    }

    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
        alongRows = FourierPlan(length: width)
        alongColumns = width == height ? alongRows : FourierPlan(length: height)
    }

    /// Frequencies along rows that are kept.
    package var frequencies: Int { width / 2 + 1 }

    /// Row `r` shares a transform with row `r + pairs`.
    private var pairs: Int { (height + 1) / 2 }

    /// The spectrum of a plane, not scaled.
    package func forward(_ plane: [Float]) -> Spectrum {
        precondition(plane.count == width * height, "a plane of another size")
        let (pairs, frequencies) = (pairs, frequencies)
        // Transposed, so that the transform runs along columns and its loops along memory.
        var real = [Float](repeating: 0, count: width * pairs)
        var imaginary = real
        plane.withUnsafeBufferPointer { plane in
            for row in 0..<pairs {
                for column in 0..<width { real[column * pairs + row] = plane[row * width + column] }
            }
            for row in pairs..<height {
                for column in 0..<width { imaginary[column * pairs + row - pairs] = plane[row * width + column] }
            }
        }
        alongRows.transform(&real, &imaginary, columns: pairs)
        var spectrum = Spectrum(
            real: [Float](repeating: 0, count: height * frequencies),
            imaginary: [Float](repeating: 0, count: height * frequencies)
        )
        real.withUnsafeBufferPointer { real in
            imaginary.withUnsafeBufferPointer { imaginary in
                spectrum.real.withUnsafeMutableBufferPointer { re in
                    spectrum.imaginary.withUnsafeMutableBufferPointer { im in
                        for frequency in 0..<frequencies {
                            let (here, there) = (frequency * pairs, (width - frequency) % width * pairs)
                            for row in 0..<pairs {
                                let index = row * frequencies + frequency
                                re[index] = (real[here + row] + real[there + row]) / 2
                                im[index] = (imaginary[here + row] - imaginary[there + row]) / 2
                            }
                            for row in 0..<(height - pairs) {
                                let index = (row + pairs) * frequencies + frequency
                                re[index] = (imaginary[here + row] + imaginary[there + row]) / 2
                                im[index] = (real[there + row] - real[here + row]) / 2
                            }
                        }
                    }
                }
            }
        }
        alongColumns.transform(&spectrum.real, &spectrum.imaginary, columns: frequencies)
        return spectrum
    }

    /// The plane of a spectrum that is that of a real plane.
    package func inverse(_ spectrum: Spectrum) -> [Float] {
        let (pairs, frequencies) = (pairs, frequencies)
        precondition(spectrum.real.count == height * frequencies, "a spectrum of another size")
        var spectrum = spectrum
        // Exchanging the parts turns the transform around.
        alongColumns.transform(&spectrum.imaginary, &spectrum.real, columns: frequencies)
        var real = [Float](repeating: 0, count: width * pairs)
        var imaginary = real
        spectrum.real.withUnsafeBufferPointer { re in
            spectrum.imaginary.withUnsafeBufferPointer { im in
                real.withUnsafeMutableBufferPointer { real in
                    imaginary.withUnsafeMutableBufferPointer { imaginary in
                        for column in 0..<width {
                            // The other half are the conjugates.
                            let isKept = column < frequencies
                            let frequency = isKept ? column : width - column
                            let sign: Float = isKept ? 1 : -1
                            let start = column * pairs
                            for row in 0..<pairs {
                                real[start + row] = re[row * frequencies + frequency]
                                imaginary[start + row] = sign * im[row * frequencies + frequency]
                            }
                            for row in 0..<(height - pairs) {
                                let index = (row + pairs) * frequencies + frequency
                                real[start + row] -= sign * im[index]
                                imaginary[start + row] += re[index]
                            }
                        }
                    }
                }
            }
        }
        alongRows.transform(&imaginary, &real, columns: pairs)
        let scale = 1 / Float(width * height)
        return [Float](unsafeUninitializedCapacity: width * height) { plane, count in
            for (part, rows) in [(real, 0..<pairs), (imaginary, pairs..<height)] {
                part.withUnsafeBufferPointer { part in
                    for row in rows {
                        let first = row - rows.lowerBound
                        for column in 0..<width {
                            plane[row * width + column] = part[column * pairs + first] * scale
                        }
                    }
                }
            }
            count = width * height
        }
    }
}

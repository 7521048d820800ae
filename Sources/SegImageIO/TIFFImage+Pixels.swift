/// The samples of a TIFF's pixel as numbers: colors through the palette, alpha as a fraction.
struct TIFFPixel {
    var red: Double
    var green: Double
    var blue: Double
    var alpha: Double
    /// The first sample.
    var stored: Double
    var isColored: Bool
}

extension TIFFImage {
    /// Applies `transform` to each pixel.
    func map<Value>(_ transform: (TIFFPixel) -> Value) -> [Value] {
        switch samples {
        case .unsigned8(let values): mapBytes(values, transform)
        case .unsigned16(let values): mapWords(values, transform)
        case .unsigned32(let values): map(values, Double.init, transform)
        case .signed8(let values): map(values, Double.init, transform)
        case .signed16(let values): map(values, Double.init, transform)
        case .signed32(let values): map(values, Double.init, transform)
        case .float32(let values): map(values, Double.init, transform)
        case .float64(let values): map(values, { $0 }, transform)
        }
    }

    private func mapBytes<Value>(_ samples: [UInt8], _ transform: (TIFFPixel) -> Value) -> [Value] {
        guard channels == .gray else { return map(samples, Double.init, transform) }
        // One value for each level instead of for each pixel.
        let values = (0..<(1 << bitDepth)).map { transform(level($0)) }
        return samples.map { values[Int($0)] }
    }

    private func mapWords<Value>(_ samples: [UInt16], _ transform: (TIFFPixel) -> Value) -> [Value] {
        guard palette != nil else { return map(samples, Double.init, transform) }
        return samples.map { transform(level(Int($0))) }
    }

    /// The pixel of a gray level or a palette index.
    private func level(_ index: Int) -> TIFFPixel {
        let gray = Double(index)
        guard let palette else {
            return TIFFPixel(red: gray, green: gray, blue: gray, alpha: 1, stored: gray, isColored: false)
        }
        return TIFFPixel(
            red: Double(palette.red[index]),
            green: Double(palette.green[index]),
            blue: Double(palette.blue[index]),
            alpha: 1,
            stored: gray,
            isColored: true
        )
    }

    @inline(__always)
    private func map<Sample, Value>(
        _ samples: [Sample],
        _ number: (Sample) -> Double,
        _ transform: (TIFFPixel) -> Value
    ) -> [Value] {
        let count = channels.count
        let isColored = count >= 3
        let opaque = fullRange.upperBound
        let hasAlpha = channels.hasAlpha
        return samples.withUnsafeBufferPointer { samples in
            [Value](unsafeUninitializedCapacity: width * height) { values, initializedCount in
                for pixel in 0..<(width * height) {
                    let start = pixel * count
                    let first = number(samples[start])
                    let value = transform(
                        TIFFPixel(
                            red: first,
                            green: isColored ? number(samples[start + 1]) : first,
                            blue: isColored ? number(samples[start + 2]) : first,
                            alpha: hasAlpha ? number(samples[start + count - 1]) / opaque : 1,
                            stored: first,
                            isColored: isColored
                        )
                    )
                    values.initializeElement(at: pixel, to: value)
                }
                initializedCount = width * height
            }
        }
    }

    /// What black and white are.
    var fullRange: ClosedRange<Double> {
        if palette != nil { return 0...65535 }
        return switch samples {
        case .unsigned8, .unsigned16, .unsigned32: 0...Double(1 << bitDepth - 1)
        case .signed8: Double(Int8.min)...Double(Int8.max)
        case .signed16: Double(Int16.min)...Double(Int16.max)
        case .signed32: Double(Int32.min)...Double(Int32.max)
        case .float32, .float64: 0...1
        }
    }
}

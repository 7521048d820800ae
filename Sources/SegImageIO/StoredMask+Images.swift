public import SegCore

extension StoredMask {
    /// The content of a PNG.
    public init(_ image: PNGImage) {
        let count = image.channels.count
        let isColored = count >= 3
        let alpha = image.channels.hasAlpha ? count - 1 : nil
        if let stored = image.stored {
            let palette = stored.palette
            let isDark = palette.map { $0[3] == 0 || $0[..<3].allSatisfy { $0 == 0 } }
            // Where index 0 is a color, as in some bilevel images, black is nothing.
            let isNothing: (Int) -> Bool = isDark.first == false ? { $0 < isDark.count && isDark[$0] } : { $0 == 0 }
            self.init(
                width: image.width,
                height: image.height,
                kind: palette.isEmpty ? "gray levels" : "palette indices",
                keys: stored.values.lazy.map(UInt64.init)
            ) { Value(name: "\($0)", number: Int($0), isNothing: isNothing(Int($0)), count: $1) }
            return
        }
        let keys = (0..<(image.width * image.height)).lazy.map { pixel in
            (0..<count).reduce(UInt64(0)) { $0 << 16 | UInt64(image.samples[pixel * count + $1]) }
        }
        self.init(
            width: image.width,
            height: image.height,
            kind: isColored ? "colors" : "gray levels of \(image.bitDepth) bits",
            keys: keys
        ) { key, number in
            let samples = (0..<count).map { Int(key >> UInt64(16 * (count - 1 - $0)) & 0xFFFF) }
            let colors = samples.prefix(isColored ? 3 : 1)
            let isClear = alpha.map { samples[$0] == 0 } ?? false
            let isGray = colors.allSatisfy { $0 == colors[0] }
            let opacity = alpha.flatMap { samples[$0] == Int(image.maximumSample) ? nil : " of opacity \(samples[$0])" }
            return Value(
                name: (isGray ? "\(colors[0])" : "#" + colors.map { Self.hexadecimal($0, image.bitDepth) }.joined())
                    + (opacity ?? ""),
                number: isGray ? colors[0] : nil,
                isNothing: isClear || colors.allSatisfy { $0 == 0 },
                count: number
            )
        }
    }

    /// The content of a page of a TIFF.
    public init(_ image: TIFFImage) {
        // The bits of a number tell values apart, of floats as well.
        let isColored = image.channels.count >= 3
        if isColored && image.samples.isFloatingPoint {
            self.init(width: image.width, height: image.height, values: [], plane: [], kind: "colors")
            return
        }
        let full = image.fullRange.upperBound
        let keys: [UInt64] = image.map { pixel in
            let alpha = pixel.alpha == 0 ? 1 : UInt64(0)
            if isColored {
                return [pixel.red, pixel.green, pixel.blue].reduce(alpha) {
                    $0 << 20 | UInt64(clamping: Int64($1)) & 0xFFFFF
                }
            }
            return alpha == 1 ? 0 : image.fileValue(pixel).bitPattern
        }
        let background = image.isInverted ? full : 0
        self.init(
            width: image.width,
            height: image.height,
            kind: image.palette != nil
                ? "palette indices" : isColored ? "colors" : "values of \(image.bitDepth) bits",
            keys: keys
        ) { key, count in
            if isColored {
                let colors = [40, 20, 0].map { Int(key >> UInt64($0) & 0xFFFFF) }
                let isGray = colors.allSatisfy { $0 == colors[0] }
                return Value(
                    name: isGray ? "\(colors[0])" : "#" + colors.map { Self.hexadecimal($0, image.bitDepth) }.joined(),
                    number: isGray ? colors[0] : nil,
                    isNothing: key >> 60 == 1 || colors.allSatisfy { $0 == 0 },
                    count: count
                )
            }
            let value = Double(bitPattern: key)
            let number = Int(exactly: value)
            return Value(
                name: number.map(String.init) ?? "\(value)",
                number: number,
                isNothing: value == background,
                count: count
            )
        }
    }

    /// Tells the keys of pixels apart, as long as they are few.
    private init(
        width: Int,
        height: Int,
        kind: String,
        keys: some Sequence<UInt64>,
        value: (_ key: UInt64, _ count: Int) -> Value
    ) {
        var places: [UInt64: Int] = [:]
        var counts: [(key: UInt64, count: Int)] = []
        var plane: [Int] = []
        plane.reserveCapacity(width * height)
        // Masks are runs of one value.
        var last: (key: UInt64, place: Int)?
        for key in keys {
            if let last, last.key == key {
                counts[last.place].count += 1
                plane.append(last.place)
                continue
            }
            let place = places[key] ?? counts.count
            if place == counts.count {
                guard counts.count < Self.mostValues else {
                    self.init(width: width, height: height, values: [], plane: [], kind: kind)
                    return
                }
                places[key] = place
                counts.append((key, 0))
            }
            counts[place].count += 1
            plane.append(place)
            last = (key, place)
        }
        let values = counts.map { value($0.key, $0.count) }
        let order = values.indices.sorted {
            (values[$0].number ?? .max, values[$0].name) < (values[$1].number ?? .max, values[$1].name)
        }
        var ranks = [UInt8](repeating: 0, count: order.count)
        for (rank, place) in order.enumerated() { ranks[place] = UInt8(rank) }
        self.init(
            width: width,
            height: height,
            values: order.map { values[$0] },
            plane: plane.map { ranks[$0] },
            kind: kind
        )
    }

    private static func hexadecimal(_ value: Int, _ bitDepth: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, (bitDepth > 8 ? 4 : 2) - text.count)) + text
    }
}

extension RunLengthMask {
    /// The runs as few bytes.
    ///
    /// A lesion has about one run a row, which lies about under the one before. So a run is two small numbers: how far its
    /// start is from a row below the start before, and how much longer it is than the one before; each in zigzag code as a
    /// variable number of bytes, seven bits in each, the lowest first.
    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        var start = -width
        var length = 0
        func add(_ value: Int) {
            var rest = UInt64(bitPattern: Int64(value << 1 ^ value >> 63))
            while rest >= 128 {
                bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
                rest >>= 7
            }
            bytes.append(UInt8(rest))
        }
        for run in runs {
            add(run.lowerBound - start - width)
            add(run.count - length)
            start = run.lowerBound
            length = run.count
        }
        return bytes
    }

    /// The mask of ``encoded`` bytes; `nil` if they are not those of a mask of this size.
    package init?(width: Int, height: Int, encoded: [UInt8]) {
        guard width > 0, height > 0, width <= Int(Int32.max) / height else { return nil }
        var runs: [Range<Int>] = []
        var start = -width
        var length = 0
        var position = 0
        func next() -> Int? {
            var value: UInt64 = 0
            for shift in stride(from: 0, through: 35, by: 7) {
                guard position < encoded.count else { return nil }
                let byte = encoded[position]
                position += 1
                value |= UInt64(byte & 127) << shift
                if byte < 128 { return Int(value >> 1) ^ -Int(value & 1) }
            }
            return nil
        }
        while position < encoded.count {
            guard let move = next(), let growth = next() else { return nil }
            start += width + move
            length += growth
            let end = start + length
            // Runs do not touch: they would be one.
            guard length > 0, start > (runs.last?.upperBound ?? -1), end <= width * height else { return nil }
            runs.append(start..<end)
        }
        self.init(width: width, height: height, runs: runs)
    }
}

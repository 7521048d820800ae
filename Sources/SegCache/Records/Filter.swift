extension StoredTensor.Filter {
    /// The bytes as they are compressed.
    func apply(_ bytes: [UInt8], _ type: StoredTensor.ElementType, rowCount: Int) -> [UInt8] {
        var bytes = bytes
        if self == .difference || self == .differenceInBytePlanes {
            switch type.width {
            case 1: Differences<UInt8>.take(&bytes, rowCount)
            case 2: Differences<UInt16>.take(&bytes, rowCount)
            case 4: Differences<UInt32>.take(&bytes, rowCount)
            default: Differences<UInt64>.take(&bytes, rowCount)
            }
        }
        guard self == .bytePlanes || self == .differenceInBytePlanes, type.width > 1 else { return bytes }
        return transposed(bytes, rows: bytes.count / type.width, columns: type.width)
    }

    /// Restores what ``apply(_:_:rowCount:)`` was given.
    func undo(_ bytes: inout [UInt8], _ type: StoredTensor.ElementType, rowCount: Int) {
        if self == .bytePlanes || self == .differenceInBytePlanes, type.width > 1 {
            bytes = transposed(bytes, rows: type.width, columns: bytes.count / type.width)
        }
        guard self == .difference || self == .differenceInBytePlanes else { return }
        switch type.width {
        case 1: Differences<UInt8>.undoBytes(&bytes, rowCount)
        case 2: Differences<UInt16>.undo(&bytes, rowCount)
        case 4: Differences<UInt32>.undo(&bytes, rowCount)
        default: Differences<UInt64>.undo(&bytes, rowCount)
        }
    }

    private func transposed(_ bytes: [UInt8], rows: Int, columns: Int) -> [UInt8] {
        bytes.withUnsafeBufferPointer { source in
            [UInt8](unsafeUninitializedCapacity: bytes.count) { target, initializedCount in
                for row in 0..<rows {
                    for column in 0..<columns { target[column * rows + row] = source[row * columns + column] }
                }
                initializedCount = bytes.count
            }
        }
    }
}

/// Differences within rows, modulo the number's range, so that nothing is lost.
private enum Differences<Number: FixedWidthInteger & UnsignedInteger & BitwiseCopyable> {
    static func take(_ bytes: inout [UInt8], _ rowCount: Int) {
        forEachRow(&bytes, rowCount) { row in
            var previous: Number = 0
            for index in row.indices {
                let value = row[index]
                row[index] = value &- previous
                previous = value
            }
        }
    }

    static func undo(_ bytes: inout [UInt8], _ rowCount: Int) {
        forEachRow(&bytes, rowCount) { row in
            var sum: Number = 0
            for index in row.indices {
                sum &+= row[index]
                row[index] = sum
            }
        }
    }

    private static func forEachRow(
        _ bytes: inout [UInt8],
        _ rowCount: Int,
        _ body: (UnsafeMutableBufferPointer<Number>) -> Void
    ) {
        guard rowCount > 0 else { return }
        bytes.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: Number.self) { numbers in
                let width = numbers.count / rowCount
                for row in 0..<rowCount {
                    body(UnsafeMutableBufferPointer(rebasing: numbers[(row * width)..<((row + 1) * width)]))
                }
            }
        }
    }
}

extension Differences where Number == UInt8 {
    /// As ``undo(_:_:)``, sixteen bytes at a time: sums of 2, 4 and 8 neighbors, then what came before.
    fileprivate static func undoBytes(_ bytes: inout [UInt8], _ rowCount: Int) {
        forEachRow(&bytes, rowCount) { row in
            guard let start = row.baseAddress else { return }
            var sum: UInt8 = 0
            var index = 0
            #if _endian(little)
            let everyByte: UInt64 = 0x0101_0101_0101_0101
            while index + 16 <= row.count {
                var pair = UnsafeRawPointer(start + index).loadUnaligned(as: SIMD2<UInt64>.self)
                pair = byteSum(pair, pair &<< 8)
                pair = byteSum(pair, pair &<< 16)
                pair = byteSum(pair, pair &<< 32)
                let middle = sum &+ UInt8(truncatingIfNeeded: pair.x >> 56)
                let before = SIMD2(UInt64(sum) &* everyByte, UInt64(middle) &* everyByte)
                sum = middle &+ UInt8(truncatingIfNeeded: pair.y >> 56)
                UnsafeMutableRawPointer(start + index).storeBytes(of: byteSum(pair, before), as: SIMD2<UInt64>.self)
                index += 16
            }
            #endif
            while index < row.count {
                sum &+= row[index]
                row[index] = sum
                index += 1
            }
        }
    }

    @inline(__always)
    private static func byteSum(_ first: SIMD2<UInt64>, _ second: SIMD2<UInt64>) -> SIMD2<UInt64> {
        unsafeBitCast(
            unsafeBitCast(first, to: SIMD16<UInt8>.self) &+ unsafeBitCast(second, to: SIMD16<UInt8>.self),
            to: SIMD2<UInt64>.self
        )
    }
}

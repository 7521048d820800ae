extension TensorRecord {
    /// The bytes of the file of an entry.
    ///
    /// Traps if the record has more bytes than a file may have.
    package func encoded(for key: CacheKey) -> [UInt8] {
        precondition(byteCount <= TensorRecordFormat.maximumBytes, "the record is too large to be stored")
        var table = ByteWriter()
        var frames: [UInt8] = []
        var chunks = 0
        ZstdCompressor.withPooled { compressor in
            for tensor in tensors {
                let filtered = tensor.filter.apply(tensor.bytes, tensor.elementType, rowCount: tensor.rowCount)
                for start in stride(from: 0, to: filtered.count, by: TensorRecordFormat.chunkBytes) {
                    let end = min(start + TensorRecordFormat.chunkBytes, filtered.count)
                    let first = frames.count
                    filtered.withUnsafeBytes { bytes in
                        compressor.append(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), to: &frames)
                    }
                    let hash = frames.withUnsafeBytes { XXH3.hash(UnsafeRawBufferPointer(rebasing: $0[first...])) }
                    table.add(UInt32(frames.count - first))
                    table.add(hash.low)
                    chunks += 1
                }
            }
        }
        var description = ByteWriter()
        for tensor in tensors {
            description.add(UInt8(tensor.name.utf8.count))
            description.bytes += Array(tensor.name.utf8)
            description.add(tensor.elementType.rawValue)
            description.add(tensor.filter.rawValue)
            description.add(UInt8(tensor.shape.count))
            for length in tensor.shape { description.add(UInt64(length)) }
        }
        let headerBytes =
            TensorRecordFormat.fixedHeaderBytes + description.bytes.count + table.bytes.count
            + TensorRecordFormat.checksumBytes
        var file = ByteWriter()
        file.bytes.reserveCapacity(headerBytes + frames.count)
        file.bytes += TensorRecordFormat.magic
        file.add(TensorRecordFormat.version)
        file.add(UInt32(headerBytes))
        file.add(key.hash.high.byteSwapped)
        file.add(key.hash.low.byteSwapped)
        file.add(UInt64(byteCount))
        file.add(UInt32(tensors.count))
        file.add(UInt32(chunks))
        file.bytes += description.bytes
        file.bytes += table.bytes
        let checksum = file.bytes.withUnsafeBytes { XXH3.hash($0) }
        file.add(checksum.low)
        file.add(checksum.high)
        file.bytes += frames
        return file.bytes
    }
}

extension StoredTensor {
    /// Rows that differences are taken in: of the last axis.
    var rowCount: Int { shape.isEmpty ? 1 : shape.dropLast().reduce(1, *) }
}

/// Bytes in the making; numbers become little-endian.
struct ByteWriter {
    var bytes: [UInt8] = []

    mutating func add(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
    }
}

extension TensorRecord {
    /// What a record's header says, without its tensors' data.
    package struct Summary: Hashable, Sendable {
        /// The key under which it was stored.
        package var key: CacheKey
        /// Bytes of all tensors, not compressed.
        package var byteCount: Int
        /// The names of its tensors.
        package var names: [String]
    }

    /// The record in the bytes of an entry's file. Nothing of it is trusted before its checksum is right, and memory is
    /// taken only for what the header may claim.
    ///
    /// - Parameter key: the key that the record must have; any if `nil`.
    /// - Parameter maximumBytes: the most bytes of all tensors.
    ///
    /// - Throws: ``TensorRecordDamage``.
    package init(
        decoding file: UnsafeRawBufferPointer,
        key: CacheKey?,
        maximumBytes: Int = TensorRecordFormat.maximumBytes
    ) throws(TensorRecordDamage) {
        let header = try TensorRecordHeader(file, maximumBytes: maximumBytes)
        if let key, header.key != key { throw .otherKey("\(header.key)") }
        self.init(try header.tensors(of: file))
    }

    /// The header of an entry's file, checked.
    ///
    /// - Throws: ``TensorRecordDamage``.
    package static func summary(
        of file: UnsafeRawBufferPointer,
        maximumBytes: Int = TensorRecordFormat.maximumBytes
    ) throws(TensorRecordDamage) -> Summary {
        let header = try TensorRecordHeader(file, maximumBytes: maximumBytes)
        return Summary(key: header.key, byteCount: header.byteCount, names: header.tensors.map(\.name))
    }
}

/// The header of a record, whose checksum was right.
struct TensorRecordHeader {
    struct Tensor {
        var name: String
        var elementType: StoredTensor.ElementType
        var filter: StoredTensor.Filter
        var shape: [Int]
        var bytes: Int
    }

    struct Chunk {
        var compressedBytes: Int
        var hash: UInt64
    }

    let key: CacheKey
    let byteCount: Int
    private(set) var tensors: [Tensor] = []
    private var chunks: [Chunk] = []
    private let headerBytes: Int

    init(_ file: UnsafeRawBufferPointer, maximumBytes: Int) throws(TensorRecordDamage) {
        guard file.count >= TensorRecordFormat.magic.count, file.starts(with: TensorRecordFormat.magic) else {
            throw .foreign
        }
        var reader = ByteReader(file, from: TensorRecordFormat.magic.count)
        let least = TensorRecordFormat.fixedHeaderBytes + TensorRecordFormat.checksumBytes
        guard let version: UInt32 = reader.next(), let headerBytes: UInt32 = reader.next(), file.count >= least else {
            throw .length(expected: least, found: file.count)
        }
        // Before the checksum, as other versions may have theirs elsewhere.
        guard version == TensorRecordFormat.version else { throw .version(version) }
        self.headerBytes = Int(headerBytes)
        guard self.headerBytes >= least else { throw .header }
        guard file.count >= self.headerBytes else { throw .length(expected: self.headerBytes, found: file.count) }
        let covered = self.headerBytes - TensorRecordFormat.checksumBytes
        let checksum = XXH3.hash(UnsafeRawBufferPointer(rebasing: file[..<covered]))
        var ending = ByteReader(file, from: covered)
        guard ending.next() == checksum.low, ending.next() == checksum.high else { throw .header }

        guard let high: UInt64 = reader.next(), let low: UInt64 = reader.next(), let bytes: UInt64 = reader.next(),
            let tensorCount: UInt32 = reader.next(), let chunkCount: UInt32 = reader.next()
        else { throw .header }
        key = CacheKey(ContentHash(low: low.byteSwapped, high: high.byteSwapped))
        guard bytes <= UInt64(maximumBytes) else { throw .tooLarge(bytes) }
        byteCount = Int(bytes)
        guard tensorCount <= TensorRecord.maximumTensors else { throw .content("the record has too many tensors") }
        try readTensors(Int(tensorCount), &reader)
        try readChunks(Int(chunkCount), &reader)
        guard reader.position == covered else { throw .content("the header is longer than its content") }
        let expected = chunks.reduce(self.headerBytes) { $0 + $1.compressedBytes }
        guard file.count == expected else { throw .length(expected: expected, found: file.count) }
    }

    private mutating func readTensors(_ count: Int, _ reader: inout ByteReader) throws(TensorRecordDamage) {
        var sum = 0
        for _ in 0..<count {
            guard let nameBytes: UInt8 = reader.next(), let name = reader.text(Int(nameBytes)),
                let type: UInt8 = reader.next(), let elementType = StoredTensor.ElementType(rawValue: type),
                let filterCode: UInt8 = reader.next(), let filter = StoredTensor.Filter(rawValue: filterCode),
                let rank: UInt8 = reader.next(), rank <= StoredTensor.maximumRank
            else { throw .content("a tensor's description is invalid") }
            var shape: [Int] = []
            // An axis of length 0 does not make up for one of absurd length.
            var extent = elementType.width
            for _ in 0..<rank {
                guard let length: UInt64 = reader.next(), length <= UInt64(Int32.max) else {
                    throw .content("an axis of the tensor \(name) is invalid")
                }
                let (product, overflow) = extent.multipliedReportingOverflow(by: max(1, Int(length)))
                guard !overflow, product <= TensorRecordFormat.maximumBytes else {
                    throw .content("the tensor \(name) is too large")
                }
                extent = product
                shape.append(Int(length))
            }
            let bytes = shape.contains(0) ? 0 : extent
            sum += bytes
            guard sum <= byteCount, !tensors.contains(where: { $0.name == name }) else {
                throw .content("the tensors' descriptions contradict each other")
            }
            tensors.append(Tensor(name: name, elementType: elementType, filter: filter, shape: shape, bytes: bytes))
        }
        guard sum == byteCount else { throw .content("the tensors' descriptions contradict each other") }
    }

    private mutating func readChunks(_ count: Int, _ reader: inout ByteReader) throws(TensorRecordDamage) {
        guard count == tensors.reduce(0, { $0 + TensorRecordFormat.chunkCount($1.bytes) }) else {
            throw .content("the number of chunks is not that of the tensors")
        }
        for _ in 0..<count {
            guard let bytes: UInt32 = reader.next(), let hash: UInt64 = reader.next() else {
                throw .content("the table of chunks is too short")
            }
            chunks.append(Chunk(compressedBytes: Int(bytes), hash: hash))
        }
    }

    /// Checks, decompresses and restores every tensor.
    func tensors(of file: UnsafeRawBufferPointer) throws(TensorRecordDamage) -> [StoredTensor] {
        var index = 0
        var offset = headerBytes
        var result: [StoredTensor] = []
        let decompressor = ZstdDecompressor.take()
        defer { decompressor.giveBack() }
        for tensor in tensors {
            let chunkCount = TensorRecordFormat.chunkCount(tensor.bytes)
            let first = offset
            for chunk in chunks[index..<(index + chunkCount)] {
                let bytes = UnsafeRawBufferPointer(rebasing: file[offset..<(offset + chunk.compressedBytes)])
                guard XXH3.hash(bytes).low == chunk.hash else { throw .chunk(index) }
                offset += chunk.compressedBytes
                index += 1
            }
            var damaged: Int?
            var filtered = [UInt8](unsafeUninitializedCapacity: tensor.bytes) { buffer, initializedCount in
                var position = first
                for number in 0..<chunkCount {
                    let chunk = chunks[index - chunkCount + number]
                    let start = number * TensorRecordFormat.chunkBytes
                    let end = min(start + TensorRecordFormat.chunkBytes, tensor.bytes)
                    let isWhole = decompressor.decompress(
                        UnsafeRawBufferPointer(rebasing: file[position..<(position + chunk.compressedBytes)]),
                        into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[start..<end]))
                    )
                    guard isWhole else {
                        damaged = index - chunkCount + number
                        return
                    }
                    position += chunk.compressedBytes
                    initializedCount = end
                }
            }
            if let damaged { throw .chunk(damaged) }
            let rows = tensor.shape.isEmpty ? 1 : tensor.shape.dropLast().reduce(1, *)
            tensor.filter.undo(&filtered, tensor.elementType, rowCount: rows)
            result.append(
                StoredTensor(
                    name: tensor.name,
                    elementType: tensor.elementType,
                    shape: tensor.shape,
                    filter: tensor.filter,
                    bytes: filtered
                )
            )
        }
        return result
    }
}

/// Reads little-endian numbers, and nothing behind the end.
struct ByteReader {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position: Int

    init(_ bytes: UnsafeRawBufferPointer, from position: Int) {
        self.bytes = bytes
        self.position = position
    }

    mutating func next<Number: FixedWidthInteger & BitwiseCopyable>() -> Number? {
        guard bytes.count - position >= MemoryLayout<Number>.size else { return nil }
        defer { position += MemoryLayout<Number>.size }
        return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Number.self))
    }

    mutating func text(_ count: Int) -> String? {
        guard bytes.count - position >= count else { return nil }
        defer { position += count }
        return String(validating: bytes[position..<(position + count)], as: UTF8.self)
    }
}

import CZstd
import SegTensor

/// Contexts of zstd that wait for their next use: making one takes longer than decompressing a small image.
private struct ContextPool: Sendable {
    /// `@unchecked Sendable`: a context is used by one thread at a time, the one that took it from the pool.
    struct Context: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private let idle = IdleContexts()

    private final class IdleContexts: Sendable {
        let contexts = Locked<[Context]>([])
    }

    func take(_ make: () -> OpaquePointer?) -> OpaquePointer {
        if let context = idle.contexts.withLock({ $0.popLast() }) { return context.pointer }
        guard let context = make() else { fatalError("out of memory") }
        return context
    }

    func giveBack(_ pointer: OpaquePointer) {
        let context = Context(pointer: pointer)
        idle.contexts.withLock { $0.append(context) }
    }
}

/// Compresses chunks into zstd frames.
struct ZstdCompressor {
    private static let pool = ContextPool()
    private let context: OpaquePointer

    static func withPooled<Result>(_ body: (ZstdCompressor) -> Result) -> Result {
        let compressor = ZstdCompressor(
            context: pool.take {
                let context = ZSTD_createCCtx()
                ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, TensorRecordFormat.compressionLevel)
                ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
                return context
            }
        )
        defer { pool.giveBack(compressor.context) }
        return body(compressor)
    }

    func append(_ bytes: UnsafeRawBufferPointer, to frames: inout [UInt8]) {
        let bound = ZSTD_compressBound(bytes.count)
        let frame = [UInt8](unsafeUninitializedCapacity: bound) { buffer, initializedCount in
            let count = ZSTD_compress2(context, buffer.baseAddress, bound, bytes.baseAddress, bytes.count)
            // The space is enough for anything, so only a lack of memory can be the reason.
            guard ZSTD_isError(count) == 0 else { fatalError(String(cString: ZSTD_getErrorName(count))) }
            initializedCount = count
        }
        frames += frame
    }
}

/// Decompresses zstd frames.
struct ZstdDecompressor {
    private static let pool = ContextPool()
    private let context: OpaquePointer

    /// To be given back.
    static func take() -> ZstdDecompressor { ZstdDecompressor(context: pool.take { ZSTD_createDCtx() }) }

    func giveBack() { Self.pool.giveBack(context) }

    /// Whether the frame was whole and filled the buffer.
    func decompress(_ frame: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        let count = ZSTD_decompressDCtx(context, buffer.baseAddress, buffer.count, frame.baseAddress, frame.count)
        return ZSTD_isError(count) == 0 && count == buffer.count
    }
}

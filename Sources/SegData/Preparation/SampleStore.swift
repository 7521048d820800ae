import Dispatch
import Foundation
public import SegCache
public import SegCore

/// A data set decoded and letterboxed into memory.
public struct SampleStore: Sendable {
    /// The data set's name.
    public let name: String
    /// The samples, in the order of the records.
    public let samples: [PreparedSample]

    /// Decodes and letterboxes a data set, using several threads.
    ///
    /// - Parameters:
    ///   - adapter: the data set.
    ///   - records: the records to prepare; all of the adapter's if `nil`.
    ///   - size: side of the square canvas, px.
    ///   - decoder: reads the image files.
    ///   - cache: where prepared samples are kept from run to run; none if `nil`. The result does not depend on it, to
    ///     the bit, nor do the errors.
    ///   - threads: how many samples are decoded at a time; the number of cores if `nil`. The result does not depend
    ///     on it.
    ///   - progress: called with the number of samples done and of all, from any thread, one call at a time. An error
    ///     that it throws ends the work and is thrown on: so a caller can cancel.
    ///
    /// Throws: the error of the first record, in their order, that cannot be decoded, naming its file.
    public static func prepare(
        adapter: any DatasetAdapter,
        records: [SampleRecord]? = nil,
        size: Int,
        decoder: any ImageDecoder,
        cache: TensorCache? = nil,
        threads: Int? = nil,
        progress: (@Sendable (_ done: Int, _ total: Int) throws -> Void)? = nil
    ) throws -> SampleStore {
        let records = try records ?? adapter.records()
        let kept = cache.flatMap { cache in
            DecodingCache(
                cache,
                adapter: adapter,
                decoder: decoder,
                product: ("sample", PreparedSample.version),
                settings: ["size": size]
            )
        }
        let work = PreparationWork(total: records.count, progress: progress)
        let workers = max(1, min(threads ?? ProcessInfo.processInfo.activeProcessorCount, records.count))
        DispatchQueue.concurrentPerform(iterations: workers) { _ in
            while let index = work.takeNext() {
                let record = records[index]
                work.finish(
                    index,
                    Result {
                        do {
                            let make = {
                                PreparedSample(try adapter.sample(for: record, decoder: decoder), size: size)
                            }
                            return try kept?.sample(of: record, size: size, make: make) ?? make()
                        } catch let error as SegmentationError {
                            throw error
                        } catch {
                            throw SegmentationError(
                                record.imageFile.path,
                                "the sample \(record.id) of \(adapter.name) cannot be read: \(error)",
                                cure: "restore the file from the data set's archive"
                            )
                        }
                    }
                )
            }
        }
        return SampleStore(name: adapter.name, samples: try work.samples())
    }
}

/// What the threads of a preparation share.
///
/// `@unchecked Sendable`: every access to the mutable state holds the lock.
private final class PreparationWork: @unchecked Sendable {
    private let lock = NSLock()
    private let progress: (@Sendable (Int, Int) throws -> Void)?
    private var next = 0
    private var done = 0
    private var results: [PreparedSample?]
    private var failure: (index: Int, error: any Error)?

    init(total: Int, progress: (@Sendable (Int, Int) throws -> Void)?) {
        results = Array(repeating: nil, count: total)
        self.progress = progress
    }

    /// Indices are handed out in order, and none after a failure: so every record before the failed one is tried, and
    /// the error reported is the first in order whatever the thread count.
    func takeNext() -> Int? {
        lock.withLock {
            guard failure == nil, next < results.count else { return nil }
            defer { next += 1 }
            return next
        }
    }

    func finish(_ index: Int, _ result: Result<PreparedSample, any Error>) {
        lock.withLock {
            do {
                results[index] = try result.get()
                done += 1
                try progress?(done, results.count)
            } catch {
                if failure.map({ index < $0.index }) ?? true { failure = (index, error) }
            }
        }
    }

    func samples() throws -> [PreparedSample] {
        try lock.withLock {
            if let failure { throw failure.error }
            return results.compactMap { $0 }
        }
    }
}

import Foundation
import SegCore
import SegTensor

/// Rules about reading samples in another order and on several threads, as trainings do.
///
/// - Parameter expected: the samples' hashes when they were read one after the other.
func checkReading(
    of records: [SampleRecord],
    _ expected: [Int],
    adapter: any DatasetAdapter,
    decoder: any ImageDecoder
) -> [ConformanceFailure] {
    /// What is wrong with a record that is read now; `nil` if it is what it was.
    @Sendable func fault(_ index: Int) -> String? {
        do {
            let sample = try adapter.sample(for: records[index], decoder: decoder)
            return sample.hashValue == expected[index] ? nil : "decodes to another sample"
        } catch {
            return "is not decoded: \(error)"
        }
    }
    let reversed = records.indices.reversed().compactMap { index in
        fault(index).map {
            ConformanceFailure("order-does-not-matter", "in another order, \(records[index].id) \($0)")
        }
    }
    // Threads would only tell the same once more.
    guard reversed.isEmpty else { return reversed }
    let faults = Locked<[Int: String]>([:])
    let (readers, ended) = (4, DispatchSemaphore(value: 0))
    // Threads of their own, as a pool that others keep busy might read one after the other; each begins at another record, the
    // last two at the same one.
    for reader in 0..<readers {
        let thread = Thread {
            for step in records.indices {
                let index = (step + min(reader, readers - 2)) % records.count
                if let text = fault(index) { faults.withLock { $0[index] = text } }
            }
            ended.signal()
        }
        thread.stackSize = 8 << 20
        thread.start()
    }
    for _ in 0..<readers { ended.wait() }
    return faults.withLock { $0 }.sorted { $0.key < $1.key }.map { index, text in
        ConformanceFailure("threads-do-not-matter", "on several threads at once, \(records[index].id) \(text)")
    }
}

/// Rules about what a data set states beside its images.
///
/// - Parameters:
///   - records: all of them.
///   - chosen: those that are decoded.
func checkDocumented(
    _ adapter: any DocumentedDataset,
    _ records: [SampleRecord],
    _ chosen: [SampleRecord],
    _ decoder: any ImageDecoder
) -> [ConformanceFailure] {
    var failures = checkSplits(of: adapter, Set(records.map(\.id)))
    if let counts = adapter.publishedCounts {
        let sum = counts.images.values.reduce(0, +)
        if counts.images.values.contains(where: { $0 < 0 }) || counts.total < sum || (counts.patients ?? 0) < 0 {
            let text = "\(counts.images.values.sorted()) images by pathology, \(counts.total) in all"
            failures.append(ConformanceFailure("published-counts", "the counts do not add up: \(text)"))
        }
    }
    if let version = adapter.decodingVersion {
        if !isLine(version) {
            failures.append(ConformanceFailure("decoding-version", "'\(version)' is not one line of text"))
        }
        if adapter.decodingVersion != version {
            failures.append(ConformanceFailure("decoding-version", "it is another one the second time"))
        }
    }
    for record in chosen {
        func add(_ detail: String) {
            failures.append(ConformanceFailure("doubts-are-lines", "\(record.id): \(detail)"))
        }
        do {
            let doubts = try adapter.doubts(about: record, decoder: decoder)
            if let odd = doubts.first(where: { !isLine($0) }) { add("the doubt '\(odd)' is not one line of text") }
            if try adapter.doubts(about: record, decoder: decoder) != doubts {
                add("the doubts are others the second time")
            }
        } catch {
            add("\(error)")
        }
    }
    return failures
}

private func checkSplits(of adapter: any DocumentedDataset, _ known: Set<String>) -> [ConformanceFailure] {
    var failures: [ConformanceFailure] = []
    func add(_ detail: String) { failures.append(ConformanceFailure("published-splits", detail)) }
    let splits: [PublishedSplit]
    do {
        splits = try adapter.publishedSplits()
        if try adapter.publishedSplits() != splits { add("they are others the second time") }
    } catch {
        return [ConformanceFailure("published-splits", "\(error)")]
    }
    var names: Set<String> = []
    for split in splits {
        if !isLine(split.name) { add("the name '\(split.name)' is not one line of text") }
        if !names.insert(split.name).inserted { add("`\(split.name)` appears twice") }
        if split.parts.isEmpty { add("`\(split.name)` has no part") }
        if !split.validation.isEmpty, split.validation.count != split.parts.count {
            add("`\(split.name)` validates \(split.validation.count) times for \(split.parts.count) parts")
        }
        for (kind, lists) in [("part", split.parts), ("validation of part", split.validation)] {
            for (number, ids) in lists.enumerated() {
                let what = "\(kind) \(number + 1) of `\(split.name)`"
                if let stranger = ids.first(where: { !known.contains($0) }) {
                    add("\(what) has \(stranger), and there is no such record")
                }
                if Set(ids).count != ids.count { add("\(what) has a record twice") }
            }
        }
        for (number, (part, validation)) in zip(split.parts, split.validation).enumerated() {
            guard let both = Set(part).intersection(validation).min() else { continue }
            add("\(both) is both held out and validated on in part \(number + 1) of `\(split.name)`")
        }
    }
    return failures
}

private func isLine(_ text: String) -> Bool {
    text.contains { !$0.isWhitespace } && !text.contains(where: \.isNewline)
}

import Foundation
import SegCore
import SegTensor

/// The processes that train one model together, each a part of every step's batches.
///
/// Everything that they tell each other starts with a message of each (`hear(_:)`). A rank that cannot go on gives its
/// failure in place of the message, so that all others stop with the same error, wherever they are.
public final class TrainingGroup: Sendable {
    /// This process and no other.
    public static let alone = TrainingGroup(transport: nil)

    private let transport: (any RankTransport)?
    /// Whether nobody waits for this rank any more: it has told a failure, heard of one, or done its part.
    private let hasLeft = Locked(false)

    /// The group that a transport connects.
    public convenience init(_ transport: any RankTransport) { self.init(transport: transport) }

    private init(transport: (any RankTransport)?) { self.transport = transport }

    /// Which of the processes this one is, from 0.
    public var rank: Int { transport?.rank ?? 0 }

    /// How many processes there are.
    public var count: Int { transport?.count ?? 1 }

    /// Whether this rank writes what is kept, and shows what goes on.
    public var isFirst: Bool { rank == 0 }

    /// Whether there is no other process.
    public var isAlone: Bool { count == 1 }

    /// Whether this rank computes a batch, by the batch's place in its epoch.
    ///
    /// Batches are dealt one by one, so that the few of an epoch's end are shared too.
    package func computes(batch: Int) -> Bool { batch % count == rank }

    /// What every rank has to say, in the order of ranks.
    ///
    /// - Throws: ``RankFailure`` if one of them has failed.
    package func hear<Message: Codable>(_ own: Message) throws -> [Message] {
        guard let transport, count > 1 else { return [own] }
        let bytes = try Envelope(message: own).bytes
        let said = try Profiler.span("waiting for ranks") { try transport.exchange(copies(of: bytes)) }
        let envelopes = try said.map { try Envelope<Message>(bytes: $0) }
        if let failure = envelopes.lazy.compactMap(\.failure).first {
            leave()
            throw failure
        }
        return envelopes.compactMap(\.message)
    }

    /// Tells all others that this rank cannot go on, and returns when they have heard it.
    ///
    /// Does nothing where nobody waits for this rank any more: alone, after another's failure, and after `leave()`.
    public func tell(_ failure: RankFailure) {
        let hadLeft = hasLeft.withLock { hasLeft in
            defer { hasLeft = true }
            return hasLeft
        }
        guard !hadLeft, let transport, let bytes = try? Envelope<Bool>(failure: failure).bytes else { return }
        // Nobody is left to tell if the transport fails.
        _ = try? transport.exchange(copies(of: bytes))
    }

    /// Ends what this rank has to do with the others. The last thing heard before was the same for all.
    package func leave() { hasLeft.withLock { $0 = true } }

    /// What the first rank makes, on all of them.
    ///
    /// - Throws: what `make` throws, on the first; ``RankFailure`` on the others then.
    package func fromFirst<Value: BitwiseCopyable & Sendable>(_ make: () throws -> [Value]) throws -> [Value] {
        let own = isFirst ? try make() : []
        guard let transport, count > 1 else { return own }
        // Who fails to make it says so here.
        _ = try hear(true)
        return try transport.exchange(copies(of: own))[0]
    }

    /// The values of every rank, in the order of ranks. Follows a message in which no rank failed.
    package func gathered<Value: BitwiseCopyable & Sendable>(_ own: [Value]) throws -> [[Value]] {
        guard let transport, count > 1 else { return [own] }
        return try transport.exchange(copies(of: own))
    }

    /// Gives a part to each rank. Follows a message in which no rank failed.
    func exchange(_ parts: [[Float]]) throws -> [[Float]] {
        guard let transport, count > 1 else { return parts }
        return try transport.exchange(parts)
    }

    private func copies<Value>(of part: [Value]) -> [[Value]] { Array(repeating: part, count: count) }
}

/// A message, or why there is none.
private struct Envelope<Message: Codable>: Codable {
    var failure: RankFailure?
    var message: Message?

    init(message: Message) { self.message = message }

    init(failure: RankFailure) { self.failure = failure }

    init(bytes: [UInt8]) throws {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy =
            .convertFromString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        self = try decoder.decode(Self.self, from: Data(bytes))
    }

    var bytes: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.nonConformingFloatEncodingStrategy =
                .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
            return Array(try encoder.encode(self))
        }
    }
}

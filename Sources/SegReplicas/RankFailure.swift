public import SegCore

/// Why a rank cannot go on, as all others are told.
public struct RankFailure: Error, Hashable, Sendable {
    /// The rank that cannot go on.
    public var rank: Int
    /// What is wrong; `nil` if a signal stopped it.
    public var error: SegmentationError?

    /// - Parameter error: what is wrong; `nil` if a signal stopped it.
    public init(rank: Int, _ error: SegmentationError?) {
        self.rank = rank
        self.error = error
    }
}

extension RankFailure: Codable {
    private enum Key: CodingKey {
        case rank, subject, problem, cure
    }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        rank = try members.decode(Int.self, forKey: .rank)
        error = try members.decodeIfPresent(String.self, forKey: .subject).map { subject in
            SegmentationError(
                subject,
                try members.decode(String.self, forKey: .problem),
                cure: try members.decode(String.self, forKey: .cure)
            )
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        try members.encode(rank, forKey: .rank)
        try members.encodeIfPresent(error?.subject, forKey: .subject)
        try members.encodeIfPresent(error?.problem, forKey: .problem)
        try members.encodeIfPresent(error?.cure, forKey: .cure)
    }
}

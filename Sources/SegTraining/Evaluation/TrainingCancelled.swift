public import Foundation

/// Thrown when the user stopped the work; nothing is wrong.
public struct TrainingCancelled: Error, Hashable, Sendable, CustomStringConvertible {
    /// The epoch under way, counted from 1; `nil` outside of training.
    public var epoch: Int?
    /// The checkpoint from which the same training resumes; `nil` if none is kept.
    public var checkpoint: URL?

    public init(epoch: Int? = nil, checkpoint: URL? = nil) {
        self.epoch = epoch
        self.checkpoint = checkpoint
    }

    public var description: String {
        let place = epoch.map { " in epoch \($0)" } ?? ""
        let cure = checkpoint.map { "; run the same command again to resume from \($0.path)" } ?? ""
        return "stopped\(place)\(cure)"
    }
}

/// Carries values between the processes, or threads, that train one model together.
///
/// It only carries: what is summed, and in which order, is decided by ``TrainingGroup``, so that no transport can come to other
/// bits than another.
public protocol RankTransport: Sendable {
    /// Which of the processes this one is, from 0.
    var rank: Int { get }

    /// How many processes there are.
    var count: Int { get }

    /// Gives one part to every rank, and takes one from every rank.
    ///
    /// All ranks call it equally often, and it returns when the parts of all have arrived.
    ///
    /// - Parameter parts: by the rank that is to get them, this one included; of any lengths, some empty.
    /// - Returns: by the rank that gave them.
    ///
    /// - Throws: if a rank is lost. A transport may end the process instead.
    func exchange<Value: BitwiseCopyable & Sendable>(_ parts: [[Value]]) throws -> [[Value]]
}

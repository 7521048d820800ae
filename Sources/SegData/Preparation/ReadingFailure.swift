import SegTensor

/// Remembers that a sample could not be read where nothing can be thrown, until somebody can.
package final class ReadingFailure: Sendable {
    private let first = Locked<(any Error)?>(nil)

    package init() {}

    /// Only the first one counts.
    package func note(_ error: any Error) {
        first.withLock { first in
            if first == nil { first = error }
        }
    }

    /// - Throws: the first failure.
    package func check() throws {
        if let error = first.withLock({ $0 }) { throw error }
    }
}

internal import Synchronization

/// A value that one thread at a time may use: `Mutex`, in a form whose order the thread sanitizer sees too.
///
/// On Linux the library's `Mutex` waits in code that is not instrumented, so that a thread which had to wait looks as if it had
/// taken no lock, and everything handed over under it looks like a race. `Scripts/sanitize thread` defines
/// `SEGKIT_THREAD_SANITIZER`; an atomic operation at either end of each use then states the order that the lock makes.
package struct Locked<Value>: ~Copyable, Sendable {
    private let mutex: Mutex<Value>
    #if SEGKIT_THREAD_SANITIZER
    private let order = Atomic<Int>(0)
    #endif

    package init(_ value: sending Value) { mutex = Mutex(value) }

    /// What the closure makes of the value, with all other threads kept out.
    package func withLock<Result, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        try mutex.withLock { value throws(Failure) in
            #if SEGKIT_THREAD_SANITIZER
            order.wrappingAdd(1, ordering: .acquiringAndReleasing)
            defer { order.wrappingAdd(1, ordering: .acquiringAndReleasing) }
            #endif
            return try body(&value)
        }
    }
}

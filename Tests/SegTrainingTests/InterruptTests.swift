import Foundation
import SegProgress
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Signals belong to the whole process, so each test runs in a process of its own.
@Suite struct InterruptTests {
    /// Sends a signal as a terminal does, to the process, and waits until `condition` holds.
    private static func send(_ signal: Int32, until condition: () -> Bool = { false }) {
        kill(getpid(), signal)
        for _ in 0..<1000 where !condition() { usleep(10_000) }
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func aSignalSetsTheFlag(signal: Int32) async {
        await #expect(processExitsWith: .success) { [signal] in
            let handler = InterruptHandler()
            let second = InterruptHandler()
            precondition(!handler.isInterrupted)
            Self.send(signal) { handler.isInterrupted }
            precondition(handler.isInterrupted && second.isInterrupted)
        }
    }

    @Test func aSecondSignalEndsTheProcess() async {
        await #expect(processExitsWith: .exitCode(128 + SIGINT)) {
            let handler = InterruptHandler()
            Self.send(SIGINT) { handler.isInterrupted }
            Self.send(SIGINT)
            withExtendedLifetime(handler) {}
        }
    }

    @Test func theFormerActionComesBack() async {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            do {
                let handler = InterruptHandler()
                Self.send(SIGTERM) { handler.isInterrupted }
                precondition(handler.isInterrupted)
            }
            do {
                let handler = InterruptHandler()
                precondition(!handler.isInterrupted, "a new handler knows nothing of the past")
            }
            Self.send(SIGTERM)
        }
    }
}

import Foundation
import TestSupport
import Testing

@Suite("Arguments as shells hand them over")
struct ArgumentTests {
    /// Runs the command by a shell, as what is not text cannot be an argument of a process that is started from here.
    private func shell(_ line: String) throws -> (code: Int32, text: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "exec \"$0\" \(line) 2>&1", executable("segkit").path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    @Test("a name that is not in UTF-8 is named by its bytes, an output without a name is wrong usage")
    func texts() throws {
        let other = try shell("predict \"$(printf 'l\\344s.png')\" --model m --output o")
        #expect(other.code == 1)
        #expect(other.text.hasPrefix("error: l\\xe4s.png: the argument is not in UTF-8; rename the file"))
        let empty = try shell("predict a.png --model m --output \"$NOT_SET_ANYWHERE\"")
        #expect(empty.code == 2 && empty.text.contains("--output is empty; is a variable not set?"))
    }

    @Test("control characters of a name reach no terminal")
    func controls() throws {
        let result = try shell("predict a.png --model \"$(printf 'm\\033[31m')\" --output o")
        #expect(result.code == 1 && !result.text.contains("\u{1B}") && result.text.contains("m\\x1b[31m"))
    }
}

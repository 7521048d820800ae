import Foundation
import ReaderChecks
import TestSupport

// Damages a reader's sound files by chance and reads them: damagedfiles READER COUNT
// Writes how many were refused, the slowest reading in ms, and by how many bytes memory grew. A trap ends the program
// with a signal; what came before is then the last that it wrote.
let arguments = CommandLine.arguments
guard arguments.count == 3, let kind = ReaderCheck.Kind(rawValue: arguments[1]), let count = Int(arguments[2]) else {
    print("usage: damagedfiles READER COUNT, with READER of \(ReaderCheck.Kind.allCases)")
    exit(2)
}
let folder = try TemporaryFolder()
let check = try ReaderCheck(kind, in: folder.url)
for seed in check.seeds {
    let outcome = check.outcome(of: seed)
    guard outcome == .read else {
        print("a sound file is not read: \(outcome)")
        exit(1)
    }
}
let before = peakMemory()
var (refused, slowest) = (0, Duration.zero)
for (index, seed) in check.seeds.enumerated() {
    let share = (count + index) / check.seeds.count
    for (number, damaged) in Damage(seed, count: share, seed: UInt64(index + 1)).enumerated() {
        if ProcessInfo.processInfo.environment["SEGKIT_DAMAGE_KEEP"] != nil {
            // For the search of a trap: the file on the disk is the one that is read.
            try Data(damaged).write(to: URL(fileURLWithPath: "damaged-\(kind.rawValue)"))
        }
        let start = ContinuousClock.now
        let outcome = check.outcome(of: damaged)
        slowest = max(slowest, ContinuousClock.now - start)
        switch outcome {
        case .read: break
        case .refused: refused += 1
        case .wrong(let text):
            print("damage \(number) of file \(index): \(text)")
            exit(1)
        }
    }
}
let milliseconds = slowest / .milliseconds(1)
print("refused \(refused) slowest \(Int(milliseconds.rounded(.up))) memory \(peakMemory() - before)")

/// The most memory that the process held at a time, bytes.
func peakMemory() -> Int {
    var usage = rusage()
    #if canImport(Darwin)
    getrusage(RUSAGE_SELF, &usage)
    return usage.ru_maxrss
    #else
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
    #endif
}

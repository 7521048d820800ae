import Foundation
import ReaderChecks

/// The reader that `SEGKIT_FUZZ_READER` names, in a folder of its own that lives in memory where there is such a place.
@MainActor private let check: ReaderCheck = {
    let name = ProcessInfo.processInfo.environment["SEGKIT_FUZZ_READER"] ?? ""
    guard let kind = ReaderCheck.Kind(rawValue: name) else { fatalError("no reader is named `\(name)`") }
    let memory = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    let folder = URL(fileURLWithPath: memory).appending(path: "segkit-fuzz-\(name)-\(getpid())")
    do {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return try ReaderCheck(kind, in: folder)
    } catch {
        fatalError("\(error)")
    }
}()

/// Writes the sound files from which damage starts to the folder that `SEGKIT_FUZZ_SEEDS` names.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _: UnsafeMutablePointer<CInt>,
    _: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>
) -> CInt {
    MainActor.assumeIsolated {
        guard let folder = ProcessInfo.processInfo.environment["SEGKIT_FUZZ_SEEDS"] else { return }
        for (index, seed) in check.seeds.enumerated() {
            try? Data(seed).write(to: URL(fileURLWithPath: folder).appending(path: "seed-\(index)"))
        }
    }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    MainActor.assumeIsolated {
        if case .wrong(let text) = check.outcome(of: input) { fatalError(text) }
    }
    return 0
}

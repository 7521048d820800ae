import Foundation

/// The version of SegmentationKit, written into results and model files.
public let segmentationKitVersion = "0.2.0"

/// The commit of the sources that the program was built from, as `git describe` names it; `nil` where nothing says.
///
/// It is what the environment variable `SEGKIT_COMMIT` says, as `Scripts/study` sets it, or the file that `Scripts/install`
/// wrote: `share/segkit/commit` next to the folder of the program.
public let segmentationKitCommit: String? = {
    if let stated = ProcessInfo.processInfo.environment["SEGKIT_COMMIT"] { return stated.isEmpty ? nil : stated }
    guard let program = Bundle.main.executableURL?.resolvingSymlinksInPath() else { return nil }
    let file = program.deletingLastPathComponent().deletingLastPathComponent().appending(path: "share/segkit/commit")
    let text = try? String(contentsOf: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    return text?.isEmpty == false ? text : nil
}()

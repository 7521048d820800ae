import Foundation

/// What a run of a command left behind.
struct CommandResult {
    var code: Int32
    var output: String
    var error: String

    /// Lines on standard error.
    var errorLines: [Substring] { error.split(separator: "\n") }
}

/// Runs the built `segkit`, which lies beside the tests.
func segkit(_ arguments: String..., in folder: URL? = nil, environment: [String: String] = [:]) throws -> CommandResult
{
    try segkit(arguments, in: folder, environment: environment)
}

func segkit(_ arguments: [String], in folder: URL?, environment: [String: String]) throws -> CommandResult {
    try run("segkit", arguments, in: folder, environment: environment)
}

/// Runs another built program, which lies beside the tests as well.
func run(
    _ program: String,
    _ arguments: [String],
    in folder: URL? = nil,
    environment: [String: String] = [:]
) throws -> CommandResult {
    try start(arguments, of: program, in: folder, environment: environment).finish()
}

/// A run of a command under way.
struct RunningCommand {
    let process: Process
    let output: URL
    let error: URL

    func finish() throws -> CommandResult {
        process.waitUntilExit()
        defer {
            try? FileManager.default.removeItem(at: output)
            try? FileManager.default.removeItem(at: error)
        }
        return CommandResult(
            code: process.terminationStatus,
            output: try String(contentsOf: output, encoding: .utf8),
            error: try String(contentsOf: error, encoding: .utf8)
        )
    }
}

/// A built program.
func executable(_ program: String) -> URL {
    let tests = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
    return tests.deletingLastPathComponent().appending(path: program)
}

func start(
    _ arguments: [String],
    of program: String = "segkit",
    in folder: URL?,
    environment: [String: String]
) throws -> RunningCommand {
    let process = Process()
    process.executableURL = executable(program)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    // Nothing of the user's own cache.
    process.environment = ProcessInfo.processInfo.environment.merging(["SEGKIT_CACHE": "off"]) { _, new in new }
        .merging(environment) { _, new in new }
    // Files instead of pipes: nothing has to be read while the process runs.
    let stem = FileManager.default.temporaryDirectory.appending(path: "segkit-\(UUID().uuidString)")
    let files = [stem.appendingPathExtension("out"), stem.appendingPathExtension("err")]
    for file in files { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    try process.run()
    return RunningCommand(process: process, output: files[0], error: files[1])
}

/// A study that runs in seconds.
func smallStudy(epochs: Int = 1) -> String {
    """
    study: small
    output: out
    train:
      dataset: phantom
      settings: {resolution: 0.4, center: northern, count: 16}
      validationFraction: 0.4
    test:
      - dataset: phantom
        settings: {resolution: 0.4, center: eastern, count: 6, seed: 2}
    model:
      backbone: {name: unet, settings: {width: 2, depth: 2}}
      heads: {segmentation: 1, classification: 1}
    training: {epochs: \(epochs), imageSize: 16, batchSize: 4}
    metrics: {emptyMasks: undefinedWhenReferenceEmpty, bootstrapResamples: 200}
    arms:
      - name: multi-task
    """
}

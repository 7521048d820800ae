import ArgumentParser
import Foundation

// Exit codes are those of `segkit`: 2 for a command line that makes no sense, 1 for what cannot be done.
do {
    var command = try ScaffoldCommand.parseAsRoot()
    try command.run()
} catch  where ScaffoldCommand.exitCode(for: error) == .validationFailure {
    FileHandle.standardError.write(Data("\(ScaffoldCommand.fullMessage(for: error))\n".utf8))
    ScaffoldCommand.exit(withError: ExitCode(2))
} catch {
    ScaffoldCommand.exit(withError: error)
}

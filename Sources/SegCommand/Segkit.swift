import ArgumentParser
import Foundation
import SegCache
public import SegConfiguration
import SegCore
import SegInference
import SegProgress
public import SegSettings
import SegStudy
import SegTensor
import SegTraining

/// The command `segkit` as a library: a package's own program has every subcommand, with the package's own plugins.
///
/// Its `main.swift` is three lines:
///
/// ```swift
/// import MyPlugins
/// import SegCommand
/// try await Segkit.main(registry: .withMyPlugins())
/// ```
///
/// Usage and examples then name the program as its executable is called.
public enum Segkit {
    /// The plugins that study files and model files may name.
    @TaskLocal static var registry = PluginRegistry.standard

    /// Runs the command with the process's arguments, and ends the process with its exit code if that is not 0.
    ///
    /// Work is done on the calling thread, which training keeps busy.
    ///
    /// - Parameter registry: The plugins. What goes wrong while they are registered, such as a name that is taken, is
    ///   reported like any other error.
    ///
    /// - Throws: nothing as it stands. What goes wrong is reported in one line, and ends the process.
    @MainActor
    public static func main(registry: @autoclosure () throws -> PluginRegistry = .standard) async throws {
        openStandardDescriptors()
        CrashLine.install()
        unblockInterrupts()
        // A reader that went away, such as `head`, or a terminal, is not a reason to end a training.
        signal(SIGPIPE, SIG_IGN)
        do {
            try requireThreads()
            try requireText()
            try requireCommand()
            try $registry.withValue(try registry()) {
                var command = try RootCommand.parseAsRoot()
                try command.run()
            }
            try requirePrinted()
        } catch {
            end(with: error)
        }
    }

    /// What a command runs in: its plugins, a cache, progress on standard error, and the signals that stop it.
    ///
    /// - Parameters:
    ///   - jobs: how many things are done at a time.
    ///   - group: the processes that share one training, of which the first shows progress.
    static func context(
        cache: TensorCache?,
        _ interrupts: InterruptHandler,
        jobs: Int = 1,
        group: TrainingGroup = .alone
    ) -> RunContext {
        RunContext(
            registry: registry,
            cache: cache,
            observer: group.isFirst ? StageProgress(hasOneLine: jobs == 1) : SilentStudyObserver(),
            isCancelled: { interrupts.isInterrupted },
            group: group
        )
    }

    /// Opens what the parent has closed of input, output and standard error: otherwise the next file, such as a lock or the
    /// cache's index, would get its number, and progress would be written into that.
    private static func openStandardDescriptors() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest number that is free.
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// - Throws: a usage error for an output without a name, and ``SegmentationError`` for an argument that is not in
    ///   UTF-8, as names of files from an old system are: the program would look for a file of another name.
    private static func requireText() throws {
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let start = CommandLine.unsafeArgv[index] else { continue }
            if start.pointee == 0,
                let option = CommandLine.unsafeArgv[index - 1].flatMap({ String(validatingCString: $0) }),
                ["-o", "--output", "--summary", "--profile"].contains(option)
            {
                // Otherwise the working folder would be written to.
                throw ValidationError("\(option) is empty; is a variable not set?")
            }
            if String(validatingCString: start) != nil { continue }
            let shown = UnsafeBufferPointer(start: start, count: strlen(start)).map { byte in
                (32..<127).contains(byte)
                    ? String(UnicodeScalar(UInt8(byte))) : "\\x" + String(UInt8(bitPattern: byte), radix: 16)
            }
            throw SegmentationError(
                shown.joined(),
                "the argument is not in UTF-8",
                cure: "rename the file, for example with `convmv -f latin1 -t utf8 --notest FILE`"
            )
        }
    }

    /// - Throws: a usage error that names the nearest command for a word that is not one: to the parser that is an unexpected
    ///   argument of a command without arguments.
    private static func requireCommand() throws {
        var command: any ParsableCommand.Type = RootCommand.self
        for word in CommandLine.arguments.dropFirst() {
            let configuration = command.configuration
            let parts = configuration.subcommands
            guard !parts.isEmpty, configuration.defaultSubcommand == nil, !word.hasPrefix("-"), word != "help" else {
                return
            }
            let names = parts.compactMap { $0.configuration.commandName }
            guard let next = parts.first(where: { $0.configuration.commandName == word }) else {
                throw ValidationError(
                    "There is no command `\(word)`: \(SegmentationError.unknown(word, among: names).cure)"
                )
            }
            command = next
        }
    }

    /// - Throws: ``SegmentationError`` if `SEGKIT_THREADS` is not a number of threads.
    private static func requireThreads() throws {
        guard let text = ProcessInfo.processInfo.environment[WorkerPool.variable], !text.isEmpty,
            WorkerPool.threadCount(of: text) == nil
        else { return }
        throw SegmentationError(
            WorkerPool.variable,
            "is `\(text)`",
            cure: "set it to a number of threads from 1 to \(WorkerPool.most), or not at all"
        )
    }

    /// - Throws: ``SegmentationError`` if what was printed did not arrive, as on a full disk. A reader that went away
    ///   had enough.
    private static func requirePrinted() throws {
        guard fflush(nil) != 0, errno != EPIPE else { return }
        let reason = String(cString: strerror(errno))
        throw SegmentationError(
            "standard output",
            "not all could be written: \(reason)",
            cure: "what was to be printed is incomplete; run the command again with its output elsewhere"
        )
    }

    /// A parent may have started this process with Ctrl-C blocked; then nobody could stop it and have it save.
    private static func unblockInterrupts() {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGUSR1] { sigaddset(&signals, signal) }
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    /// The exit code of a command line that makes no sense, as most programs have it; that of data which makes none is 1.
    private static let wrongUsage: Int32 = 2

    /// Says what went wrong in one line, and ends the process.
    private static func end(with error: any Error) -> Never {
        // What a command has to say it has said.
        if let code = error as? ExitCode { RootCommand.exit(withError: code) }
        if RootCommand.exitCode(for: error) == .validationFailure {
            printToStandardError(RootCommand.fullMessage(for: error))
            RootCommand.exit(withError: ExitCode(wrongUsage))
        }
        guard RootCommand.exitCode(for: error) == .failure else { RootCommand.exit(withError: error) }
        if let cancelled = error as? TrainingCancelled {
            printToStandardError("\(cancelled)")
            RootCommand.exit(withError: ExitCode(130))
        }
        // Foundation's own errors describe themselves at length, in several lines.
        // The parser wraps what a command's validation throws, and knows how to tell it.
        let isWrapped = !(error is SegmentationError || error is CocoaError)
        let text =
            isWrapped ? RootCommand.message(for: error) : error is CocoaError ? error.localizedDescription : "\(error)"
        printToStandardError("error: " + text.split(whereSeparator: \.isNewline).joined(separator: " "))
        RootCommand.exit(withError: ExitCode.failure)
    }
}

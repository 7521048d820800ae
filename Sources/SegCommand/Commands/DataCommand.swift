import ArgumentParser

/// `segkit data`.
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract: "Check data sets, look at them, divide them without leaks, and look for leaks in a study.",
        subcommands: [DataCheckCommand.self, DataShowCommand.self, DataSplitCommand.self, DataAuditCommand.self]
    )
}

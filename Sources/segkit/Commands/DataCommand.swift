import ArgumentParser

/// `segkit data`.
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract: "Divide data sets without leaks, and look for leaks in a study.",
        subcommands: [DataSplitCommand.self, DataAuditCommand.self]
    )
}

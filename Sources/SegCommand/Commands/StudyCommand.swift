import ArgumentParser

/// `segkit study`
struct StudyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "study",
        abstract: "Run a study: train its arms on one data set, test them on others, write a report.",
        subcommands: [StudyRunCommand.self, StudyMergeCommand.self],
        defaultSubcommand: StudyRunCommand.self,
        // `--help` goes on to what is run without a subcommand, which has the options.
        helpNames: []
    )
}

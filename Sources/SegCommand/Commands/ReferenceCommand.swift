import ArgumentParser
import SegConfiguration

/// `segkit reference`
struct ReferenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reference",
        abstract: "Print everything that a study file can say, as Markdown.",
        discussion: """
            Every key with its kind of value, range, unit, default and meaning; then the plugins that the keys can name, with \
            their settings.

            EXAMPLES
              \(program) reference > StudyReference.md
            """
    )

    func run() { print(StudyReference(Segkit.registry).markdown, terminator: "") }
}

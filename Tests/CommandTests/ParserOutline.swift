import Foundation

/// What the argument parser accepts, as `--experimental-dump-help` prints it.
struct ParserOutline: Decodable {
    struct Command: Decodable {
        var commandName: String
        var defaultSubcommand: String?
        var discussion: String?
        var subcommands: [Command]?
        var arguments: [Argument]?

        /// The command and all below it.
        var all: [Command] { [self] + (subcommands ?? []).flatMap(\.all) }
    }

    struct Argument: Decodable {
        struct Name: Decodable {
            var kind: String
            var name: String
        }

        var kind: String
        var names: [Name]?
        var valueName: String?
        var isOptional: Bool
        var isRepeating: Bool
        var allValues: [String]?

        /// `--name` and `-n`.
        var spellings: [String] { (names ?? []).map { ($0.kind == "long" ? "--" : "-") + $0.name } }
    }

    var command: Command

    /// What is wrong with a command line, without the program's name; `nil` if nothing is.
    ///
    /// - Parameter isWhole: whether what is required must be there; text names commands with some of their options.
    func problem(of words: [String], isWhole: Bool) -> String? {
        var command = command
        var rest = words[...]
        while let next = command.subcommands?.first(where: { $0.commandName == rest.first }) {
            command = next
            rest = rest.dropFirst()
        }
        if let name = command.defaultSubcommand,
            let next = command.subcommands?.first(where: { $0.commandName == name })
        {
            command = next
        } else if command.subcommands?.isEmpty == false, let word = rest.first, !word.hasPrefix("-") {
            return "no command `\(word)`"
        }
        return Self.problem(of: rest, command.arguments ?? [], isWhole: isWhole)
    }

    private static func problem(of words: ArraySlice<String>, _ arguments: [Argument], isWhole: Bool) -> String? {
        var rest = words
        var (seen, values) = (Set<String>(), 0)
        while let word = rest.popFirst() {
            guard word.hasPrefix("-") else {
                values += 1
                continue
            }
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard let argument = arguments.first(where: { $0.spellings.contains(parts[0]) }) else {
                return "no option `\(word)`"
            }
            seen.formUnion(argument.spellings)
            guard argument.kind == "option" else { continue }
            guard let value = parts.count == 2 ? parts[1] : rest.popFirst() ?? (isWhole ? nil : "") else {
                return "`\(word)` lacks its value"
            }
            if isWhole, let all = argument.allValues, !all.contains(value) {
                return "`\(word)` does not take `\(value)`"
            }
        }
        let positionals = arguments.filter { $0.kind == "positional" }
        if values > positionals.count, !positionals.contains(where: \.isRepeating) { return "too many values" }
        guard isWhole else { return nil }
        if values < positionals.filter({ !$0.isOptional }).count { return "a value is missing" }
        let missing = arguments.first {
            $0.kind == "option" && !$0.isOptional && seen.isDisjoint(with: $0.spellings)
        }
        return missing.map { "`\($0.spellings.first ?? "")` is missing" }
    }
}

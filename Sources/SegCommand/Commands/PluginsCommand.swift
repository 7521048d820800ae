import ArgumentParser
import Foundation
import SegCore
import SegSettings
import SegStudy

/// `segkit plugins`
struct PluginsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugins",
        abstract: "List everything that study files can name, with every setting and its default.",
        discussion: """
            The names are those of study files. A program of your own adds plugins to a registry; see \
            Documentation/.

            EXAMPLES
              \(program) plugins
              \(program) plugins --json
            """
    )

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        if json {
            let kinds = Segkit.registry.listing.map { kind, plugins in
                (
                    kind,
                    ConfigurationValue.list(
                        plugins.map {
                            .table([
                                "name": .text($0.name), "summary": .text($0.summary), "settings": $0.defaults,
                            ])
                        }
                    )
                )
            }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            let value = ConfigurationValue.table(ConfigurationMembers(kinds))
            print(String(decoding: try encoder.encode(value), as: UTF8.self))
            return
        }
        for (kind, plugins) in Segkit.registry.listing {
            print("\(kind):")
            for plugin in plugins {
                print("  \(plugin.name)\(plugin.summary.isEmpty ? "" : " – \(plugin.summary)")")
                for line in Self.lines(plugin.defaults, prefix: "") { print("      \(line)") }
            }
            print("")
        }
    }

    private static func lines(_ value: ConfigurationValue, prefix: String) -> [String] {
        guard let members = value.members else { return ["\(prefix): \(text(value))"] }
        return members.sorted { $0.key < $1.key }.flatMap { key, value in
            lines(value, prefix: prefix.isEmpty ? key : "\(prefix).\(key)")
        }
    }

    private static func text(_ value: ConfigurationValue) -> String {
        switch value {
        case .null: "(not set)"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .text(let value): value
        case .written(let value, _): value
        case .list(let items): "[\(items.map(text).joined(separator: ", "))]"
        case .table(let members):
            "{\(members.sorted { $0.key < $1.key }.map { "\($0.key): \(text($0.value))" }.joined(separator: ", "))}"
        }
    }
}

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
            The names are those of study files. With names, each setting is printed with its kind of value, range, unit and \
            meaning; `\(program) reference` prints the same of everything. A program of your own adds plugins to a registry; \
            see Documentation/.

            EXAMPLES
              \(program) plugins
              \(program) plugins unet birads
              \(program) plugins --json
            """
    )

    @Argument(help: "Names of plugins, to print all that is known of their settings.")
    var names: [String] = []

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let listing = try chosen()
        if json {
            let kinds = listing.map { kind, plugins in (kind, ConfigurationValue.list(plugins.map(Self.value))) }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            let value = ConfigurationValue.table(ConfigurationMembers(kinds))
            print(String(decoding: try encoder.encode(value), as: UTF8.self))
            return
        }
        for (kind, plugins) in listing {
            print("\(kind):")
            for plugin in plugins {
                print("  \(plugin.name)\(plugin.summary.isEmpty ? "" : " – \(plugin.summary)")")
                for line in plugin.settings.flatMap({ Self.lines($0, isFull: !names.isEmpty) }) { print(line) }
            }
            print("")
        }
    }

    /// The plugins of the names, or all.
    ///
    /// - Throws: ``ArgumentParser/ValidationError`` for a name that no plugin has.
    private func chosen() throws -> [(kind: String, plugins: [PluginRegistry.Listed])] {
        let all = Segkit.registry.listing
        guard !names.isEmpty else { return all }
        let known = Set(all.flatMap { $0.plugins.map(\.name) })
        for name in names where !known.contains(name) {
            let error = SegmentationError.unknown("plugin", called: name, at: "plugins", among: known)
            throw ValidationError("\(error.problem): \(error.cure)")
        }
        return all.compactMap { kind, plugins in
            let chosen = plugins.filter { names.contains($0.name) }
            return chosen.isEmpty ? nil : (kind, chosen)
        }
    }

    /// A setting with its default and, where plugins are named, all that is known of it.
    private static func lines(_ setting: SettingDescription, isFull: Bool) -> [String] {
        let first = "      \(setting.key): \(setting.standard ?? "(not set)")"
        guard isFull else { return [first] }
        let range = [setting.range, setting.unit].compactMap(\.self).joined(separator: " ")
        let kind = setting.type + (range.isEmpty ? "" : ", \(range)")
        // The reference's links lead nowhere on a terminal.
        let meaning = setting.meaning.replacing(/\[([^\]]+)\]\([^)]*\)/) { $0.output.1 }
        return [first, "          \(kind.replacing("`", with: ""))"] + (meaning.isEmpty ? [] : ["          \(meaning)"])
    }

    private static func value(_ plugin: PluginRegistry.Listed) -> ConfigurationValue {
        let described = plugin.settings.map { setting in
            var members: ConfigurationMembers = ["key": .text(setting.key), "type": .text(setting.type)]
            members["unit"] = setting.unit.map(ConfigurationValue.text)
            members["range"] = setting.range.map(ConfigurationValue.text)
            members["default"] = setting.standard.map(ConfigurationValue.text)
            members["meaning"] = .text(setting.meaning)
            return ConfigurationValue.table(members)
        }
        return .table([
            "name": .text(plugin.name), "summary": .text(plugin.summary), "settings": plugin.defaults,
            "keys": .list(described),
        ])
    }
}

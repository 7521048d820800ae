import SegCore
import SegSettings

/// Rules about a plugin's name, its summary and its settings.
func checkDescription<Settings: PluginSettings>(
    name: String,
    summary: String,
    settings: Settings
) -> [ConformanceFailure] {
    var failures: [ConformanceFailure] = []
    let isPlain = name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
    if name.isEmpty || !isPlain {
        failures.append(
            ConformanceFailure("has-name", "the name '\(name)' is not made of letters, digits, - and _ alone")
        )
    }
    if !summary.contains(where: { !$0.isWhitespace }) || summary.contains(where: \.isNewline) {
        failures.append(ConformanceFailure("has-summary", "the summary '\(summary)' is not one line of text"))
    }
    do {
        failures += try checkSettings(settings)
    } catch {
        failures.append(ConformanceFailure("settings-round-trip", "\(error)"))
    }
    return failures
}

private func checkSettings<Settings: PluginSettings>(_ settings: Settings) throws -> [ConformanceFailure] {
    var failures: [ConformanceFailure] = []
    let defaults = try ConfigurationValue(encoding: Settings())
    guard let members = defaults.members else {
        return [ConformanceFailure("settings-round-trip", "the settings are \(defaults.kind), not a table of names")]
    }
    // A property that the encoding leaves out, such as an optional that is nil, could never be set in a file.
    let properties = Mirror(reflecting: Settings()).children.count
    if members.count < properties {
        failures.append(
            ConformanceFailure(
                "settings-listed",
                "\(properties) properties but only \(members.keys.sorted()) in configurations: give each a value"
            )
        )
    }
    for (subject, original) in [("defaults", Settings()), ("given", settings)] {
        let written = try ConfigurationValue(encoding: original)
        let reread = try ConfigurationValue(encoding: Settings(written, subject: subject))
        if written != reread {
            failures.append(ConformanceFailure("settings-round-trip", "the \(subject) settings read back as others"))
        }
    }
    let stranger = "no-such-setting"
    if (try? Settings(.table([stranger: .integer(1)]), subject: "settings")) != nil {
        failures.append(ConformanceFailure("settings-strict", "the unknown key \(stranger) is accepted"))
    }
    return failures
}

import Foundation
import SegCache
import SegCore
import SegData
import SegSettings

/// What a run is made of, as flat text: a checkpoint is resumed only by the run that wrote it.
struct RunFingerprint: Codable, Hashable {
    /// By name, such as `settings.epochs`.
    var entries: [String: String] = [:]

    private static let version = "training version"
    /// What may change from outside while the study stays as it is.
    private static let samples = ["training samples", "validation samples", "starting weights", "published weights"]

    init(
        version: Int,
        settings: TrainingSettings,
        seed: UInt64,
        configuration: ConfigurationValue?,
        model: MultiTaskModel,
        training: [StreamedSample],
        validation: [StreamedSample],
        startingWeights: String? = nil
    ) throws {
        entries[Self.version] = "\(version)"
        entries["seed"] = "\(seed)"
        add("settings", try TrainingSettings.withoutLaterDefaults(ConfigurationValue(encoding: settings)))
        if let configuration { add("configuration", try ConfigurationValue(encoding: configuration)) }
        for head in model.heads { entries["heads.\(head.name).weight"] = "\(head.weight)" }
        for term in model.terms { entries["terms.\(term.name).weight"] = "\(term.weight)" }
        if let hash = model.publishedWeights?.hash { entries["published weights"] = hash }
        entries[Self.samples[0]] = Self.digest(training)
        entries[Self.samples[1]] = Self.digest(validation)
        entries[Self.samples[2]] = startingWeights
    }

    private mutating func add(_ name: String, _ value: ConfigurationValue) {
        switch value {
        case .table(let members): for (key, member) in members { add("\(name).\(key)", member) }
        case .list(let values): for (index, value) in values.enumerated() { add("\(name)[\(index)]", value) }
        case .null: break
        case .bool(let value): entries[name] = "\(value)"
        case .integer(let value): entries[name] = "\(value)"
        case .number(let value): entries[name] = "\(value)"
        case .text(let value): entries[name] = value
        case .written(_, let value): add(name, value)
        }
    }

    /// The version of training. Checkpoints of the first one do not name it.
    var trainingVersion: Int { entries[Self.version].flatMap { Int($0) } ?? 1 }

    /// Whether a checkpoint is of this very training, but for the samples' pixels, labels or division, or the content of the
    /// file that it started from.
    func differsInSamplesAlone(from saved: RunFingerprint) -> Bool {
        var (own, other) = (entries, renamed(saved.entries))
        guard Self.samples.contains(where: { own[$0] != other[$0] }) else { return false }
        for name in Self.samples { (own[name], other[name]) = (nil, nil) }
        return own == other
    }

    /// What differs from the run that wrote a checkpoint, in words; `nil` if nothing does.
    func difference(from saved: RunFingerprint) -> String? {
        var saved = saved
        saved.entries = renamed(saved.entries)
        saved.entries[Self.version] = "\(saved.trainingVersion)"
        let differing = Set(entries.keys).union(saved.entries.keys).sorted()
            .filter { entries[$0] != saved.entries[$0] }
        guard !differing.isEmpty else { return nil }
        let some = differing.prefix(3).map { key in
            "\(key) was \(saved.entries[key] ?? "not set") and is \(entries[key] ?? "not set")"
        }
        let rest = differing.count - some.count
        return some.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }

    /// A checkpoint's entries in this run's spelling: what was `normalisation` then and is `normalization` now is the same.
    private func renamed(_ saved: [String: String]) -> [String: String] {
        var result: [String: String] = [:]
        for (key, value) in saved {
            let present = key.split(separator: ".").map { FormerSpelling.present(String($0)) }.joined(separator: ".")
            let name = entries[key] == nil && entries[present] != nil ? present : key
            result[name] = entries[name] == FormerSpelling.present(value) ? entries[name] : value
        }
        return result
    }

    /// The number of samples and a digest of their ids, labels and pixels.
    private static func digest(_ samples: [StreamedSample]) -> String {
        var components = CacheKey.Components()
        for sample in samples {
            components.add("id", sample.record.id)
            components.add("pathology", sample.record.pathology?.rawValue ?? "")
            components.add("content", sample.contentHash)
        }
        return "\(samples.count) with digest \(components.key)"
    }
}

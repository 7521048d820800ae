import Foundation
import SegCore
import SegData

/// What a run is made of, as flat text: a checkpoint is resumed only by the run that wrote it.
struct RunFingerprint: Codable, Hashable {
    /// By name, such as `settings.epochs`.
    var entries: [String: String] = [:]

    init(
        settings: TrainingSettings,
        seed: UInt64,
        configuration: ConfigurationValue?,
        model: MultiTaskModel,
        training: [PreparedSample],
        validation: [PreparedSample]
    ) throws {
        entries["seed"] = "\(seed)"
        add("settings", try ConfigurationValue(encoding: settings))
        if let configuration { add("configuration", try ConfigurationValue(encoding: configuration)) }
        for head in model.heads { entries["heads.\(head.name).weight"] = "\(head.weight)" }
        for term in model.terms { entries["terms.\(term.name).weight"] = "\(term.weight)" }
        entries["training samples"] = Self.digest(training)
        entries["validation samples"] = Self.digest(validation)
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
        }
    }

    /// What differs from the run that wrote a checkpoint, in words; `nil` if nothing does.
    func difference(from saved: RunFingerprint) -> String? {
        let differing = Set(entries.keys).union(saved.entries.keys).sorted()
            .filter { entries[$0] != saved.entries[$0] }
        guard !differing.isEmpty else { return nil }
        let some = differing.prefix(3).map { key in
            "\(key) was \(saved.entries[key] ?? "not set") and is \(entries[key] ?? "not set")"
        }
        let rest = differing.count - some.count
        return some.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }

    /// The number of samples and a 64-bit digest of their ids, labels and pixels (FNV-1a over words).
    private static func digest(_ samples: [PreparedSample]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ word: UInt64) { hash = (hash ^ word) &* 0x100_0000_01b3 }
        func add(_ text: String) {
            for byte in text.utf8 { add(UInt64(byte)) }
            add(256)
        }
        for sample in samples {
            add(sample.record.id)
            add(sample.record.pathology?.rawValue ?? "")
            for plane in [sample.image, sample.mask] {
                plane.withUnsafeBufferPointer { for value in $0 { add(UInt64(value.bitPattern)) } }
            }
        }
        return "\(samples.count) with digest \(String(hash, radix: 16))"
    }
}

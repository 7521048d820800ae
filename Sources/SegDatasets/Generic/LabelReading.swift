import Foundation
import SegCore

/// How a data set without an adapter of its own knows its further labels: by files of their own, or by values of the
/// lesion's mask files.
struct LabelReading: Hashable, Sendable {
    /// The labels.
    let set: LabelSet
    /// Of labels that mask files store, their values there.
    let values: [String: Set<Int>]
    /// Whether images without a file of a label do not show it; otherwise they are an error.
    let masksOptional: Bool

    /// The lesion alone.
    static let none = LabelReading(set: .lesionOnly, values: [:], masksOptional: false)

    private init(set: LabelSet, values: [String: Set<Int>], masksOptional: Bool) {
        self.set = set
        self.values = values
        self.masksOptional = masksOptional
    }

    /// - Parameters:
    ///   - rule: of the lesion's masks.
    ///   - values: of the labels that these files store.
    ///   - files: the labels with files of their own.
    ///   - key: the setting that names those files, for messages.
    ///   - exclusive: whether labels exclude each other; if `nil`, they do where all are values that differ.
    ///
    /// - Throws: ``SegmentationError`` for values without the rule `labels`, a label that is the lesion in part, and
    ///   labels that exclude each other but share values.
    init(
        rule: MaskRule,
        values: [String: Set<Int>],
        files: some Sequence<String>,
        key: String = "labelMasks",
        exclusive: Bool?,
        masksOptional: Bool = false
    ) throws {
        let files = files.sorted()
        guard !files.contains(LabelSet.lesionName) else {
            throw SegmentationError(
                "\(key).\(LabelSet.lesionName)",
                "the lesion has its masks already, as every data set does",
                cure: key == "labelMasks"
                    ? "name its files in `masks`, and further labels alone here"
                    : "name its file in the column `mask`, and further labels alone here"
            )
        }
        var names = files + values.keys.sorted()
        guard !names.isEmpty else {
            guard exclusive == nil, !masksOptional else {
                throw SegmentationError(
                    exclusive == nil ? "labelMasksOptional" : "exclusiveLabels",
                    "is set, but the lesion is the only label",
                    cure: "remove it, or name labels"
                )
            }
            self = .none
            return
        }
        var parts: [String] = []
        var isDivided = false
        if !values.isEmpty {
            guard case .labels(let lesion) = rule else {
                throw SegmentationError(
                    "labelValues",
                    "is set although maskRule is `\(rule.name)`",
                    cure: "set `maskRule: labels` and list the lesion's values in `labels`"
                )
            }
            for (name, own) in values.sorted(by: { $0.key < $1.key }) {
                guard !own.isEmpty, !own.contains(0) else {
                    throw SegmentationError(
                        "labelValues.\(name)",
                        own.isEmpty ? "is empty" : "has the value 0, which is background",
                        cure: "list the values of the label, from 1"
                    )
                }
                if own.isSubset(of: lesion) { parts.append(name) }
                guard own.isSubset(of: lesion) || own.isDisjoint(with: lesion) else {
                    throw SegmentationError(
                        "labelValues.\(name)",
                        "shares values with the lesion in part",
                        cure: "give the lesion all of its values, or none"
                    )
                }
            }
            isDivided = parts.reduce(into: Set<Int>()) { $0.formUnion(values[$1] ?? []) } == lesion
            guard values[LabelSet.lesionName] == nil || values[LabelSet.lesionName] == lesion else {
                throw SegmentationError(
                    "labelValues.lesion",
                    "differs from the values that are the lesion",
                    cure: "give both the same values"
                )
            }
            guard parts.isEmpty || isDivided else {
                throw SegmentationError(
                    "labelValues",
                    "labels cover only a part of the lesion (\(parts.joined(separator: ", "))), and the rest of it has no label",
                    cure: "name all labels that the lesion consists of, or none"
                )
            }
        }
        if !isDivided { names.insert(LabelSet.lesionName, at: 0) }
        let count = values.values.reduce(0) { $0 + $1.count }
        let differ = Set(values.values.joined()).count == count
        let isExclusive = exclusive ?? (files.isEmpty && differ)
        guard !isExclusive || differ else {
            throw SegmentationError(
                "exclusiveLabels",
                "is set although labels share values",
                cure: "give each label values of its own"
            )
        }
        set = try LabelSet(names, isExclusive: isExclusive, lesion: isDivided ? parts : nil)
        self.values = values
        self.masksOptional = masksOptional
    }

    /// For ``SegCore/DatasetAdapter/decodingVersion``; empty without further labels.
    var version: String {
        guard set != .lesionOnly else { return "" }
        let stored = values.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.sorted())" }
        return ", labels \(set.names) \(stored.joined(separator: " "))"
    }

    /// The files of further labels of an image.
    ///
    /// - Throws: ``SegmentationError`` naming an image without one.
    func files(_ files: [String: [URL]], image: URL) throws -> [String: [URL]] {
        var result: [String: [URL]] = [:]
        for name in set.further where values[name] == nil {
            let own = files[name] ?? []
            guard !own.isEmpty || masksOptional else {
                throw SegmentationError(
                    image.path,
                    "the image has no mask of the label `\(name)`",
                    cure: "add the mask, or set `labelMasksOptional: true` if such images do not show it"
                )
            }
            result[name] = own
        }
        return result
    }

    /// The masks of further labels, in the order of the names.
    ///
    /// - Parameter read: reads a mask by a rule, in the image's size.
    func masks(
        of record: SampleRecord,
        width: Int,
        height: Int,
        rule: MaskRule,
        read: (URL, MaskRule) throws -> Mask
    ) throws -> [LabelMask] {
        // A file of one label has nothing else in it.
        let own: MaskRule = if case .labels = rule { .nonzero } else { rule }
        let drawn = try set.masks(of: record, width: width, height: height) { try read($0, own) }
        return try set.further.map { name in
            if let mask = drawn.first(where: { $0.name == name }) { return mask }
            var joined = Mask(emptyWithWidth: width, height: height)
            for file in record.maskFiles + record.emptyMaskFiles {
                try joined.formUnion(read(file, .labels(values[name] ?? [])), of: file)
            }
            return LabelMask(name, joined)
        }
    }
}

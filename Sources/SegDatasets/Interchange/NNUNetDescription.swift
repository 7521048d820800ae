import Foundation
import SegCore
import SegFiles
import SegTables

/// What `dataset.json` says.
struct NNUNetDescription: Sendable {
    let file: URL
    /// The ending of all files' names, with its point.
    let ending: String
    /// The training cases that there should be; `nil` if the file does not say.
    let trainingCount: Int?
    /// The values that a name stands for: one, or several for a region.
    private let values: [String: Set<Int>]

    /// - Throws: ``SegmentationError`` naming the file if it is missing or damaged, or names files that are not read.
    init(file: URL) throws {
        self.file = file
        let content = try JSONValue.read(file)
        let stated = content["file_ending"]?.written
        guard let ending = stated, [".png", ".tif", ".tiff", ".bmp"].contains(ending.lowercased()) else {
            throw SegmentationError(
                file.path,
                stated.map { "the files end in \($0), which is not read" }
                    ?? "there is no file_ending: this is version 1, whose files are NIfTI, which is not read",
                cure: "convert images and labels to PNG or TIFF and set file_ending, as nnU-Net version 2 has it"
            )
        }
        self.ending = ending
        trainingCount = content["numTraining"]?.integer
        guard let labels = content["labels"]?.members else {
            throw SegmentationError(
                file.path,
                "the JSON cannot be understood: it lacks labels",
                cure: "write them as nnU-Net version 2 has them: \"labels\": {\"background\": 0, \"lesion\": 1}"
            )
        }
        values = try labels.reduce(into: [:]) { $0[$1.key] = try Self.numbers($1.value, name: $1.key, file: file) }
    }

    private static func numbers(_ value: JSONValue, name: String, file: URL) throws -> Set<Int> {
        if let number = value.integer { return [number] }
        if let list = value.list {
            return try list.reduce(into: []) { $0.formUnion(try numbers($1, name: name, file: file)) }
        }
        throw SegmentationError(
            file.path,
            "the label \(name) is neither a number nor a list of numbers",
            cure: "write it as nnU-Net version 2 has it: \"lesion\": 1"
        )
    }

    /// Every value that a label image may hold.
    var declared: Set<Int> { values.values.reduce(into: []) { $0.formUnion($1) } }

    /// The values of labels that are lesion: those named, or all but background and ignore.
    ///
    /// - Throws: ``SegmentationError`` for a name that is not a label, and if no label is left.
    func labels(of names: [String]) throws -> Set<Int> {
        let known = values.keys.naturallySorted()
        if let unknown = names.first(where: { values[$0] == nil }) {
            throw SegmentationError.unknown("label", called: unknown, at: file.path, among: known)
        }
        let chosen = names.isEmpty ? known.filter { !["background", "ignore"].contains($0.lowercased()) } : names
        let labels = chosen.reduce(into: Set<Int>()) { $0.formUnion(values[$1] ?? []) }
        guard !labels.isEmpty, !labels.contains(0) else {
            throw SegmentationError(
                file.path,
                labels.isEmpty ? "there is no label that is lesion" : "a lesion has the value 0, which is background",
                cure: "give lesions numbers from 1 in `labels`"
            )
        }
        return labels
    }

    /// What to doubt where all labels but background make the lesion, and nobody said so: `lesion` and `muscle`. Labels of
    /// which one holds all others are regions, and no doubt.
    var joinedDoubt: String? {
        let names = values.keys.filter { !["background", "ignore"].contains($0.lowercased()) }
        let all = names.reduce(into: Set<Int>()) { $0.formUnion(values[$1] ?? []) }
        guard names.count > 1, !names.contains(where: { values[$0] == all }) else { return nil }
        return
            "the labels \(StoredMask.list(names.naturallySorted())) of \(file.lastPathComponent) all count as lesion; "
            + "list the ones that are lesions in `lesion`"
    }

    /// How labels get masks of their own.
    ///
    /// - Throws: as ``labels(of:)``, and for a lesion of which only a part is among the names.
    func labelReading(_ names: [String], rule: MaskRule) throws -> LabelReading {
        guard !names.isEmpty else { return .none }
        _ = try labels(of: names)
        let chosen = Dictionary(uniqueKeysWithValues: Set(names).map { ($0, values[$0] ?? []) })
        do {
            return try LabelReading(rule: rule, values: chosen, files: [], exclusive: nil)
        } catch let error as SegmentationError where error.subject != "labels" {
            throw SegmentationError(
                "labels",
                error.problem,
                cure: "name the labels that are lesion in `lesion`, and all of them in `labels`"
            )
        }
    }
}

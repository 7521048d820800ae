import Foundation
import SegCore
import SegFiles
import SegSettings

/// What `dataset.json` says.
struct NNUNetDescription: Sendable {
    let file: URL
    /// The ending of all files' names, with its point.
    let ending: String
    /// The values that a name stands for: one, or several for a region.
    private let values: [String: Set<Int>]

    private struct Content: Decodable {
        var labels: [String: ConfigurationValue]
        var ending: String?

        enum CodingKeys: String, CodingKey {
            case labels
            case ending = "file_ending"
        }
    }

    /// Throws: ``SegmentationError`` naming the file if it is missing or damaged, or names files that are not read.
    init(file: URL) throws {
        self.file = file
        let content = try JSONTable.decode(Content.self, file)
        guard let ending = content.ending, [".png", ".tif", ".tiff"].contains(ending.lowercased()) else {
            throw SegmentationError(
                file.path,
                content.ending.map { "the files end in \($0), which is not read" }
                    ?? "there is no file_ending: this is version 1, whose files are NIfTI, which is not read",
                cure: "convert images and labels to PNG or TIFF and set file_ending, as nnU-Net version 2 has it"
            )
        }
        self.ending = ending
        var values: [String: Set<Int>] = [:]
        for (name, value) in content.labels { values[name] = try Self.numbers(value, name: name, file: file) }
        self.values = values
    }

    private static func numbers(_ value: ConfigurationValue, name: String, file: URL) throws -> Set<Int> {
        switch value {
        case .integer(let number): return [number]
        case .list(let list): return try list.reduce(into: []) { $0.formUnion(try numbers($1, name: name, file: file)) }
        default:
            throw SegmentationError(
                file.path,
                "the label \(name) is no number and no list of numbers",
                cure: "write it as nnU-Net version 2 has it: \"lesion\": 1"
            )
        }
    }

    /// The values of labels that are lesion: those named, or all but background and ignore.
    ///
    /// Throws: ``SegmentationError`` for a name that is no label, and where nothing is left.
    func labels(of names: [String]) throws -> Set<Int> {
        let known = values.keys.naturallySorted()
        if let unknown = names.first(where: { values[$0] == nil }) {
            throw SegmentationError(
                file.path,
                "there is no label \(unknown)",
                cure: "use one of: \(known.joined(separator: ", "))"
            )
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
}

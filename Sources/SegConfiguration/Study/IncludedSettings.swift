package import Foundation
import SegCore
import SegInterop
import SegSettings

/// A file of settings that a study, or one of its arms, includes: what the file says of `model` and `training` lies under what
/// the study or arm says itself.
public struct IncludedSettings: Hashable, Sendable {
    /// The file as the study names it.
    public var file: String
    /// The arm that includes it; `nil` for the study as a whole.
    public var arm: String?
    /// SHA-256 of the file's bytes, in lower-case hexadecimal digits.
    public var hash: String
    /// What the file says of where its settings come from: its `chosen`, as a study with `choice` writes it.
    public var origin: String?
    /// Where the file is.
    package var url: URL
}

/// The files that a study includes, by what includes them.
struct StudyIncludes {
    static let key = "include"
    static let keys: [SettingDescription] = [
        .init("chosen", "text, or table", "Where the settings come from, as a study with `choice` writes it"),
        .init("model", "table", "What lies under the [model](#model) of the study or arm"),
        .init("training", "table", "What lies under the [training](#training) of the study or arm"),
    ]

    private struct Included {
        var document: ConfigurationDocument
        var tree: ConfigurationValue
    }

    private var included: [String: Included] = [:]
    /// In the order of the study.
    private(set) var files: [IncludedSettings] = []

    /// Reads the files that the study and its arms name, by paths from the study file's own folder.
    ///
    /// - Throws: ``SegmentationError`` naming the study's line for a file that is missing or no text, and the file and
    ///   its line for one that is not YAML or has other keys.
    init(_ study: ConfigurationDocument) throws {
        try read(study.value, of: study, path: "", arm: nil)
        guard case .list(let arms)? = study.value.members?["arms"] else { return }
        for (index, arm) in arms.enumerated() {
            let name = arm.members?["name"]?.name ?? "\(index + 1)"
            try read(arm, of: study, path: "arms[\(index)]", arm: name)
        }
    }

    private mutating func read(
        _ value: ConfigurationValue,
        of study: ConfigurationDocument,
        path: String,
        arm: String?
    ) throws {
        guard let stated = value.members?[Self.key] else { return }
        let subject = path.isEmpty ? Self.key : "\(path).\(Self.key)"
        guard let file = stated.name, !file.isEmpty else {
            let cure = "write the path of one file after `\(Self.key):`"
            throw study.placed(SegmentationError(subject, "is not the name of a file", cure: cure))
        }
        let url = URL(fileURLWithPath: file, relativeTo: study.folder).absoluteURL
        let document: ConfigurationDocument
        do {
            document = try ConfigurationDocument(contentsOf: url, name: file)
        } catch let error as SegmentationError where error.subject == file {
            throw study.placed(SegmentationError(subject, "\(file): \(error.problem)", cure: error.cure))
        }
        let table: ConfigurationTable
        do {
            table = try ConfigurationTable(document.value, path: "", keys: Self.keys)
        } catch var error as SegmentationError {
            error.problem += " in a file that a study includes"
            throw document.placed(error)
        }
        included[path] = Included(document: document, tree: ArmReader.ownTree(of: table))
        files.append(
            IncludedSettings(
                file: file,
                arm: arm,
                hash: SHA256.hex(of: [UInt8](try Data(contentsOf: url))),
                origin: Self.origin(table["chosen"]),
                url: url
            )
        )
    }

    /// What is included at `arms[1]`, or at the empty path of the study; nothing where nothing is.
    subscript(path: String) -> ConfigurationValue { included[path]?.tree ?? .null }

    /// The error with the line of the included file that it is about; `nil` if it is about none.
    func placed(_ error: SegmentationError, in study: ConfigurationDocument) -> SegmentationError? {
        guard study.ownLine(of: error.subject) == nil else { return nil }
        for (path, included) in included.sorted(by: { $0.key > $1.key }) {
            let prefix = path.isEmpty ? "" : "\(path)."
            guard error.subject.hasPrefix(prefix) else { continue }
            let key = String(error.subject.dropFirst(prefix.count))
            guard included.document.ownLine(of: key) != nil else { continue }
            return included.document.placed(SegmentationError(key, error.problem, cure: error.cure))
        }
        return nil
    }

    private static func origin(_ chosen: ConfigurationValue?) -> String? {
        guard let chosen else { return nil }
        guard let members = chosen.members else { return chosen.name }
        return members.map { "\($0.key): \($0.value.name ?? (try? $0.value.yaml()) ?? "")" }.joined(separator: "; ")
    }
}

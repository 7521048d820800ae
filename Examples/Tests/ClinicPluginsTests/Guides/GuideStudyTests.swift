import ClinicPlugins
import Foundation
import SegConfiguration
import SegCore
import SegSettings
import Testing

/// The YAML of the documents is read as parts of a study.
@Suite("Studies of the guides")
struct GuideStudyTests {
    /// What the parts lie over; its arms have the names that the guides use.
    private static let base = """
        study: guide
        seeds: [1, 2]
        train: {dataset: phantom}
        test: [{dataset: phantom}]
        metrics: {emptyMasks: undefinedWhenReferenceEmpty}
        model:
          backbone: {name: unet}
          heads: {segmentation: {weight: 1}, classification: {weight: 1}}
        """

    private static let arms = """
        arms:
          - {name: multi-task}
          - {name: consistency, model: {terms: {birads: {weight: 1}}}}
          - {name: gentle}
          - {name: gentle-batch}
          - {name: strict}
          - {name: strict-batch}
          - {name: cut-off}
          - {name: cut-off-batch}
        """

    /// Tables key by key, what lies above in place of all else.
    private static func laid(_ below: ConfigurationValue, _ above: ConfigurationValue) -> ConfigurationValue {
        guard let lower = below.members, let upper = above.members else { return above }
        return .table(lower.merging(upper) { laid($0, $1) })
    }

    /// JSON, which is YAML too.
    private static func written(_ value: ConfigurationValue) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    /// Where a part belongs in a study, by its keys.
    private static func study(_ part: ConfigurationValue) throws -> ConfigurationValue {
        let keys = Set(try #require(part.members).keys)
        let study = StudyReference()
        func listed(_ title: String) -> Set<String> {
            Set(study.tables.first { $0.title == title }?.keys.map(\.key) ?? [])
        }
        if keys.isSubset(of: listed("study")) {
            return part
        } else if keys.isSubset(of: listed("model")) {
            return .table(["model": part])
        } else if keys.isSubset(of: listed("test")) {
            let named = keys.contains("folder") ? part : laid(part, .table(["folder": .text("/data/clinic")]))
            return .table(["test": .list([named])])
        } else if keys.isSubset(of: listed("train").union(listed("train.split")).union(["split"])) {
            return .table(["train": part])
        }
        return .table(["training": .table(["augmentation": part])])
    }

    /// The arms of a part, and those that it may refer to.
    private static func allArms(_ part: ConfigurationValue) throws -> ConfigurationValue {
        func arms(_ value: ConfigurationValue) -> [ConfigurationValue] {
            if case .list(let arms)? = value.members?["arms"] { arms } else { [] }
        }
        let own = arms(part)
        let names = own.map { $0.members?["name"] }
        let others = arms(try ConfigurationDocument(text: Self.arms, name: "arms").value)
        return .table(["arms": .list(own + others.filter { !names.contains($0.members?["name"]) })])
    }

    @Test("Every block of YAML is read")
    func blocks() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "guide-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // What `segkit study` writes as the choice of a finished study.
        try Data("training: {learningRate: 0.001}\n".utf8).write(to: folder.appending(path: "choice.yaml"))
        let file = folder.appending(path: "study.yaml")
        let blocks = try Guides.blocks("yaml")
        #expect(blocks.count > 30)
        let registry = try PluginRegistry.withClinicPlugins()
        for block in blocks {
            for text in block.text.replacing("${SEGKIT_DATA}", with: "/data").split(separator: /(?m)^---$/) {
                #expect(throws: Never.self, "\(block)") {
                    let part = try Self.study(ConfigurationDocument(text: String(text), name: "part").value)
                    let base = try ConfigurationDocument(text: Self.base, name: "base").value
                    try Data(Self.written(Self.laid(Self.laid(base, part), Self.allArms(part))).utf8).write(to: file)
                    _ = try StudyConfiguration(contentsOf: file, registry: registry)
                }
            }
        }
    }

    @Test("A key that no study has is noticed")
    func wrong() throws {
        let part = try Self.study(ConfigurationDocument(text: "rotatoin: 20", name: "part").value)
        let base = try ConfigurationDocument(text: Self.base, name: "base").value
        let document = try ConfigurationDocument(text: Self.written(Self.laid(base, part)), name: "study")
        #expect(throws: SegmentationError.self) { try StudyConfiguration(document, registry: .standard) }
    }
}

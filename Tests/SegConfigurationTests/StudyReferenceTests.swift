import Foundation
import SegConfiguration
import SegCore
import SegSettings
import SegTraining
import TestSupport
import Testing

/// The reference of study files lists what their reader accepts, no more and no less.
@Suite("The reference of study files")
struct StudyReferenceTests {
    private static let reference = StudyReference()

    @Test("Documentation/StudyReference.md is what `segkit reference` prints")
    func document() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Documentation/StudyReference.md")
        let written = try String(contentsOf: file, encoding: .utf8)
        #expect(
            written == Self.reference.markdown,
            "make it again: segkit reference > Documentation/StudyReference.md"
        )
    }

    @Test("Every plugin's settings are listed with kind and meaning, and nothing else is")
    func plugins() {
        for (kind, plugins) in PluginRegistry.standard.listing {
            for plugin in plugins {
                let known = Set(Self.paths(plugin.defaults, under: ""))
                #expect(Set(plugin.settings.map(\.key)) == known, "\(kind) \(plugin.name)")
                let unexplained = plugin.settings.filter { $0.meaning.isEmpty || $0.type.isEmpty }
                #expect(unexplained.isEmpty, "\(kind) \(plugin.name)")
            }
        }
    }

    @Test("Every key of a training is listed with kind and meaning, and nothing else is")
    func training() throws {
        let defaults = try ConfigurationValue(encoding: TrainingSettings())
        let described = TrainingSettings.descriptions
        #expect(Set(described.map(\.key)) == Set(Self.paths(defaults, under: "")))
        #expect(described.filter(\.meaning.isEmpty).isEmpty)
        let speckle = try #require(described.first { $0.key == "augmentation.speckle.strength" })
        #expect(speckle.range == "0 to 2")
        #expect(described.first { $0.key == "augmentation.blur.probability" }?.range == "0 to 1")
        #expect(described.first { $0.key == "learningRate" }?.range == "above 0, to 10")
        #expect(described.first { $0.key == "selectionMetric" }?.type == "one of `dice`, `auroc`, `mean`, `last`")
    }

    private static func paths(_ value: ConfigurationValue, under path: String) -> [String] {
        (value.members ?? [:]).flatMap { key, value in
            let key = path.isEmpty ? key : "\(path).\(key)"
            return value.members?.isEmpty == false ? paths(value, under: key) : [key]
        }
    }

    /// Where each table of the reference stands in the study below.
    private static let places: [String: [String]] = [
        "study": [], "train": ["train"], "train.split": ["train", "split"], "test": ["test", "0"],
        "metrics": ["metrics"], "model": ["model"], "model.backbone": ["model", "backbone"],
        "model.heads and terms": ["model", "heads", "segmentation"], "arms": ["arms", "1"],
        "inference": ["inference"], "inference.rules": ["inference", "rules"], "ablations": ["ablations"],
        "choice": ["choice"], "choice.provided": ["choice", "provided"], "card": ["card"],
    ]

    private static let text = """
        study: s
        train: {dataset: phantom, split: {folds: 3}}
        test: [{dataset: phantom}]
        metrics: {emptyMasks: undefinedWhenReferenceEmpty}
        model: {backbone: {name: unet}, heads: {segmentation: {weight: 1}, classification: {weight: 1}}}
        training: {}
        inference: {rules: {largest: true}}
        arms: [{name: a}, {name: b}, {name: c}]
        ablations: {sweep: {training.epochs: [1, 2]}}
        choice: {among: [a, b], provided: {measure: dice, above: a}}
        card: {license: MIT}
        """

    @Test("The reader accepts the keys of each table and refuses all others", arguments: places.keys.sorted())
    func table(_ title: String) throws {
        let study = try ConfigurationDocument(text: Self.text, name: "study").value
        let place = try #require(Self.places[title])
        let listed = try #require(Self.reference.tables.first { $0.title == title }).keys.map(\.key)
        for key in Self.names {
            let document = try ConfigurationDocument(
                text: Self.adding(key, to: study, at: place[...]).yaml(),
                name: "study"
            )
            #expect(
                Self.isRefused(key) { try StudyConfiguration(document, registry: .standard) } != listed.contains(key)
            )
        }
    }

    @Test("An included file may have the keys of its table and no others")
    func included() throws {
        let folder = try TemporaryFolder()
        let listed = try #require(Self.reference.tables.first { $0.title == "An included file" }).keys.map(\.key)
        let study = folder.appending("study.yaml")
        try Data("include: included.yaml\n\(Self.text)".utf8).write(to: study)
        for key in Self.names {
            try Data("\(key):\n".utf8).write(to: folder.appending("included.yaml"))
            let isRefused = Self.isRefused(key) { try StudyConfiguration(contentsOf: study, registry: .standard) }
            #expect(isRefused != listed.contains(key), "\(key)")
        }
    }

    @Test("Every table of the reference is tried")
    func allTables() {
        let others = ["training", "An included file"]
        #expect(Set(Self.reference.tables.map(\.title)) == Set(Self.places.keys).union(others))
    }

    /// Every key of any table, and one of none.
    private static let names = Set(reference.tables.filter { $0.title != "training" }.flatMap(\.keys).map(\.key))
        .union(["nonsense"]).sorted()

    private static func isRefused(_ key: String, _ read: () throws -> StudyConfiguration) -> Bool {
        do {
            _ = try read()
            return false
        } catch let error as SegmentationError {
            return error.problem.hasPrefix(SegmentationError.unknown(key, among: ["x"]).problem)
                && error.subject.hasSuffix(key)
        } catch {
            return false
        }
    }

    /// The tree with a key that has no value at a place, unless there is one.
    private static func adding(
        _ key: String,
        to value: ConfigurationValue,
        at place: ArraySlice<String>
    ) -> ConfigurationValue {
        if case .list(var items) = value, let index = place.first.flatMap({ Int($0) }) {
            items[index] = adding(key, to: items[index], at: place.dropFirst())
            return .list(items)
        }
        var members = value.members ?? [:]
        if let next = place.first {
            members[next] = adding(key, to: members[next] ?? .null, at: place.dropFirst())
        } else if members[key] == nil {
            members[key] = .null
        }
        return .table(members)
    }
}

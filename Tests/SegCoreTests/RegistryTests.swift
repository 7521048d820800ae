import Foundation
import SegCore
import SegSettings
import SegTensor
import Testing

@Suite("The registry of plugins")
struct RegistryTests {
    private func registry() throws -> PluginRegistry {
        var registry = PluginRegistry()
        try registry.add(backbone: FakeBackbone.self)
        try registry.add(head: FakeHead.self)
        try registry.add(term: FakeTerm.self)
        try registry.add(dataset: "clinic", summary: "A clinic") { FakeAdapter(name: $0.lastPathComponent) }
        struct Size: PluginSettings { var count = 3 }
        try registry.add(synthetic: "drawn", settings: Size.self) { FakeAdapter(name: "\($0.count) images") }
        return registry
    }

    @Test("makes each kind of plugin from its name and a configuration")
    func making() throws {
        let registry = try registry()
        var initializer = WeightInitializer(seed: 1)
        let backbone = try registry.backbone("fake", subject: "backbone").make(
            .table(["width": .integer(7)]),
            "backbone",
            registry,
            2,
            &initializer
        )
        #expect(backbone.outline.denseChannels == 7)
        #expect(backbone.parameters.first?.parameter.shape == [7, 2, 1, 1])
        let head = try registry.head("fake", subject: "head").make(
            .null,
            "head",
            registry,
            backbone.outline,
            &initializer
        )
        #expect((head as? FakeHead)?.outline == backbone.outline)
        let term = try registry.term("fake", subject: "term").make(.table(["warmUpEpochs": .integer(2)]), "term")
        #expect((term as? FakeTerm)?.settings.warmUpEpochs == 2)
        let folder = URL(fileURLWithPath: "/data/north")
        #expect(try registry.dataset("clinic", subject: "data").make(.null, "data", folder).name == "north")
        #expect(
            try registry.dataset("drawn", subject: "data").make(.table(["count": .integer(5)]), "data", nil).name
                == "5 images"
        )
    }

    @Test("a name can be taken once a kind")
    func duplicates() throws {
        var registry = try registry()
        #expect(complaint { try registry.add(term: FakeTerm.self) }.contains("fake: a consistency term of this name"))
        #expect(complaint { try registry.add(backbone: FakeBackbone.self) }.contains("fake: a backbone of this name"))
        #expect(complaint { try registry.add(head: FakeHead.self) }.contains("fake: a task head of this name"))
        #expect(
            complaint { try registry.add(dataset: "drawn") { _ in FakeAdapter() } }.contains(
                "drawn: a data set of this"
            )
        )
    }

    @Test("two kinds of one name are an error of whoever declares the second")
    func kinds() throws {
        let (one, other) = (PluginKind<@Sendable () -> Int>("sampler"), PluginKind<@Sendable () -> String>("sampler"))
        var registry = PluginRegistry()
        try registry.add(one, named: "a", summary: "", settings: NoSettings.self) { 1 }
        let expected = "sampler: another kind of plugin has that name and makes its plugins differently; give"
        let adding = complaint { try registry.add(other, named: "b", summary: "", settings: NoSettings.self) { "" } }
        #expect(adding.hasPrefix(expected))
        #expect(complaint { _ = try registry.find(other, "a", subject: "x") }.hasPrefix(expected))
        #expect(try registry.find(one, "a", subject: "x").make() == 1)
    }

    @Test("an unknown name lists the candidates")
    func unknown() throws {
        let registry = try registry()
        let near = complaint { _ = try registry.dataset("clinik", subject: "train.dataset") }
        #expect(near.hasPrefix("train.dataset: there is no data set called `clinik`"))
        #expect(near.contains("did you mean `clinic`?"))
        let far = complaint { _ = try registry.dataset("hospital of the north", subject: "x") }
        #expect(!far.contains("did you mean") && far.contains("use one of: clinic, drawn"))
        #expect(complaint { _ = try PluginRegistry().term("x", subject: "y") }.contains("add one first"))
    }

    @Test("a data set that needs a folder says so, as does one that reads none")
    func folders() throws {
        let registry = try registry()
        let missing = complaint { _ = try registry.dataset("clinic", subject: "a").make(.null, "test[1]", nil) }
        #expect(missing.hasPrefix("test[1].folder: "))
        let folder = URL(fileURLWithPath: "/data")
        let surplus = complaint { _ = try registry.dataset("drawn", subject: "a").make(.null, "test[1]", folder) }
        #expect(surplus.contains("test[1].folder") && surplus.contains("remove this line"))
    }

    @Test("resolving fills every gap with the default")
    func resolving() throws {
        let entry = try registry().term("fake", subject: "")
        let resolved = try entry.resolve(.table(["strength": .number(0.5)]), "term")
        var expected = try #require(entry.defaults.members)
        expected["strength"] = .number(0.5)
        #expect(resolved == .table(expected))
    }

    @Test("lists everything, sorted, with summaries and defaults")
    func listing() throws {
        let listing = try registry().listing
        #expect(listing.map(\.kind) == ["backbone", "task head", "consistency term", "data set"])
        #expect(listing[3].plugins.map(\.name) == ["clinic", "drawn"])
        #expect(listing[3].plugins[0].summary == "A clinic")
        #expect(listing[0].plugins[0].defaults == .table(["width": .integer(4)]))
    }
}

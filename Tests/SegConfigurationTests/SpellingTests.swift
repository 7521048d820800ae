import Foundation
import Testing

/// Names, messages and documents are spelled the American way throughout, as Swift is.
@Suite("Spelling")
struct SpellingTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Beginnings and parts of words.
    private static let british = [
        "normalis", "standardis", "optimisa", "optimise", "initialis", "minimis", "summaris", "binaris", "equalis",
        "regularis", "generalis", "vectoris", "materialis", "synthesise", "diagonalis", "recognis", "centre",
        "centring",
        "colour", "grey", "labelled", "labelling", "catalogue", "licence", "behaviour", "neighbour", "favour", "fibre",
        "millimetre", "centimetre", "learnt", "spelt", "burnt", "towards", "tumour", "artefact", "modelling",
    ]

    /// What stays: where model files have parts of paths, the one table of former names, an attribute of HTML, and what other
    /// people's files contain.
    private static let kept = [
        #"visitor.part("normalisation"#, #"visitor.parts("normalisation"#, #"(path).normalisation"#,
        "stem.normalisation",
        "….normalisation", "`normalisation`", "labelledby", #""tumourtype""#, "_tumour.png",
    ]

    static func word(in line: String) -> String? {
        var line = line
        for text in kept { line = line.replacing(text, with: "") }
        line = line.lowercased()
        return british.first { line.contains($0) }
    }

    @Test(
        "Sources, examples and documents",
        arguments: ["Sources", "Examples", "Documentation", "Plugins", "README.md"]
    )
    func files(place: String) throws {
        let top = Self.root.appending(path: place)
        let names = place.hasSuffix(".md") ? [""] : try FileManager.default.subpathsOfDirectory(atPath: top.path)
        let kinds = [".swift", ".md", ".c", ".h", ".inc", ".yaml", ".json", ".tutorial"]
        var count = 0
        for name in names where name.isEmpty || kinds.contains(where: name.hasSuffix) && !name.contains(".build") {
            guard !name.hasSuffix("FormerSpelling.swift") else { continue }
            let file = name.isEmpty ? top : top.appending(path: name)
            count += 1
            let text = try String(contentsOf: file, encoding: .utf8)
            // Few files have any of the words, and lines are looked at in these alone.
            let bytes = Data(text.lowercased().utf8)
            guard Self.british.contains(where: { bytes.range(of: Data($0.utf8)) != nil }) else { continue }
            for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                let word = Self.word(in: String(line))
                #expect(word == nil, "\(place)/\(name):\(index + 1): \(word ?? "")")
            }
        }
        #expect(count > 0)
    }

    @Test("A British word is noticed, and what stays is not")
    func words() {
        #expect(Self.word(in: "public struct Normalisation2D {") == "normalis")
        #expect(Self.word(in: "the Colours of the masks") == "colour")
        #expect(Self.word(in: #"visitor.part("normalisation", normalization)"#) == nil)
        #expect(Self.word(in: "an optimistic figure of the gray level") == nil)
    }
}

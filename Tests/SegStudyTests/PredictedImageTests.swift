import SegConfiguration
import SegCore
import SegInference
import SegSettings
import Testing

@Suite("Images that are predicted")
struct PredictedImageTests {
    @Test("Each id of a data set is another file's name, within the folder and not hidden")
    func names() throws {
        let configuration = try DatasetConfiguration(
            dataset: "phantom",
            folder: nil,
            settings: .table(["count": .integer(2)]),
            registry: .standard
        )
        let opened = try configuration.open(.standard, environment: [:])
        let ids = ["a/b", "a~2f.b", "ab", "..", ".", ".b", "~", "a\nb", "a b", "benign (1)", "größe", "/", "a/b/"]
        let images = ids.map { id in
            var record = opened.records[0]
            record.id = id
            return PredictedImage(record, of: opened)
        }
        let names = images.map(\.name)
        #expect(Set(names).count == ids.count && names[0] == "a~2f.b" && names[1] == "a~7e.2f.b")
        #expect(names.allSatisfy { !$0.contains("/") && !$0.hasPrefix(".") && !$0.contains("\n") && !$0.isEmpty })
        #expect(names[9] == "benign (1)" && names[10] == "größe" && images[9].title == "\(opened.name), benign (1)")
    }
}

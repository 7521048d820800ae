import Foundation
import SegCore
import SegImageIO
import SegSettings
import TestSupport
import Testing

@Suite("The command segkit data check")
struct DataCheckTests {
    @Test("Exit codes tell fit, unfit and unchecked data sets apart")
    func exitCodes() throws {
        let folder = try TemporaryFolder()
        let made = try segkit("synthesize", "--count", "6", "--resolution", "0.4", "--output", "data", in: folder.url)
        #expect(made.code == 0)
        let good = try segkit("data", "check", "phantom-folder", "data", "--output", "out", in: folder.url)
        #expect(good.code == 0)
        #expect(good.output.contains("6 images"))
        #expect(good.output.contains("Fit for a study"))
        #expect(good.output.contains("out/check.json"))
        #expect(try folder.content("out") == ["check.json", "contact-sheet.png"])

        let image = folder.appending("data/images/northern-00002.png")
        try Data(contentsOf: image).prefix(2000).write(to: image)
        let bad = try segkit("data", "check", "phantom-folder", "data", in: folder.url)
        #expect(bad.code == 1)
        #expect(bad.output.contains("unreadable"))
        #expect(bad.output.contains("northern-00002"))
        #expect(bad.output.contains("Not fit for a study"))
        #expect(!bad.error.contains("error"))
        let allowed = try segkit(
            "data",
            "check",
            "phantom-folder",
            "data",
            "--allow",
            "unreadable",
            "--json",
            in: folder.url
        )
        #expect(allowed.code == 0)
        let json = try JSONDecoder().decode(ConfigurationValue.self, from: Data(allowed.output.utf8))
        #expect(json.members?["isFit"] == .bool(true))
        #expect(json.members?["allowed"] == .list([.text("unreadable")]))

        let nowhere = try segkit("data", "check", "phantom-folder", "nowhere", in: folder.url)
        #expect(nowhere.code == 1)
        #expect(nowhere.errorLines.count == 1)
        #expect(nowhere.error.contains("does not exist"))
        #expect(nowhere.output.isEmpty)
        #expect(try segkit("data", "check", "phantom-folder", "data", "--allow", "listing", in: folder.url).code == 2)
    }

    @Test("A data set is compared with others")
    func against() throws {
        let folder = try TemporaryFolder()
        func synthesize(_ name: String, _ more: String...) throws {
            let arguments = ["synthesize", "--count", "4", "--resolution", "0.4", "--output", name] + more
            #expect(try segkit(arguments, in: folder.url, environment: [:]).code == 0)
        }
        try synthesize("one")
        try synthesize("two")
        let same = try segkit(
            "data",
            "check",
            "phantom-folder",
            "one",
            "--against",
            "phantom-folder=two",
            in: folder.url
        )
        #expect(same.code == 1)
        #expect(same.output.contains("duplicate-across-datasets  4"))
        try synthesize("three", "--center", "southern")
        let other = try segkit(
            "data",
            "check",
            "phantom-folder",
            "one",
            "--against",
            "phantom-folder=three",
            in: folder.url
        )
        #expect(other.code == 0)
        #expect(other.output.contains("compared with three (4 images)"))
    }
}

import Foundation
import SegReport
import SegStudy
import TestSupport
import Testing

private let hasBrowser = ["chromium", "chromium-browser", "google-chrome"].contains { name in
    ["/usr/bin", "/usr/local/bin"].contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
}

/// `Scripts/check-report`, where a machine has Chromium.
@Suite("The check of a report in a browser", .enabled(if: hasBrowser))
struct CheckReportTests {
    private func check(_ page: String) throws -> (status: Int32, output: String) {
        try withTemporaryFolder { folder in
            let report = folder.appending(path: "report.html")
            try Data(page.utf8).write(to: report)
            let process = Process()
            let root = URL(fileURLWithPath: #filePath).appending(path: "../../..").standardizedFileURL
            process.executableURL = root.appending(path: "Scripts/check-report")
            process.arguments = [report.path]
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = pipe
            try process.run()
            let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            return (process.terminationStatus, String(decoding: output, as: UTF8.self))
        }
    }

    @Test("A report has nothing that the check finds")
    func sound() throws {
        let study = SampleStudy(seeds: [1, 2])
        let page = HTMLReport.render(results: study.results(), cases: study.cases(), images: try study.images())
        let (status, output) = try check(page)
        #expect(status == 0 && output == "report.html: no findings\n", "\(output)")
    }

    @Test("What is wrong with a page is found")
    func unsound() throws {
        let (status, output) = try check(
            """
            <!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>t</title><style>
            body { background: #fff; color: #000 } .pale { color: #999 } .wide { width: 1500px }
            .cut { width: 50px; overflow: hidden; white-space: nowrap } a:focus { outline: none }
            @media (prefers-color-scheme: dark) { body { background: #111; color: #333 } }
            </style></head><body>
            <h1 id="twice">Title</h1><p id="twice" class="pale">pale</p><p class="wide">wide</p>
            <p class="cut">this is certainly cut off</p>
            <div style="overflow-x: auto; width: 300px" tabindex="0"><p style="width: 302px">bracket</p></div>
            <a href="#nowhere">link</a><img src="http://example.invalid/picture.png">
            <svg viewBox="0 0 100 20" width="100"><text x="90" y="10" font-size="12">outside</text>
            <text x="10" y="10" font-size="10">one</text><text x="12" y="11" font-size="10">two</text></svg>
            <script>console.log("a message"); throw new Error("an error")</script></body></html>
            """
        )
        #expect(status == 1)
        for finding in [
            "the id twice appears twice  (light, 1280 px; light, 390 px; dark, 1280 px; dark, 390 px; print)",
            "contrast of 2.85, needs 4.5: <p class=\"pale\"> in #twice “pale”  (light, 1280 px; light, 390 px)",
            "<h1> in #twice “Title”  (dark, 1280 px; dark, 390 px", "wider than the window by",
            "wider than the paper by",
            "cut off: <p class=\"cut\">", "scrolls by 2 px only", "the link leads nowhere", "a picture without alt",
            "without a name, image", "without a name, generic: <div style=\"overflow-x: auto",
            "the focus is not to be seen: <a href", "cut off by its chart by", "texts overlap: <text> “two”",
            "a chart without role or label", "asks for http://example.invalid/picture.png", "console: a message",
            "error: Uncaught",
        ] { #expect(output.contains(finding), "\(finding) in \(output)") }
    }
}

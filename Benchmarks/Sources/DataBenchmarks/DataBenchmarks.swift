import ArgumentParser
import Foundation
import SegCache
import SegCore
import SegData
import SegDatasets
import SegImageIO

/// Reading samples from the cache beside decoding them again, and beside what is used elsewhere for the same end.
@main
struct DataBenchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "DataBenchmarks",
        abstract: "Time the cache of decoded samples on BrEaST and BUSI, beside MONAI and NumPy.",
        discussion: """
            Everything runs on one thread, and all variants take turns in every pass, so that a busy machine hits them \
            alike. Times are medians over the passes. MONAI and NumPy are measured if the Python that --python names \
            has them; they read the same images, resized the same way.

            EXAMPLE
              SEGKIT_DATA=~/data swift run -c release --package-path Benchmarks DataBenchmarks --stride 4
            """
    )

    @Option(help: "The folder with BrEaST and BUSI in it.")
    var data = ProcessInfo.processInfo.environment["SEGKIT_DATA"] ?? ""

    @Option(help: "Sides of the canvas, px.", transform: { text in text.split(separator: ",").compactMap { Int($0) } })
    var sizes = [128, 256]

    @Option(help: "Take every so-manieth image.")
    var stride = 1

    @Option(help: "Passes over the images.")
    var passes = 5

    @Option(help: "The Python for MONAI and NumPy; `none` leaves them out.")
    var python = "python3"

    func validate() throws {
        guard !data.isEmpty else { throw ValidationError("Name the data's folder with --data or SEGKIT_DATA.") }
        guard !sizes.isEmpty, stride > 0, passes > 0 else {
            throw ValidationError("Sizes, stride and passes are positive.")
        }
    }

    func run() throws {
        let folder = URL(fileURLWithPath: data, isDirectory: true)
        let datasets: [any DatasetAdapter] = [
            BrEaST(folder: folder.appending(path: "BrEaST")), BUSI(folder: folder.appending(path: "BUSI")),
        ]
        let work = FileManager.default.temporaryDirectory.appending(path: "segkit-benchmarks-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: work) }
        for dataset in datasets {
            let all = try dataset.records()
            let records = Swift.stride(from: 0, to: all.count, by: stride).map { all[$0] }
            for size in sizes {
                let benchmark = SampleBenchmark(
                    dataset: dataset,
                    records: records,
                    size: size,
                    folder: work.appending(path: "\(dataset.name)-\(size)")
                )
                var rows = try benchmark.rows(passes: passes)
                if python != "none" {
                    rows += try PythonPeers(python: python).rows(
                        records: records,
                        size: size,
                        passes: passes,
                        folder: work.appending(path: "\(dataset.name)-\(size)-python")
                    )
                }
                print("\(dataset.name), \(records.count) images, \(size) px")
                print(Row.heading)
                for row in rows { print(row.text(samples: records.count, size: size)) }
                print("")
            }
        }
    }
}

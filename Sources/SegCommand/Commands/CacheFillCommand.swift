import ArgumentParser
import Foundation
import SegCache
import SegConfiguration
import SegCore
import SegData
import SegImageIO
import SegPages
import SegProgress
import SegStudy
import SegTraining

/// `segkit cache fill`
struct CacheFillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fill",
        abstract: "Decode and resize a data set into the cache, as a study will ask for it.",
        discussion: """
            The last line is a hash of all images and masks as a study gets them: the same with and without a cache.

            EXAMPLES
              \(program) cache fill --dataset busi --folder ~/data/BUSI --size 256
              \(program) cache fill --dataset breast --folder ~/data/BrEaST --size 128 \\
                --no-cache
            """
    )

    @OptionGroup var dataset: DatasetOptions

    @Option(help: "Side of the square canvas, px.")
    var size: Int

    @OptionGroup var thread: ThreadOption
    @OptionGroup var cache: CacheOptions

    func validate() throws {
        guard (1...8192).contains(size) else { throw ValidationError("--size must be from 1 to 8192.") }
    }

    func run() throws {
        let opened = try dataset.configuration(Segkit.registry).open(
            Segkit.registry,
            environment: ProcessInfo.processInfo.environment
        )
        let cache = try cache.open()
        let interrupts = InterruptHandler()
        let progress = StageProgress()
        let title = "Reading \(opened.name) at \(size) px"
        let samples = try thread.run {
            // Their hashes are all that is asked of them.
            try SampleStore.stream(
                adapter: opened.adapter,
                records: opened.records,
                size: size,
                decoder: StandardImageDecoder(),
                cache: cache,
                memory: 0
            ) { done, total in
                progress.stage(title, done: done, total: total)
                if interrupts.isInterrupted { throw TrainingCancelled() }
            }
        }
        var components = CacheKey.Components()
        for sample in samples {
            components.add("id", sample.record.id)
            components.add("content", sample.contentHash)
        }
        if let cache {
            let report = cache.report
            for entry in report.rebuilt { print("damaged, made again: \(entry.name): \(entry.reason)") }
            print(
                "\(NumberFormat.plural(samples.count, "sample")): \(report.hits) from the cache, \(report.misses + report.rebuilt.count) "
                    + "decoded, \(report.stored) stored, \(report.evictions) removed to make room"
            )
            if report.passedOver > 0 {
                print(
                    "\(NumberFormat.plural(report.passedOver, "sample")) not stored, for which there is no room: set "
                        + "SEGKIT_CACHE_SIZE to more than \(ByteSize.text(cache.maximumBytes))"
                )
            }
        } else {
            print("\(NumberFormat.plural(samples.count, "sample")) decoded")
        }
        print("content \(components.key)")
    }
}

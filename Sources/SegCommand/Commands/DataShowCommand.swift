import ArgumentParser
import Foundation
import SegAugmentation
import SegConfiguration
import SegCore
import SegData
import SegFiles
import SegImageIO
import SegInspection
import SegSettings
import SegStudy

/// `segkit data show`.
struct DataShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract:
            "Write a page of samples with their masks, what is known of them, and what augmentation does to them.",
        discussion: """
            Samples are drawn at random, each class in turn; --ids names them instead. The augmentation is the default \
            one, that of a study's file, or that of a file with the keys of `training.augmentation` at its top.

            EXAMPLES
              \(program) data show breast ~/data/BrEaST --output breast.html
              \(program) data show busi ~/data/BUSI.zip --ids "benign (433)" \\
                --ids "malignant (145)" --output pair.html
              \(program) data show phantom --set count=50 --count 6 \\
                --augmentation my-study.yaml --output phantom.html
            """
    )

    @OptionGroup var dataset: DatasetArguments

    @Option(help: "How many samples.")
    var count = 24

    @Option(help: "Decides which samples are taken, and the draws of augmentation.")
    var seed: UInt64 = 1

    @Option(help: "The id of a sample to show. May be repeated.")
    var ids: [String] = []

    @Option(help: "A study's file, or a YAML file with settings of augmentation.")
    var augmentation: String?

    @Option(help: "The study's arm whose augmentation is shown; the first if left out.")
    var arm: String?

    @Option(help: "How many times each sample is augmented.")
    var draws = 5

    @Option(help: "Side of the canvas on which augmentation works, px; the study's, or 128.")
    var imageSize: Int?

    @Option(name: .shortAndLong, help: "The page to write, *.html.")
    var output: String

    @OptionGroup var thread: ThreadOption

    func validate() throws {
        guard (1...1000).contains(count) else { throw ValidationError("--count must be from 1 to 1000.") }
        guard (0...100).contains(draws) else { throw ValidationError("--draws must be from 0 to 100.") }
        if let imageSize, !(16...2048).contains(imageSize) {
            throw ValidationError("--image-size must be from 16 to 2048.")
        }
        guard arm == nil || augmentation != nil else { throw ValidationError("--arm goes with --augmentation.") }
    }

    func run() throws {
        let file = URL(fileURLWithPath: output)
        try OutputPlace.require(file, for: "a page of samples") { file in
            (try? FileReading.contents(of: file)).map { SamplePage.isPage($0) } ?? false
        }
        var options = SamplePage.Options()
        options.count = count
        options.seed = seed
        options.ids = ids
        options.draws = draws
        var own: [any AugmentationStep] = []
        if let augmentation {
            let document = try ConfigurationDocument(contentsOf: URL(fileURLWithPath: augmentation), name: augmentation)
            let shown = try AugmentationChoice(document, arm: arm, registry: Segkit.registry)
            options.augmentation = shown.settings
            own = shown.own
            options.imageSize = shown.imageSize ?? options.imageSize
        }
        options.imageSize = imageSize ?? options.imageSize
        let environment = ProcessInfo.processInfo.environment
        let opened = try dataset.configuration(Segkit.registry).open(Segkit.registry, environment: environment)
        let page = try thread.run {
            try SamplePage(
                opened.adapter,
                name: opened.name,
                records: opened.records,
                options: options,
                own: own,
                decoder: StandardImageDecoder()
            ).render()
        }
        try AtomicFile.write(Data(page.utf8), to: file)
        print(file.path)
    }
}

import ArgumentParser
import Foundation
import SegConfiguration
import SegCore
import SegPhantoms
import SegProgress
import SegStudy
import SegTraining

/// `segkit synthesize`
struct SynthesizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "synthesize",
        abstract: "Write a synthetic breast-ultrasound data set with known masks and labels to a folder.",
        discussion: """
            The centers differ as scanners and patients do: \(SyntheticCenter.all.map(\.name).joined(separator: ", ")). \
            Read the folder back with `dataset: phantom-folder`. The same seed gives the same pixels.

            EXAMPLES
              \(program) synthesize --center northern --count 100 --output data/northern
              \(program) synthesize --center all --count 100 --seed 7 --output data
              \(program) synthesize --center northern --other-structure \\
                --output data/three-labels
            """
    )

    @Option(help: "The center; `all` writes each into a folder of its own.")
    var center = "northern"

    @Option(help: "How many images.")
    var count = 100

    @Option(help: "The seed.")
    var seed: UInt64 = 1

    @Option(help: "Columns and rows against those of the center's scanner, 0.1 to 4, for the same depth in mm.")
    var resolution = 1.0

    @Flag(help: "Show a second structure in most images, with masks of its own: the label `other`.")
    var otherStructure = false

    @Option(name: .shortAndLong, help: "The folder to write; must not exist yet, or be empty.")
    var output: String

    func validate() throws {
        guard (1...1_000_000).contains(count) else { throw ValidationError("--count must be from 1 to 1000000.") }
        guard (0.1...4).contains(resolution) else { throw ValidationError("--resolution must be from 0.1 to 4.") }
    }

    func run() throws {
        let folder = URL(fileURLWithPath: output)
        let centers: [(SyntheticCenter, URL)]
        if center == "all" {
            centers = SyntheticCenter.all.map { ($0, folder.appending(path: $0.name)) }
        } else {
            centers = [(try SyntheticCenter.named(center, subject: "--center"), folder)]
        }
        // Known before the first center is written, not after some.
        for (_, folder) in centers { try PhantomDataset.requireRoom(in: folder) }
        let interrupts = InterruptHandler()
        let progress = StageProgress()
        for (center, folder) in centers {
            let title = "Synthesizing \(center.name)"
            try FileManager.default.createParent(of: folder)
            let dataset = PhantomDataset(
                center: center.atResolution(resolution),
                count: count,
                seed: seed,
                hasOtherStructure: otherStructure
            )
            try dataset.write(to: folder) { done, total in
                progress.stage(title, done: done, total: total)
                if interrupts.isInterrupted { throw TrainingCancelled() }
            }
            print(folder.path)
        }
    }
}

import ArgumentParser
import Foundation
import SegConfiguration
import SegCore
import SegFiles
import SegImageIO
import SegInference
import SegInspection
import SegSettings
import SegStudy
import SegTraining

/// `segkit plan`
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Propose a study of a data set: image size, network, batch and augmentation, each with its reason.",
        discussion: """
            Every image is read once: sizes, spacing, lesions, grey levels, patients and classes decide. The study is \
            printed, or written with --output; the reasons stand in it as comments. Nothing is trained. The same data \
            give the same plan.

            EXAMPLES
              \(program) plan breast --folder ~/data/BrEaST --output breast.yaml
              \(program) study breast.yaml --check
              \(program) plan phantom --set count=80
            """
    )

    @Argument(help: "The data set's name; `\(program) plugins` lists them.")
    var dataset: String

    @Option(help: "The folder of the data set, or its zip archive. `${NAME}` stands for an environment variable.")
    var folder: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "A setting of the data set, such as `--set count=50`. May be repeated.",
            valueName: "key=value"
        )
    )
    var settings: [String] = []

    @Flag(help: "Leave out images without a lesion.")
    var lesionsOnly = false

    @Option(name: .shortAndLong, help: "The study file to write, *.yaml; printed if left out.")
    var output: String?

    @OptionGroup var thread: ThreadOption

    func run() throws {
        let target = output.map { URL(fileURLWithPath: $0) }
        if let target {
            try OutputPlace.require(target, for: "a study that a plan proposed") { file in
                (try? FileReading.contents(of: file)).map { $0.starts(with: Data(StudyPlan.opening.utf8)) } ?? false
            }
        }
        let configuration = try DatasetConfiguration(
            dataset: dataset,
            folder: folder,
            settings: try settingsTable(settings),
            normals: !lesionsOnly,
            path: dataset,
            registry: Segkit.registry
        )
        let context = Segkit.context(cache: nil, InterruptHandler())
        let yaml = try thread.run { try StudyPlan.yaml(configuration, in: context) }
        guard let target else {
            print(yaml, terminator: "")
            return
        }
        try AtomicFile.write(Data(yaml.utf8), to: target)
        print("\(target.path): check it with `\(program) study \(output ?? "") --check`")
    }
}

import ArgumentParser
import Foundation
import SegConfiguration
import SegCore
import SegFiles
import SegImageIO
import SegInference
import SegInspection
import SegProgress
import SegSettings
import SegStudy
import SegTraining

/// `segkit plan`
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Propose a study of a data set: image size, network, batch and augmentation, each with its reason.",
        discussion: """
            Every image is read once: sizes, spacing, lesions, gray levels, patients and classes decide. The study is \
            printed, or written with --output; the reasons stand in it as comments. Nothing is trained. The same data \
            give the same plan.

            EXAMPLES
              \(program) plan breast ~/data/BrEaST --output breast.yaml
              \(program) study breast.yaml --check
              \(program) plan phantom --set count=80
            """
    )

    @OptionGroup var data: DatasetArguments

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
        let configuration = try data.configuration(Segkit.registry, normals: !lesionsOnly)
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

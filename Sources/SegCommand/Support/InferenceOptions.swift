public import ArgumentParser
import Foundation
import SegConfiguration
import SegCore
import SegData
import SegInference
import SegTraining

/// How trained models are used.
struct InferenceOptions: ParsableArguments {
    @Option(
        help: """
            Test-time augmentation: the mean over views of each image, as it is (none), with left and right exchanged \
            (flips), or both at three sizes (flips+scales).
            """
    )
    var tta = TestTimeAugmentation.none

    @Option(
        help: ArgumentHelp(
            """
            Look at images that are larger than the model's tile by tile for their masks: at their own resolution (own), \
            or with so many pixels along the longer side.
            """,
            valueName: "own|px"
        ),
        transform: { text in
            guard let tiling = Tiling(text) else {
                throw ValidationError("write own, none, or a number of pixels up to \(Tiling.greatestSide)")
            }
            return tiling
        }
    )
    var tile = Tiling.none

    @Option(
        help: """
            Passes with dropout at work, whose predictions are averaged and say how sure the model is; 0 for one without.
            """
    )
    var dropoutPasses = 0

    @Option(help: "The seed of what each of these passes drops.")
    var dropoutSeed: UInt64 = 1

    @Option(
        help: """
            Rules for masks: what the model file says (file), unless options below state them, or nothing (none).
            """
    )
    var rules = StatedRules.file

    @Flag(help: "Keep the largest connected part of each predicted mask alone.")
    var largest = false

    @Flag(help: "Fill in what a predicted mask encloses.")
    var fillHoles = false

    @Option(help: "Drop connected parts of a predicted mask of fewer pixels of the image.")
    var leastArea = 0

    func validate() throws {
        guard leastArea >= 0 else { throw ValidationError("--least-area must be 0 or more.") }
        let range = DropoutSampling.range
        guard dropoutPasses == 0 || range.contains(dropoutPasses) else {
            throw ValidationError(
                "--dropout-passes must be 0, or from \(range.lowerBound) to \(range.upperBound)."
            )
        }
        guard rules == .file || stated == .none else {
            throw ValidationError(
                "--rules none leaves masks as they are; leave out --fill-holes, --least-area and --largest."
            )
        }
    }

    /// Reads model files to be used as one.
    func models(_ files: [String]) throws -> TrainedEnsemble {
        let trained = try ensemble(files)
        if trained.hasStoredRules {
            let words = trained.ensemble.inference.postprocessing.rules.joined(separator: ", ")
            printToStandardError("rules for masks, from the model file: \(words); --rules none leaves them out")
        }
        return trained
    }

    /// The same, and nothing is said.
    func ensemble(_ files: [String]) throws -> TrainedEnsemble {
        try TrainedEnsemble(
            contentsOf: files.map { URL(fileURLWithPath: $0) },
            augmentation: tta,
            postprocessing: rules == .file && stated == .none ? nil : stated,
            tiling: tile,
            dropout: dropoutPasses == 0 ? nil : DropoutSampling(passes: dropoutPasses, seed: dropoutSeed),
            registry: Segkit.registry
        )
    }

    private var stated: MaskPostprocessing {
        MaskPostprocessing(fillsHoles: fillHoles, leastArea: leastArea, keepsLargest: largest)
    }

    /// Where rules for masks come from.
    enum StatedRules: String, ExpressibleByArgument, CaseIterable { case file, none }
}

extension TestTimeAugmentation: ExpressibleByArgument {}

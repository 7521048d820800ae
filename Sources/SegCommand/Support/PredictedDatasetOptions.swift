import ArgumentParser
import SegConfiguration
import SegInference
import SegSettings

/// Which data set to predict, if any.
struct PredictedDatasetOptions: ParsableArguments {
    @Option(
        name: .customLong("dataset"),
        help: ArgumentHelp(
            "Predict every image of this data set; `\(program) plugins` lists them.",
            valueName: "dataset"
        )
    )
    var name: String?

    @OptionGroup var details: DatasetDetails

    func validate() throws {
        guard name == nil, details.areGiven else { return }
        throw ValidationError("--folder, --set and --lesions-only go with --dataset.")
    }

    /// Its images; `nil` if no data set is named.
    func images(_ registry: PluginRegistry) throws -> [PredictedImage]? {
        guard let name else { return nil }
        let configuration = try details.configuration(of: name, registry)
        let opened = try configuration.open(registry, environment: RunContext(registry: registry).environment)
        return opened.records.map { PredictedImage($0, of: opened) }
    }
}

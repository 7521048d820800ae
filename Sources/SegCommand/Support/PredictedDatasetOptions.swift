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

    @Option(help: "The folder of the data set. `${NAME}` is replaced by an environment variable.")
    var folder: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "A setting of the data set, such as `--set count=50`. May be repeated.",
            valueName: "key=value"
        )
    )
    var settings: [String] = []

    @Flag(help: "Leave out images of the data set without a lesion.")
    var lesionsOnly = false

    func validate() throws {
        guard name == nil, folder != nil || !settings.isEmpty || lesionsOnly else { return }
        throw ValidationError("--folder, --set and --lesions-only go with --dataset.")
    }

    /// Its images; `nil` if no data set is named.
    func images(_ registry: PluginRegistry) throws -> [PredictedImage]? {
        guard let name else { return nil }
        let configuration = try DatasetConfiguration(
            dataset: name,
            folder: folder,
            settings: try settingsTable(settings),
            normals: !lesionsOnly,
            path: "--dataset \(name)",
            registry: registry
        )
        let opened = try configuration.open(registry, environment: RunContext(registry: registry).environment)
        return opened.records.map { PredictedImage($0, of: opened) }
    }
}

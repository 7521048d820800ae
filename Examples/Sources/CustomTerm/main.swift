// Trains with an own consistency term on images that an own adapter reads. Both are in Sources/ClinicPlugins.
import ClinicPlugins
import Foundation
import SegConfiguration
import SegCore
import SegData
import SegImageIO
import SegMetrics
import SegSettings
import SegStudy
import SegTensor
import SegTraining

/// Prints a line an epoch.
struct EpochLines: TrainingObserver {
    func epochDidEnd(_ epoch: EpochHistory, _ history: TrainingHistory) {
        let losses = epoch.losses.sorted { $0.key < $1.key }.map { String(format: "%@ %.3f", $0.key, $0.value) }
        let dice = epoch.validationDice.map { String(format: "%.3f", $0) } ?? "–"
        print("  epoch \(epoch.epoch): \(losses.joined(separator: ", ")); validation Dice \(dice)")
    }
}

func run(in folder: URL) throws {
    try writePhantomClinic(count: 40, to: folder)

    // The registry is a value: the library's plugins, and two of our own beside them.
    var registry = PluginRegistry.standard
    try registry.add(term: TallerThanWide.self)
    try registry.add(dataset: "clinic", summary: "Our images") { Clinic(folder: $0) }

    let clinic = try registry.dataset("clinic", subject: "train.dataset").make(.null, "train", folder)
    let records = try clinic.records()
    let split = try Split.holdOut(records, validationFraction: 0.25, seed: 1)
    let samples = try SampleStore.prepare(adapter: clinic, size: 64, decoder: StandardImageDecoder()).samples
    print(
        "\(clinic.name): \(records.count) images, \(split.train.count) to train, \(split.validation.count) to validate"
    )

    // The same text as in a study's file.
    let document = try ConfigurationDocument(
        text: """
            backbone: {name: unet, settings: {width: 8, depth: 4, normalization: instance}}
            heads: {segmentation: {weight: 1}, classification: {weight: 0.5}}
            terms: {taller-than-wide: {weight: 2}}
            """,
        name: "model"
    )
    let configuration = try ModelConfiguration(document.value, path: "model", registry: registry)
    let model = try configuration.makeModel(registry: registry, seed: 1)

    var settings = TrainingSettings()
    settings.imageSize = 64
    settings.epochs = 12
    settings.learningRate = 3e-3
    let validation = split.validation.map { samples[$0] }
    let trainer = try Trainer(
        model: model,
        settings: settings,
        seed: 1,
        training: split.train.map { samples[$0] },
        validation: validation,
        observer: EpochLines()
    )
    let history = try trainer.run()

    let predictions = try Evaluator.predict(model, validation)
    let scores = try Evaluator(policy: .undefinedWhenReferenceEmpty).scores(predictions)
    let dice = scores.map(\.dice.value).filter { !$0.isNaN }
    print(
        String(format: "Best epoch %d: mean Dice %.3f over %d lesions", history.bestEpoch ?? 0, mean(dice), dice.count)
    )
    for pathology in [Pathology.benign, .malignant] {
        let group = predictions.filter { $0.record.pathology == pathology }.compactMap(\.malignancy)
        print(String(format: "Mean p(malignant) of %@: %.2f", pathology.rawValue, mean(group.map(Double.init))))
    }
}

func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }

let folder = FileManager.default.temporaryDirectory.appendingPathComponent("clinic-\(UUID().uuidString)")
var status: Int32 = 0
do {
    try run(in: folder)
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    status = 1
}
try? FileManager.default.removeItem(at: folder)
exit(status)

// A network of your own, composed, trained on one center and judged on another: the program of the tutorial, step by step.
import SegTestKit
import SegmentationKit

// 1. Compose the network of parts: residual blocks in encoder and decoder, and attention gates on the skips.
public final class ResidualAttentionUNet: ComposedBackbone {
    public struct Settings: PluginSettings {
        public var widths = [16, 32, 64, 128]
        public init() {}
    }

    public static let name = "residual-attention-unet"
    public static let summary = "U-Net of residual blocks with attention gates"
    public let network: EncoderDecoder

    public init(_ settings: Settings, inputChannels: Int, initializer: inout WeightInitializer) throws {
        network = EncoderDecoder(
            encoder: .residual(widths: settings.widths),
            decoder: .unet(block: .residual(), skip: .attention),
            plan: LayerPlan(normalization: .batch, activation: .leakyRelu, dropout: 0.1),
            inputChannels: inputChannels,
            initializer: &initializer
        )
    }
}

// 2. Check it before any training: shapes, gradients, repeatability, and that every parameter is saved.
var settings = ResidualAttentionUNet.Settings()
settings.widths = [8, 16, 32]
let failures = checkBackbone(ResidualAttentionUNet.self, settings: settings)
print(failures.isEmpty ? "the network keeps all rules" : "the network breaks rules: \(failures)")

// 3. Read the data: one center to train and validate, and another, with another scanner, to test.
let decoder = StandardImageDecoder()
let source = PhantomDataset(center: .northern, count: 60, seed: 1)
let unseen = PhantomDataset(center: .southern, count: 40, seed: 2)
let split = try Split.holdOut(try source.records(), validationFraction: 0.2, seed: 1)
let samples = try SampleStore.prepare(adapter: source, size: 64, decoder: decoder).samples
let tests = try SampleStore.prepare(adapter: unseen, size: 64, decoder: decoder).samples

// 4. Train: the network gets a head that predicts the lesion; the best epoch on the validation part is kept.
func trained(_ backbone: any Backbone, _ initializer: inout WeightInitializer) throws -> MultiTaskModel {
    var settings = SegmentationHead.Settings()
    settings.lesionShare = 0.1
    let head = try SegmentationHead(settings, backbone: backbone.outline, initializer: &initializer)
    let model = try MultiTaskModel(backbone: backbone, heads: [WeightedHead(head)])
    var training = TrainingSettings()
    (training.imageSize, training.epochs, training.learningRate) = (64, 12, 3e-3)
    let trainer = try Trainer(
        model: model,
        settings: training,
        seed: 1,
        training: split.train.map { samples[$0] },
        validation: split.validation.map { samples[$0] }
    )
    let history = try trainer.run()
    print("\(type(of: backbone).name): validation Dice \(history.best?.validationDice ?? .nan)")
    return model
}
var initializer = WeightInitializer(seed: 1)
let own = try ResidualAttentionUNet(settings, inputChannels: 1, initializer: &initializer)
let model = try trained(own, &initializer)

// 5. Judge it on the unseen center, in native pixels; images without a lesion have no Dice.
func dice(_ model: MultiTaskModel) throws -> [Double] {
    let predictions = try Evaluator.predict(model, tests)
    return try Evaluator(policy: .undefinedWhenReferenceEmpty).scores(predictions).map(\.dice.value)
}
let ownDice = try dice(model)
let lesions = tests.indices.filter { !ownDice[$0].isNaN }
let patients = lesions.map { tests[$0].record.group }
let interval = try meanBootstrapInterval(lesions.map { ownDice[$0] }, groups: patients, method: .percentile, seed: 1)
print("unseen center: mean Dice \(interval.estimate), 95 % interval \(interval.lower) to \(interval.upper)")

// 6. Compare it with the plain U-Net on the same images, by patient.
var plainInitializer = WeightInitializer(seed: 1)
let plain = try UNet(UNet.Settings(depth: 3, width: 8), inputChannels: 1, initializer: &plainInitializer)
let plainDice = try dice(try trained(plain, &plainInitializer))
let test = try pairedPermutationTest(
    lesions.map { ownDice[$0] },
    lesions.map { plainDice[$0] },
    groups: patients,
    options: .init(seed: 1)
)
print("difference from the plain U-Net: mean Dice \(test.statistic), p = \(test.pValue)")

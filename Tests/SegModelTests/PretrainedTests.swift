import Foundation
import SegBackbones
import SegCore
import SegInterop
import SegLayers
import SegTensor
import Testing

/// What PyTorch makes of a fixed picture with weights that others published.
struct PretrainedOracle: Decodable, Sendable {
    let file: String
    let size: Int
    let stages: [VariantOracle.Part]
}

/// Weights are megabytes, and not ours to copy: `Scripts/weights efficientnet-lite0 FOLDER` fetches them, and
/// `SEGKIT_WEIGHTS=FOLDER` names the folder.
@Suite("Published weights")
struct PretrainedTests {
    private static let folder = ProcessInfo.processInfo.environment["SEGKIT_WEIGHTS"]

    @Test("EfficientNet-Lite0's features of a picture are PyTorch's", .enabled(if: folder != nil))
    func features() throws {
        let folder = URL(fileURLWithPath: try #require(Self.folder))
        for oracle in try oracle("pretrained", of: PretrainedOracle.self) {
            var initializer = WeightInitializer(seed: 1)
            let encoder = PublishedEncoder(
                .efficientnetLite0,
                settings: .init(weights: folder.appending(path: oracle.file).path),
                inputChannels: 3,
                plan: LayerPlan(),
                initializer: &initializer
            )
            let read = try encoder.readPublishedWeights()
            // The package names its file by the beginning of the hash.
            #expect(read?.hash.map { oracle.file.contains($0.prefix(8)) } == true)
            let picture = mixedTensor("picture", [1, 3, oracle.size, oracle.size], center: 0.5, scale: 0.5)
            let stages = withoutGradients { encoder.stages(of: picture, phase: .inference) }
            for (index, (stage, expected)) in zip(stages.suffix(oracle.stages.count), oracle.stages).enumerated() {
                #expect(expected.deviation(stage.values()) < 1e-4, "stage \(index)")
            }
        }
    }
}

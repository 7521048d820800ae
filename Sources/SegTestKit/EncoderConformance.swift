public import SegBackbones
public import SegCore
import SegLayers
import SegTensor

/// Checks that an encoder keeps the rules of ``SegBackbones/Encoder``.
///
/// It takes what `registry.add(encoder:summary:settings:design:)` takes:
///
/// ```swift
/// #expect(
///     checkEncoder("my-encoder", summary: MyEncoder.summary, settings: MyEncoder.Settings()) { MyEncoder.design($0) } == []
/// )
/// ```
///
/// | rule | meaning |
/// |---|---|
/// | `has-name`, `has-summary`, `settings-…` | as in ``checkBackbone(_:settings:inputChannels:imageSize:)`` |
/// | `initializes` | `design` does not throw for these settings |
/// | `outline` | there are two stages or more, with channels each, at scales of 1, 2, 4 and so on: what every decoder takes |
/// | `stages` | `stages(of:phase:)` gives a map for each stage of the outline, of just its channels and its scale, for |
/// | | images of several sizes and in either phase |
/// | `same-outline` | whatever the seed and the style of the network, the outline is the same |
/// | `stable-paths` … `gradient-agrees` | as for a backbone, of the encoder behind a decoder without weights of its own |
///
/// - Parameters:
///   - name: The name that backbones are to call it by.
///   - summary: One line for `segkit plugins`.
///   - settings: The settings to check it with; small ones are fast.
///   - inputChannels: Channels of the images.
///   - imageSize: Height and width of the images in px, brought up to a multiple of the coarsest scale.
///   - design: Makes the recipe from settings.
/// - Returns: The breaches, a few of each rule; empty for an encoder that conforms.
public func checkEncoder<Settings: PluginSettings>(
    _ name: String,
    summary: String,
    settings: Settings,
    inputChannels: Int = 1,
    imageSize: Int = 32,
    design: (Settings) throws -> EncoderDesign
) -> [ConformanceFailure] {
    var failures = checkDescription(name: name, summary: summary, settings: settings)
    do {
        let check = EncoderCheck(
            design: try design(settings),
            inputChannels: inputChannels,
            imageSize: imageSize
        )
        let outline = check.outlines()
        failures += outline
        // Without a true outline there is no network to look at.
        guard outline.isEmpty else { return failures.toldOnce() }
        let stages = check.stages()
        failures += stages
        guard stages.isEmpty else { return failures.toldOnce() }
        failures += try networkFailures(check.network, inputChannels, imageSize)
    } catch {
        failures.append(ConformanceFailure("initializes", "\(error)"))
    }
    return failures.toldOnce()
}

private struct EncoderCheck {
    let design: EncoderDesign
    let inputChannels: Int
    let imageSize: Int

    private func encoder(_ seed: UInt64, _ plan: LayerPlan = LayerPlan()) -> any Encoder {
        var initializer = WeightInitializer(seed: seed)
        return design(inputChannels, plan, &initializer)
    }

    /// The encoder as a backbone in which nothing else has weights.
    func network(_ seed: UInt64) -> EncoderDecoder {
        var initializer = WeightInitializer(seed: seed)
        return EncoderDecoder(
            encoder: design,
            decoder: DecoderDesign { outline, _, _ in FinestStage(outline) },
            inputChannels: inputChannels,
            initializer: &initializer
        )
    }

    // MARK: Outline

    func outlines() -> [ConformanceFailure] {
        let outline = encoder(1).outline
        let (channels, scales) = (outline.channels, outline.scales)
        func failure(_ detail: String) -> [ConformanceFailure] { [ConformanceFailure("outline", detail)] }
        guard channels.count == scales.count else {
            return failure("it has channels of \(channels.count) stages and scales of \(scales.count)")
        }
        guard channels.count > 1 else { return failure("decoders need two stages, and it has \(channels.count)") }
        guard channels.allSatisfy({ $0 > 0 }) else { return failure("the channels \(channels) are not positive") }
        let expected = scales.indices.map { 1 << $0 }
        guard scales == expected else {
            return failure("its stages are at scales of \(scales), and decoders take \(expected)")
        }
        let others = [
            ("of another seed", encoder(2)),
            ("in another style", encoder(1, LayerPlan(normalization: .instance, activation: .leakyRelu))),
        ]
        return others.compactMap { what, other in
            other.outline == outline
                ? nil : ConformanceFailure("same-outline", "an encoder \(what) has another outline: \(other.outline)")
        }
    }

    // MARK: Stages

    private func images(_ shape: Shape) -> Tensor {
        var stream = RandomStream(seed: 5, "images")
        return Tensor((0..<shape.count).map { _ in stream.normal() }, shape: shape)
    }

    /// The side of an image, px.
    private func size(_ outline: EncoderOutline) -> (side: Int, multiple: Int) {
        let multiple = outline.scales.max() ?? 1
        return (max(1, (imageSize + multiple - 1) / multiple) * multiple, multiple)
    }

    func stages() -> [ConformanceFailure] {
        let encoder = encoder(1)
        let outline = encoder.outline
        let (side, multiple) = size(outline)
        var failures: [ConformanceFailure] = []
        for (batch, height, width) in [(2, side, side), (1, side, side + multiple), (3, side + multiple, side)] {
            // In training, a single value cannot be normalized by its batch.
            let phases: [(Phase, String)] = [(.inference, "inference")] + (batch > 1 ? [(.training, "training")] : [])
            for (phase, name) in phases {
                let shape: Shape = [batch, inputChannels, height, width]
                let stages = withoutGradients { encoder.stages(of: images(shape), phase: phase) }
                func add(_ detail: String) {
                    failures.append(ConformanceFailure("stages", "images of shape \(shape), \(name): \(detail)"))
                }
                guard stages.count == outline.channels.count else {
                    add("\(stages.count) stages, and the outline has \(outline.channels.count)")
                    continue
                }
                for (index, stage) in stages.enumerated() {
                    let scale = outline.scales[index]
                    let expected: Shape = [batch, outline.channels[index], height / scale, width / scale]
                    if stage.shape != expected { add("stage \(index) is \(stage.shape), not \(expected)") }
                }
            }
        }
        return failures
    }
}

/// A decoder without weights: the finest stage, which is at the images' resolution.
private final class FinestStage: Decoder {
    let levelChannels: [Int]

    init(_ outline: EncoderOutline) { levelChannels = [outline.channels[0]] }

    func levels(from stages: [Tensor], phase: Phase) -> [Tensor] { [stages[0]] }
}

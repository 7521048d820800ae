import SegCore
import SegLayers
import SegTensor

/// ConvNeXt-Tiny.
///
/// - Source: Liu et al. 2022, as torchvision and timm have it; the linear layers are 1×1 convolutions here.
final class ConvNeXtTrunk: PublishedTrunk {
    let outline: EncoderOutline
    let namings: [PublishedNaming]
    private let stem: Patches
    private let downs: [Patches]
    private let stages: [[ConvNeXtBlock]]

    init(inputChannels: Int, dilatedStages: Int, initializer: inout WeightInitializer) {
        let (widths, counts) = ([96, 192, 384, 768], [3, 3, 9, 3])
        let dilation = StageDilation(stages: dilatedStages, count: widths.count)
        stem = Patches(inputChannels, widths[0], side: 4, normalizesFirst: false, &initializer)
        var downs: [Patches] = []
        var stages: [[ConvNeXtBlock]] = []
        var timm = PublishedNaming("timm", unused: ["head."])
        var torchvision = PublishedNaming("torchvision", unused: ["classifier."])
        timm.layer("stem.convolution", "stem.0")
        timm.normalization("stem.normalisation", "stem.1")
        torchvision.layer("stem.convolution", "features.0.0")
        torchvision.normalization("stem.normalisation", "features.0.1")
        for (stage, width) in widths.enumerated() {
            if stage > 0 {
                downs.append(
                    Patches(
                        widths[stage - 1],
                        width,
                        side: 2,
                        normalizesFirst: true,
                        // As timm: taps half as far apart as in the stage that it leads to.
                        dilation: dilation[stage] > 1 ? dilation[stage] / 2 : nil,
                        &initializer
                    )
                )
                let path = "downs.\(stage - 1)"
                timm.normalization("\(path).normalisation", "stages.\(stage).downsample.0")
                timm.layer("\(path).convolution", "stages.\(stage).downsample.1")
                torchvision.normalization("\(path).normalisation", "features.\(2 * stage).0")
                torchvision.layer("\(path).convolution", "features.\(2 * stage).1")
            }
            stages.append([])
            for block in 0..<counts[stage] {
                stages[stage].append(ConvNeXtBlock(width, dilation: dilation[stage], &initializer))
                let path = "stages.\(stage).\(block)"
                let name = "stages.\(stage).blocks.\(block)"
                timm.layer("\(path).depthwise", "\(name).conv_dw")
                timm.normalization("\(path).normalisation", "\(name).norm")
                timm.layer("\(path).expand", "\(name).mlp.fc1")
                timm.layer("\(path).project", "\(name).mlp.fc2")
                timm.tensor("\(path).scale", "\(name).gamma")
                let other = "features.\(2 * stage + 1).\(block)"
                torchvision.layer("\(path).depthwise", "\(other).block.0")
                torchvision.normalization("\(path).normalisation", "\(other).block.2")
                torchvision.layer("\(path).expand", "\(other).block.3")
                torchvision.layer("\(path).project", "\(other).block.5")
                torchvision.tensor("\(path).scale", "\(other).layer_scale")
            }
        }
        self.downs = downs
        self.stages = stages
        namings = [timm, torchvision]
        outline = EncoderOutline(channels: widths, scales: dilation.scales(first: 4))
    }

    func stage(_ index: Int, of x: Tensor, phase: Phase) -> Tensor {
        stages[index].reduce(index == 0 ? stem(x, phase) : downs[index - 1](x, phase)) { $1($0, phase) }
    }

    func visit(_ visitor: inout ModuleVisitor) {
        visitor.part("stem", stem)
        visitor.parts("downs", downs)
        for (stage, blocks) in stages.enumerated() { visitor.parts("stages.\(stage)", blocks) }
    }
}

/// A convolution of windows side by side, or around every pixel, and a layer normalization before or after it.
private final class Patches: Layer {
    private let convolution: Convolution2D
    private let normalization: Normalization2D
    private let normalizesFirst: Bool
    /// Zeros around the image, px.
    private let padding: (before: Int, after: Int)

    /// - Parameter dilation: distance between neighboring taps of windows around every pixel, px; `nil` for side by side.
    init(
        _ inputs: Int,
        _ outputs: Int,
        side: Int,
        normalizesFirst: Bool,
        dilation: Int? = nil,
        _ initializer: inout WeightInitializer
    ) {
        let reach = dilation.map { $0 * (side - 1) } ?? 0
        padding = (reach / 2, reach - reach / 2)
        convolution = Convolution2D(
            inputChannels: inputs,
            outputChannels: outputs,
            kernelSize: side,
            stride: dilation == nil ? side : 1,
            padding: 0,
            dilation: dilation ?? 1,
            initializer: &initializer
        )
        normalization = Normalization2D(.layer, channels: normalizesFirst ? inputs : outputs, epsilon: 1e-6)
        self.normalizesFirst = normalizesFirst
    }

    func callAsFunction(_ x: Tensor, _ phase: Phase) -> Tensor {
        normalizesFirst ? convolution(padded(normalization(x, phase))) : normalization(convolution(padded(x)), phase)
    }

    private func padded(_ x: Tensor) -> Tensor {
        let (before, after) = padding
        return after == 0 ? x : x.padded(top: before, bottom: after, left: before, right: after)
    }

    func visit(_ visitor: inout ModuleVisitor) {
        visitor.part("convolution", convolution)
        // Model files have this spelling in their parameters' paths.
        visitor.part("normalisation", normalization)
    }
}

/// `x + scale · project(gelu(expand(normalize(depthwise(x)))))`.
private final class ConvNeXtBlock: Layer {
    private let depthwise: Convolution2D
    private let normalization: Normalization2D
    private let expand: Convolution2D
    private let project: Convolution2D
    /// `[channels]`.
    private let scale: Parameter

    init(_ channels: Int, dilation: Int, _ initializer: inout WeightInitializer) {
        func convolution(
            _ inputs: Int,
            _ outputs: Int,
            kernel: Int,
            dilation: Int = 1,
            groups: Int = 1,
            _ initializer: inout WeightInitializer
        ) -> Convolution2D {
            Convolution2D(
                inputChannels: inputs,
                outputChannels: outputs,
                kernelSize: kernel,
                dilation: dilation,
                groups: groups,
                initializer: &initializer
            )
        }
        depthwise = convolution(channels, channels, kernel: 7, dilation: dilation, groups: channels, &initializer)
        normalization = Normalization2D(.layer, channels: channels, epsilon: 1e-6)
        expand = convolution(channels, 4 * channels, kernel: 1, &initializer)
        project = convolution(4 * channels, channels, kernel: 1, &initializer)
        scale = Parameter(.ones([channels]) * 1e-6, decays: false)
    }

    func callAsFunction(_ x: Tensor, _ phase: Phase) -> Tensor {
        let y = project(expand(normalization(depthwise(x), phase)).gelu())
        let factors = scale.tensor.reshaped(to: [1, y.shape[1]]).broadcast(to: [y.shape[0], y.shape[1]])
        return y.scaledChannels(by: factors).residualSum(x, relu: false)
    }

    func visit(_ visitor: inout ModuleVisitor) {
        visitor.part("depthwise", depthwise)
        // Model files have this spelling in their parameters' paths.
        visitor.part("normalisation", normalization)
        visitor.part("expand", expand)
        visitor.part("project", project)
        visitor.parameter("scale", scale)
    }
}

import SegCore
import SegLayers
import SegTensor

/// ResNet-18, -34 and -50.
///
/// - Source: He et al. 2016, with the stride of a bottleneck on its 3×3 convolution, as torchvision and timm have it.
final class ResNetTrunk: PublishedTrunk {
    let outline: EncoderOutline
    let namings: [PublishedNaming]
    private let stem: PublishedUnit
    private let layers: [[ResNetBlock]]

    init(
        blocks: [Int],
        isBottleneck: Bool,
        inputChannels: Int,
        dilatedStages: Int,
        initializer: inout WeightInitializer
    ) {
        // The stem is a stage too.
        let dilation = StageDilation(stages: dilatedStages, count: blocks.count + 1)
        let style = PublishedStyle()
        stem = style.unit(inputChannels, 64, kernel: 7, stride: 2, &initializer)
        var layers: [[ResNetBlock]] = []
        var names = PublishedNaming("torchvision and timm", unused: ["fc."])
        names.unit("stem", "conv1", "bn1")
        var channels = 64
        for (stage, count) in blocks.enumerated() {
            let inner = 64 << stage
            let outputs = isBottleneck ? 4 * inner : inner
            layers.append([])
            for block in 0..<count {
                let stride = block == 0 && stage > 0 && dilation[stage + 1] == 1 ? 2 : 1
                let made = ResNetBlock(
                    channels,
                    inner: inner,
                    outputs,
                    stride: stride,
                    dilation: dilation[stage + 1],
                    isBottleneck: isBottleneck,
                    style: style,
                    initializer: &initializer
                )
                layers[stage].append(made)
                let (path, name) = ("layers.\(stage).\(block)", "layer\(stage + 1).\(block)")
                for part in 0..<(isBottleneck ? 3 : 2) {
                    names.unit("\(path).branch.\(part)", "\(name).conv\(part + 1)", "\(name).bn\(part + 1)")
                }
                if made.hasShortcut {
                    names.unit("\(path).shortcut", "\(name).downsample.0", "\(name).downsample.1")
                }
                channels = outputs
            }
        }
        self.layers = layers
        namings = [names]
        let widths = (0..<blocks.count).map { (isBottleneck ? 256 : 64) << $0 }
        outline = EncoderOutline(channels: [64] + widths, scales: dilation.scales(first: 2))
    }

    func stage(_ index: Int, of x: Tensor, phase: Phase) -> Tensor {
        switch index {
        case 0: stem(x, phase)
        case 1: layers[0].reduce(x.maxPooled(window: 3, stride: 2, padding: 1)) { $1($0, phase) }
        default: layers[index - 1].reduce(x) { $1($0, phase) }
        }
    }

    func visit(_ visitor: inout ModuleVisitor) {
        visitor.part("stem", stem)
        for (stage, blocks) in layers.enumerated() { visitor.parts("layers.\(stage)", blocks) }
    }
}

/// `relu(x + branch(x))`.
final class ResNetBlock: Layer {
    private let branch: [PublishedUnit]
    private let shortcut: PublishedUnit?

    var hasShortcut: Bool { shortcut != nil }

    init(
        _ inputs: Int,
        inner: Int,
        _ outputs: Int,
        stride: Int,
        dilation: Int,
        isBottleneck: Bool,
        style: PublishedStyle,
        initializer: inout WeightInitializer
    ) {
        branch =
            isBottleneck
            ? [
                style.unit(inputs, inner, kernel: 1, &initializer),
                style.unit(inner, inner, kernel: 3, stride: stride, dilation: dilation, &initializer),
                style.unit(inner, outputs, kernel: 1, isActivated: false, &initializer),
            ]
            : [
                style.unit(inputs, inner, kernel: 3, stride: stride, dilation: dilation, &initializer),
                style.unit(inner, outputs, kernel: 3, dilation: dilation, isActivated: false, &initializer),
            ]
        shortcut =
            stride > 1 || inputs != outputs
            ? style.unit(inputs, outputs, kernel: 1, stride: stride, isActivated: false, &initializer) : nil
    }

    func callAsFunction(_ x: Tensor, _ phase: Phase) -> Tensor {
        let inner = branch.dropLast().reduce(x) { $1($0, phase) }
        return branch[branch.count - 1](inner, phase, plus: shortcut.map { $0(x, phase) } ?? x, relu: true)
    }

    func visit(_ visitor: inout ModuleVisitor) {
        visitor.parts("branch", branch)
        if let shortcut { visitor.part("shortcut", shortcut) }
    }
}

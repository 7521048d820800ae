import SegCore
import SegLayers
import SegTensor

/// Networks of inverted residual blocks: MobileNetV2, and EfficientNet-Lite without squeeze and excitation.
///
/// - Source: Sandler et al. 2018; Tan & Le 2019, in the form that Google published for phones.
final class MobileTrunk: PublishedTrunk {
    /// Blocks that follow each other with the same sizes.
    struct Group {
        var expansion: Int
        var kernel: Int
        /// Of the first block.
        var stride: Int
        var channels: Int
        var count: Int
    }

    let outline: EncoderOutline
    let namings: [PublishedNaming]
    private let stem: PublishedUnit
    private let blocks: [MobileBlock]
    /// The blocks of each stage.
    private let ranges: [Range<Int>]

    /// - Parameter isLite: whether timm's and the packages' names are those of EfficientNet-Lite; torchvision's of MobileNetV2
    ///   otherwise.
    init(
        _ groups: [Group],
        style: PublishedStyle,
        isLite: Bool,
        inputChannels: Int,
        dilatedStages: Int,
        initializer: inout WeightInitializer
    ) {
        let dilation = StageDilation(stages: dilatedStages, count: 1 + groups.count { $0.stride == 2 })
        stem = style.unit(inputChannels, 32, kernel: 3, stride: 2, &initializer)
        var timm = PublishedNaming("timm", unused: ["conv_head.", "bn2.", "classifier."])
        timm.unit("stem", "conv_stem", "bn1")
        var other =
            isLite
            ? PublishedNaming("efficientnet-lite-pytorch", unused: ["_conv_head.", "_bn1.", "_fc."])
            : PublishedNaming("torchvision", unused: ["features.18.", "classifier."])
        if isLite {
            other.unit("stem", "_conv_stem", "_bn0")
        } else {
            other.unit("stem", "features.0.0", "features.0.1")
        }
        var blocks: [MobileBlock] = []
        var starts: [Int] = [0]
        var (channels, widths) = (32, [Int]())
        for (place, group) in groups.enumerated() {
            if group.stride == 2 {
                starts.append(blocks.count)
                widths.append(channels)
            }
            let spread = dilation[starts.count - 1]
            for repetition in 0..<group.count {
                let (path, index) = ("blocks.\(blocks.count)", blocks.count)
                blocks.append(
                    MobileBlock(
                        channels,
                        group.channels,
                        expansion: group.expansion,
                        kernel: group.kernel,
                        stride: repetition == 0 && spread == 1 ? group.stride : 1,
                        dilation: spread,
                        style: style,
                        initializer: &initializer
                    )
                )
                channels = group.channels
                let hasExpansion = group.expansion > 1
                let timmName = "blocks.\(place).\(repetition)"
                if hasExpansion { timm.unit("\(path).expand", "\(timmName).conv_pw", "\(timmName).bn1") }
                timm.unit("\(path).depthwise", "\(timmName).conv_dw", "\(timmName).bn\(hasExpansion ? 2 : 1)")
                timm.unit(
                    "\(path).project",
                    "\(timmName).conv_pw\(hasExpansion ? "l" : "")",
                    "\(timmName).bn\(hasExpansion ? 3 : 2)"
                )
                if isLite {
                    let name = "_blocks.\(index)"
                    if hasExpansion { other.unit("\(path).expand", "\(name)._expand_conv", "\(name)._bn0") }
                    other.unit("\(path).depthwise", "\(name)._depthwise_conv", "\(name)._bn1")
                    other.unit("\(path).project", "\(name)._project_conv", "\(name)._bn2")
                } else {
                    let name = "features.\(index + 1).conv"
                    let first = hasExpansion ? 1 : 0
                    if hasExpansion { other.unit("\(path).expand", "\(name).0.0", "\(name).0.1") }
                    other.unit("\(path).depthwise", "\(name).\(first).0", "\(name).\(first).1")
                    other.unit("\(path).project", "\(name).\(first + 1)", "\(name).\(first + 2)")
                }
            }
        }
        widths.append(channels)
        self.blocks = blocks
        ranges = zip(starts, starts.dropFirst() + [blocks.count]).map { $0..<$1 }
        namings = [timm, other]
        outline = EncoderOutline(channels: widths, scales: dilation.scales(first: 2))
    }

    func stage(_ index: Int, of x: Tensor, phase: Phase) -> Tensor {
        blocks[ranges[index]].reduce(index == 0 ? stem(x, phase) : x) { $1($0, phase) }
    }

    func visit(_ visitor: inout ModuleVisitor) {
        visitor.part("stem", stem)
        visitor.parts("blocks", blocks)
    }
}

/// 1×1 convolution to more channels, depthwise convolution, 1×1 convolution back; a sum with the input where sizes stay.
final class MobileBlock: Layer {
    private let expand: PublishedUnit?
    private let depthwise: PublishedUnit
    private let project: PublishedUnit
    private let isResidual: Bool

    init(
        _ inputs: Int,
        _ outputs: Int,
        expansion: Int,
        kernel: Int,
        stride: Int,
        dilation: Int,
        style: PublishedStyle,
        initializer: inout WeightInitializer
    ) {
        let inner = inputs * expansion
        expand = expansion > 1 ? style.unit(inputs, inner, kernel: 1, &initializer) : nil
        depthwise = style.unit(
            inner,
            inner,
            kernel: kernel,
            stride: stride,
            dilation: dilation,
            groups: inner,
            &initializer
        )
        project = style.unit(inner, outputs, kernel: 1, isActivated: false, &initializer)
        isResidual = stride == 1 && inputs == outputs
    }

    func callAsFunction(_ x: Tensor, _ phase: Phase) -> Tensor {
        let y = depthwise(expand.map { $0(x, phase) } ?? x, phase)
        return isResidual ? project(y, phase, plus: x, relu: false) : project(y, phase)
    }

    func visit(_ visitor: inout ModuleVisitor) {
        if let expand { visitor.part("expand", expand) }
        visitor.part("depthwise", depthwise)
        visitor.part("project", project)
    }
}

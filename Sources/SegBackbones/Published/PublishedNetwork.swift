import SegCore
import SegLayers
import SegTensor

/// A network whose weights others have published, as an encoder.
public enum PublishedNetwork: String, CaseIterable, Sendable {
    case resnet18, resnet34, resnet50
    case efficientnetLite0 = "efficientnet-lite0"
    case efficientnetLite1 = "efficientnet-lite1"
    case efficientnetLite2 = "efficientnet-lite2"
    case mobilenetV2 = "mobilenet-v2"
    case vgg16BN = "vgg16-bn"
    case convnextTiny = "convnext-tiny"

    /// One line for `segkit plugins`.
    public var summary: String {
        switch self {
        case .resnet18: "ResNet-18, with weights of torchvision or timm"
        case .resnet34: "ResNet-34, with weights of torchvision or timm"
        case .resnet50: "ResNet-50, with weights of torchvision or timm"
        case .efficientnetLite0:
            "EfficientNet-Lite0, with weights of efficientnet-lite-pytorch or timm's tf_efficientnet_lite0"
        case .efficientnetLite1:
            "EfficientNet-Lite1, with weights of efficientnet-lite-pytorch or timm's tf_efficientnet_lite1"
        case .efficientnetLite2:
            "EfficientNet-Lite2, with weights of efficientnet-lite-pytorch or timm's tf_efficientnet_lite2"
        case .mobilenetV2: "MobileNetV2, with weights of torchvision or timm"
        case .vgg16BN: "VGG-16 with batch normalization, with weights of torchvision or timm"
        case .convnextTiny: "ConvNeXt-Tiny, with weights of torchvision or timm"
        }
    }

    /// What the training of the published weights scaled its images by.
    var colors: PublishedColors {
        switch self {
        case .efficientnetLite0, .efficientnetLite1, .efficientnetLite2:
            PublishedColors(mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5])
        default: PublishedColors(mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])
        }
    }

    /// How many of the last stages can keep their resolution and spread their taps instead: two, for an output at an eighth of the
    /// image's resolution, but of VGG, whose stages are parted by maxima.
    public var dilatableStages: Int { self == .vgg16BN ? 0 : 2 }

    /// The network without its classifier.
    ///
    /// - Parameters:
    ///   - inputChannels: of its first convolution.
    ///   - dilatedStages: how many of the last stages keep their resolution.
    func trunk(inputChannels: Int, dilatedStages: Int = 0, initializer: inout WeightInitializer) -> any PublishedTrunk {
        func resnet(_ blocks: [Int], _ isBottleneck: Bool, _ initializer: inout WeightInitializer) -> ResNetTrunk {
            ResNetTrunk(
                blocks: blocks,
                isBottleneck: isBottleneck,
                inputChannels: inputChannels,
                dilatedStages: dilatedStages,
                initializer: &initializer
            )
        }
        func lite(_ widths: [Int], _ counts: [Int], _ initializer: inout WeightInitializer) -> MobileTrunk {
            let kernels = [3, 3, 5, 3, 5, 5, 3]
            let strides = [1, 2, 2, 2, 1, 2, 1]
            return MobileTrunk(
                widths.indices.map {
                    .init(
                        expansion: $0 == 0 ? 1 : 6,
                        kernel: kernels[$0],
                        stride: strides[$0],
                        channels: widths[$0],
                        count: counts[$0]
                    )
                },
                style: PublishedStyle(padding: .same, activation: .relu6, epsilon: 1e-3, momentum: 0.01),
                isLite: true,
                inputChannels: inputChannels,
                dilatedStages: dilatedStages,
                initializer: &initializer
            )
        }
        switch self {
        case .resnet18: return resnet([2, 2, 2, 2], false, &initializer)
        case .resnet34: return resnet([3, 4, 6, 3], false, &initializer)
        case .resnet50: return resnet([3, 4, 6, 3], true, &initializer)
        case .efficientnetLite0: return lite([16, 24, 40, 80, 112, 192, 320], [1, 2, 2, 3, 3, 4, 1], &initializer)
        case .efficientnetLite1: return lite([16, 24, 40, 80, 112, 192, 320], [1, 3, 3, 4, 4, 5, 1], &initializer)
        case .efficientnetLite2: return lite([16, 24, 48, 88, 120, 208, 352], [1, 3, 3, 4, 4, 5, 1], &initializer)
        case .mobilenetV2:
            let widths = [16, 24, 32, 64, 96, 160, 320]
            let (strides, counts) = ([1, 2, 2, 2, 1, 2, 1], [1, 2, 3, 4, 3, 3, 1])
            return MobileTrunk(
                widths.indices.map {
                    .init(
                        expansion: $0 == 0 ? 1 : 6,
                        kernel: 3,
                        stride: strides[$0],
                        channels: widths[$0],
                        count: counts[$0]
                    )
                },
                style: PublishedStyle(activation: .relu6),
                isLite: false,
                inputChannels: inputChannels,
                dilatedStages: dilatedStages,
                initializer: &initializer
            )
        case .vgg16BN: return VGGTrunk(inputChannels: inputChannels, initializer: &initializer)
        case .convnextTiny:
            return ConvNeXtTrunk(
                inputChannels: inputChannels,
                dilatedStages: dilatedStages,
                initializer: &initializer
            )
        }
    }
}

/// Mean and deviation of red, green and blue that a published network's images were scaled by.
struct PublishedColors {
    var mean: [Float]
    var deviation: [Float]

    private var meanOfAll: Float { mean.reduce(0, +) / Float(mean.count) }
    private var deviationOfAll: Float { deviation.reduce(0, +) / Float(deviation.count) }

    /// Channels that a gray image gets before the stem: itself, and ones where the colors differ in their means.
    var grayChannels: Int { mean.allSatisfy { $0 == mean[0] } ? 1 : 2 }

    /// Intensities `0...1` as the stem reads them.
    ///
    /// - Shape: `[batch, 3, height, width]` is kept; `[batch, 1, height, width]` gets ``grayChannels``.
    func scaled(_ images: Tensor) -> Tensor {
        let shape = images.shape
        if shape[1] == 1 {
            let gray = (images - meanOfAll) * (1 / deviationOfAll)
            return grayChannels == 1 ? gray : .concatenated([gray, .ones(shape)])
        }
        func plane(_ values: [Float]) -> Tensor { Tensor(values, shape: [1, 3, 1, 1]).broadcast(to: shape) }
        return (images - plane(mean)) * plane(deviation.map { 1 / $0 })
    }

    /// A stem of gray images that gives what the stem of colors gives for three equal colors, at borders too.
    ///
    /// - Formula: for an intensity g, `Σ W_c (g − m_c) / d_c = (Σ W_c d̄ / d_c) (g − m̄) / d̄ + Σ W_c (m̄ − m_c) / d_c`. The
    ///   second sum is the kernel of a plane of ones: zeros around the image are zeros of both.
    /// - Shape: row-major `[outputs, 3, pixels]` to `[outputs, grayChannels, pixels]`.
    func summed(_ weights: [Float], outputs: Int) -> [Float] {
        let pixels = weights.count / (3 * outputs)
        var result: [Float] = []
        for output in 0..<outputs {
            for part in 0..<grayChannels {
                for pixel in 0..<pixels {
                    let sum = (0..<3).reduce(0.0) { sum, color in
                        let weight = Double(weights[(output * 3 + color) * pixels + pixel])
                        let factor = part == 0 ? deviationOfAll : meanOfAll - mean[color]
                        return sum + weight * Double(factor) / Double(deviation[color])
                    }
                    result.append(Float(sum))
                }
            }
        }
        return result
    }
}

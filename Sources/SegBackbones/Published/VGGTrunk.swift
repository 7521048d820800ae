import SegCore
import SegLayers
import SegTensor

/// VGG-16 with batch normalization: its five stages, each before the maximum that ends it.
///
/// - Source: Simonyan & Zisserman 2015, configuration D, as torchvision and timm have it.
final class VGGTrunk: PublishedTrunk {
    let outline: EncoderOutline
    let namings: [PublishedNaming]
    /// Of the first stage the first unit is ``stem``.
    private let units: [[PublishedUnit]]

    init(inputChannels: Int, initializer: inout WeightInitializer) {
        let style = PublishedStyle(hasBias: true)
        let widths = [64, 128, 256, 512, 512]
        let counts = [2, 2, 3, 3, 3]
        var naming = PublishedNaming("torchvision and timm", unused: ["classifier.", "pre_logits.", "head."])
        var units: [[PublishedUnit]] = []
        // Of the list of all layers: convolution, normalization, activation, and a maximum after each stage.
        var (channels, index) = (inputChannels, 0)
        for (stage, width) in widths.enumerated() {
            units.append([])
            for unit in 0..<counts[stage] {
                units[stage].append(style.unit(channels, width, kernel: 3, &initializer))
                let path = stage == 0 && unit == 0 ? "stem" : "stages.\(stage).\(unit)"
                naming.unit(path, "features.\(index)", "features.\(index + 1)", hasBias: true)
                channels = width
                index += 3
            }
            index += 1
        }
        self.units = units
        namings = [naming]
        outline = EncoderOutline(channels: widths, scales: widths.indices.map { 1 << $0 })
    }

    func stage(_ index: Int, of x: Tensor, phase: Phase) -> Tensor {
        units[index].reduce(index == 0 ? x : x.maxPooled2x2()) { $1($0, phase) }
    }

    func visit(_ visitor: inout ModuleVisitor) {
        for (stage, units) in units.enumerated() {
            for (index, unit) in units.enumerated() {
                visitor.part(stage == 0 && index == 0 ? "stem" : "stages.\(stage).\(index)", unit)
            }
        }
    }
}

import SegAugmentation
import SegBIRADS
import SegBackbones
import SegCore
import SegHeads
import SegLosses
import SegScoring
public import SegSettings
import SegTraining

extension PluginRegistry {
    /// Everything that the library ships. A value: adding to a copy does not change others.
    public static let standard: PluginRegistry = {
        var registry = PluginRegistry()
        do {
            try registry.addStandardEncoders()
            try registry.add(backbone: UNet.self)
            try registry.add(backbone: ResidualUNet.self)
            try registry.add(backbone: AttentionUNet.self)
            try registry.add(backbone: UNetPlusPlus.self)
            try registry.add(backbone: DenseUNet.self)
            try registry.add(backbone: UNet3Plus.self)
            try registry.add(backbone: LinkNet.self)
            try registry.add(backbone: FPN.self)
            try registry.add(backbone: DeepLabV3Plus.self)
            try registry.add(head: SegmentationHead.self)
            try registry.add(head: ClassificationHead.self)
            try registry.add(head: DeepSupervisionHead.self)
            try registry.add(term: BIRADSConsistency.self)
            try registry.addStandardLosses()
            try registry.addStandardAugmentations()
            try registry.addStandardTraining()
            try registry.addStandardDatasets()
            try registry.addStandardMetrics()
        } catch {
            preconditionFailure("the library's own plugins have unique names: \(error)")
        }
        return registry
    }()
}

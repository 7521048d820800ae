import SegBIRADS
import SegBackbones
public import SegCore
import SegDatasets
import SegHeads

extension PluginRegistry {
    /// Everything that the library ships. A value: adding to a copy changes nobody else's.
    public static let standard: PluginRegistry = {
        var registry = PluginRegistry()
        do {
            try registry.add(backbone: UNet.self)
            try registry.add(head: SegmentationHead.self)
            try registry.add(head: ClassificationHead.self)
            try registry.add(term: BIRADSConsistency.self)
            try registry.addStandardDatasets()
        } catch {
            preconditionFailure("the library's own plugins have unique names: \(error)")
        }
        return registry
    }()

    private mutating func addStandardDatasets() throws {
        try add(
            dataset: "breast",
            summary: "BrEaST, 256 images from Poland with BI-RADS descriptors: folder of images, masks and xlsx"
        ) { BrEaST(folder: $0) }
        try add(
            dataset: "busi",
            summary: "BUSI, 780 images from Egypt: folder with benign, malignant and normal"
        ) { BUSI(folder: $0) }
        try add(
            synthetic: "phantom",
            summary: "Synthetic breast ultrasound with known masks and labels, made in memory",
            settings: PhantomSettings.self
        ) { try $0.makeDataset() }
        try add(
            dataset: "phantom-folder",
            summary: "A folder that `segkit synthesize` wrote"
        ) { PhantomFolder(folder: $0) }
    }
}

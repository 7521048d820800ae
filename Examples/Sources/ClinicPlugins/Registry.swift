import SegAugmentation
import SegConfiguration
import SegCore
import SegLosses
import SegReport
import SegScoring
import SegSettings

extension PluginRegistry {
    /// What the library ships, and the clinic's plugins beside it.
    public static func withClinicPlugins() throws -> PluginRegistry {
        var registry = PluginRegistry.standard
        try registry.add(term: TallerThanWide.self)
        try registry.add(head: LesionAreaHead.self)
        try registry.add(head: CategoryHead.self)
        try registry.add(backbone: TwoScaleNet.self)
        try registry.add(metric: SmallLesionDice.self)
        try registry.add(section: MissedLesionSection())
        try registry.add(loss: LogCoshDiceLoss.self)
        try registry.add(augmentation: Haze.self)
        try registry.add(dataset: "clinic", summary: "Our images") { Clinic(folder: $0) }
        try registry.add(synthetic: "rated-phantom", summary: "With BI-RADS categories", settings: NoSettings.self) {
            _ in
            RatedPhantom(center: .northern, count: 60, seed: 1)
        }
        return registry
    }
}

import SegBIRADS
import SegBackbones
import SegCore
import SegHeads
import SegLayers
import SegLosses
import SegTensor
import SegTestKit
import Testing

@Suite("The library's own plugins keep the public rules")
struct ConformanceTests {
    @Test(
        "U-Nets",
        arguments: [
            UNet.Settings(depth: 3, width: 4),
            UNet.Settings(depth: 2, width: 3, normalization: .instance),
            UNet.Settings(depth: 3, width: 2, normalization: .none, upsampling: .bilinear),
            UNet.Settings(depth: 4, width: 2, normalization: .instance, upsampling: .bilinear),
        ]
    )
    func backbones(_ settings: UNet.Settings) {
        #expect(checkBackbone(UNet.self, settings: settings, imageSize: 16) == [])
    }

    @Test("a U-Net on images of three channels")
    func color() {
        #expect(checkBackbone(UNet.self, settings: .init(depth: 2, width: 2), inputChannels: 3, imageSize: 8) == [])
    }

    @Test("segmentation heads", arguments: EmptyTargetPolicy.allCases, [Float(0), 0.5])
    func segmentation(_ policy: EmptyTargetPolicy, _ crossEntropy: Float) {
        var settings = SegmentationHead.Settings()
        settings.emptyTargets = policy
        settings.crossEntropy = crossEntropy
        #expect(checkTaskHead(SegmentationHead.self, settings: settings) == [])
    }

    @Test("classification heads", arguments: [true, false])
    func classification(_ includesNormals: Bool) {
        var settings = ClassificationHead.Settings()
        settings.includesNormals = includesNormals
        #expect(checkTaskHead(ClassificationHead.self, settings: settings) == [])
    }

    /// The term with a gradient into everything that it compares.
    private static var allPaths: BIRADSConsistency.Settings {
        var settings = BIRADSConsistency.Settings()
        settings.updatesMask = true
        settings.updatesPrior = true
        return settings
    }

    @Test("the BI-RADS consistency term as it is by default, mask and prior taken as constants")
    func defaultConsistency() {
        let failures = checkConsistencyTerm(
            BIRADSConsistency.self,
            stopsGradientsOf: [.lesion],
            stopsGradientsOfWeights: true
        )
        #expect(failures == [])
    }

    @Test("the BI-RADS consistency term", arguments: MalignancyPrior.InitialWeights.allCases)
    func consistency(_ initialWeights: MalignancyPrior.InitialWeights) {
        var settings = Self.allPaths
        settings.initialWeights = initialWeights
        #expect(checkConsistencyTerm(BIRADSConsistency.self, settings: settings) == [])
    }

    @Test("the BI-RADS consistency term with every feature of the catalog")
    func allFeatures() {
        var settings = Self.allPaths
        settings.features = BIRADSFeatureCatalog.standard.names
        #expect(checkConsistencyTerm(BIRADSConsistency.self, settings: settings) == [])
    }

    @Test("the BI-RADS consistency term that takes one side as a constant", arguments: [true, false])
    func constants(_ updatesMask: Bool) {
        var settings = Self.allPaths
        settings.updatesMask = updatesMask
        settings.updatesMalignancy = !updatesMask
        let constant: Outputs.Key = updatesMask ? .malignancy : .lesion
        #expect(checkConsistencyTerm(BIRADSConsistency.self, settings: settings, stopsGradientsOf: [constant]) == [])
    }
}

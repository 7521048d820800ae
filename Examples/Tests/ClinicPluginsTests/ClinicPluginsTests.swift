import ClinicPlugins
import Foundation
import SegBIRADS
import SegConfiguration
import SegCore
import SegImageIO
import SegScoring
import SegSettings
import SegStudy
import SegTensor
import SegTestKit
import Testing

@Suite("Our plugins")
struct ClinicPluginsTests {
    @Test("the term keeps the rules of consistency terms")
    func term() {
        #expect(checkConsistencyTerm(TallerThanWide.self) == [])
    }

    @Test("the term wants an upright lesion malignant and a lying one benign", arguments: [true, false])
    func direction(isUpright: Bool) throws {
        var lesion = Array(repeating: Float(-8), count: 256)
        for along in 2..<14 {
            for across in 6..<10 { lesion[isUpright ? along * 16 + across : across * 16 + along] = 8 }
        }
        let batch = Batch.phantom([.benign], size: 16)
        func penalty(malignancy: Float) throws -> Float {
            var outputs = Outputs()
            outputs[.lesion] = Tensor(lesion, shape: batch.masks.shape)
            outputs[.malignancy] = Tensor([malignancy], shape: [1])
            let progress = TrainingProgress(epoch: 1, epochs: 1)
            return try #require(TallerThanWide(.init()).penalty(outputs, batch, progress)).item
        }
        #expect(try penalty(malignancy: isUpright ? 4 : -4) < 0.05)
        #expect(try penalty(malignancy: isUpright ? -4 : 4) > 0.5)
    }

    @Test("the head keeps the rules of task heads")
    func head() {
        #expect(checkTaskHead(LesionAreaHead.self) == [])
        #expect(checkTaskHead(CategoryHead.self) == [])
    }

    @Test("the metric keeps the rules of metrics, and tells small lesions from large ones")
    func metric() throws {
        var settings = SmallLesionDice.Settings()
        settings.largestShare = 1
        #expect(checkCaseMetric(SmallLesionDice.self, settings: settings) == [])
        var lesion = Mask(emptyWithWidth: 10, height: 10)
        for x in 0..<5 { lesion[x, 4] = true }
        let record = SampleRecord(id: "case", imageFile: URL(fileURLWithPath: "/nowhere.png"), pathology: .benign)
        let item = try MetricCase(
            prediction: lesion,
            reference: lesion,
            record: record,
            emptyMasks: .undefinedWhenReferenceEmpty
        )
        for (share, value) in [(0.05, 1), (0.04, nil)] as [(Double, Double?)] {
            settings.largestShare = share
            #expect(SmallLesionDice(settings).value(of: item) == value)
        }
    }

    @Test("the section keeps the rules of sections")
    func section() {
        #expect(checkReportSection(MissedLesionSection()) == [])
    }

    @Test("the loss keeps the rules of losses, and the augmentation those of augmentations")
    func lossAndAugmentation() {
        #expect(checkMaskLoss(LogCoshDiceLoss.self) == [])
        #expect(checkAugmentation(Haze.self) == [])
    }

    @Test("the backbone keeps the rules of backbones")
    func backbone() {
        var settings = TwoScaleNet.Settings()
        settings.width = 3
        #expect(checkBackbone(TwoScaleNet.self, settings: settings, imageSize: 16) == [])
    }

    @Test("the adapter keeps the rules of dataset adapters, and names a file that it does not understand")
    func adapter() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("clinic-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for part in ["images", "masks"] {
            let path = folder.appendingPathComponent(part)
            try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
        }
        var lesion = Mask(emptyWithWidth: 6, height: 4)
        lesion[2, 1] = true
        let image = PNGImage(GrayImage(width: 6, height: 4, repeating: 0.5))
        for file in ["p1_1_benign.png", "p1_2_malignant.png", "p2_1_normal.png"] {
            try PNG.write(image, to: folder.appendingPathComponent("images/\(file)"))
            guard !file.contains("normal") else { continue }
            try PNG.write(PNGImage(lesion), to: folder.appendingPathComponent("masks/\(file)"))
        }
        #expect(checkDatasetAdapter(Clinic(folder: folder)) == [])
        #expect(try Clinic(folder: folder).records().map(\.group) == ["p1", "p1", "p2"])

        try PNG.write(image, to: folder.appendingPathComponent("images/scan.png"))
        #expect { try Clinic(folder: folder).records() } throws: { "\($0)".contains("scan.png") }
    }

    @Test("a study's file may name them, and they make a model")
    func registry() throws {
        var registry = PluginRegistry.standard
        try registry.add(term: TallerThanWide.self)
        try registry.add(head: LesionAreaHead.self)
        try registry.add(backbone: TwoScaleNet.self)
        try registry.add(dataset: "clinic", summary: "Our images") { Clinic(folder: $0) }
        var catalog = BIRADSFeatureCatalog.standard
        try catalog.add(RelativeDepth())
        let features = catalog
        try registry.add(term: BIRADSConsistency.self, named: "my-birads") {
            try BIRADSConsistency($0, catalog: features)
        }
        let text = """
            study: ours
            train: {dataset: clinic, folder: /data/clinic, validationFraction: 0.2}
            test: [{dataset: phantom}]
            model:
              backbone: {name: two-scale, settings: {width: 4}}
              heads: {segmentation: {weight: 1}, classification: {weight: 0.5}, lesion-area: {weight: 0.1}}
              terms: {taller-than-wide: {weight: 2}}
            metrics: {emptyMasks: undefinedWhenReferenceEmpty}
            arms: [{name: one}, {name: two, model: {terms: {taller-than-wide: off}}}]
            """
        let study = try StudyConfiguration(ConfigurationDocument(text: text, name: "ours.yaml"), registry: registry)
        let models = try study.arms.map { try $0.model.makeModel(registry: registry, seed: 1) }
        #expect(models.map(\.terms.count) == [1, 0])
        #expect(models[0].backbone.outline.denseChannels == 4)
        #expect(models[0].heads.map(\.name).contains("lesion-area"))
        let term = try registry.term("my-birads", subject: "terms").make(
            .table(["features": .list([.text("relative-depth")])]),
            "terms.my-birads"
        )
        #expect((term as? BIRADSConsistency)?.priorWeights.map(\.feature) == ["relative-depth"])
    }
}

/// How deep the lesion lies, as a share of the image's height.
private struct RelativeDepth: BIRADSFeature {
    let name = "relative-depth"
    let descriptor = BIRADSDescriptor.orientation
    let association = MalignancyAssociation.fitted

    func values(of lesion: SoftLesion) -> Tensor { lesion.centroidY / Float(lesion.height) }
}

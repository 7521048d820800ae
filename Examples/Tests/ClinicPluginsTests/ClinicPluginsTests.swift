import ClinicPlugins
import Foundation
import SegCore
import SegImageIO
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
}

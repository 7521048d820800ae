import Foundation
import SegAugmentation
import SegCore
import SegData
import SegSettings
import Testing

@Suite struct AugmentationCatalogTests {
    /// Every setting as `elastic.amplitude`.
    private static func keys(_ value: ConfigurationValue, _ path: String = "") -> [String] {
        guard let members = value.members else { return [path] }
        return members.flatMap { keys($0.value, path.isEmpty ? $0.key : "\(path).\($0.key)") }
    }

    @Test func itHasEverySettingOnce() throws {
        let settings = try ConfigurationValue(encoding: AugmentationPipeline.Settings())
        let listed = AugmentationCatalog.entries.flatMap(\.parameters).map(\.key)
        #expect(listed.sorted() == Self.keys(settings).sorted())
        #expect(Set(AugmentationCatalog.entries.map(\.name)).count == AugmentationCatalog.entries.count)
    }

    @Test func everyEntryIsComplete() throws {
        for entry in AugmentationCatalog.entries {
            #expect(!entry.summary.isEmpty && !entry.source.isEmpty)
            #expect(entry.parameters.allSatisfy { !$0.unit.isEmpty && !$0.meaning.isEmpty })
            #expect(entry.breaks.allSatisfy { !$0.reason.isEmpty })
            try entry.example.validate()
        }
    }

    @Test func entriesStandInThePipelinesOrder() throws {
        var all = AugmentationPipeline.Settings()
        all.verticalFlip = 0.5
        all.gamma = 0.1
        all.gain = 0.1
        for entry in AugmentationCatalog.entries {
            switch entry.name {
            case ElasticStep.name: all.elastic = entry.example.elastic
            case HistogramMatchingStep.name: all.histogramMatching = entry.example.histogramMatching
            case FourierMixingStep.name: all.fourierMixing = entry.example.fourierMixing
            case CLAHEStep.name: all.clahe = entry.example.clahe
            case BlurStep.name: all.blur = entry.example.blur
            case SpeckleStep.name: all.speckle = entry.example.speckle
            case TimeGainStep.name: all.timeGain = entry.example.timeGain
            case ShadowStep.name: all.shadow = entry.example.shadow
            case CutOutStep.name: all.cutOut = entry.example.cutOut
            default: break
            }
        }
        let bank = try ReferenceBank([AugmentationStepTests.sample()])
        func kinds(_ settings: AugmentationPipeline.Settings) throws -> [String] {
            try AugmentationPipeline(settings: settings, references: bank).steps.map { step in
                "\(type(of: (step as? ReferencedStep)?.step as Any? ?? step))"
            }
        }
        #expect(try kinds(all) == AugmentationCatalog.entries.flatMap { try kinds($0.example) })
    }
}

import ClinicPlugins
import SegBackbones
import SegCore
import SegReport
import SegSettings
import SegTensor
import SegTestKit
import Testing

/// The tests in Documentation/WritingAPlugin.md.
@Suite("Conformance, as the guide shows it")
struct ConformanceGuide {
    @Test func term() { #expect(checkConsistencyTerm(TallerThanWide.self) == []) }
    @Test func head() { #expect(checkTaskHead(LesionAreaHead.self) == []) }
    @Test func backbone() { #expect(checkBackbone(TwoScaleNet.self, imageSize: 16) == []) }
    @Test func encoder() {
        #expect(checkEncoder("my-encoder", summary: "…", settings: MySettings()) { MyEncoder.design($0) } == [])
    }
    @Test func loss() { #expect(checkMaskLoss(LogCoshDiceLoss.self) == []) }
    @Test func augmentation() { #expect(checkAugmentation(Haze.self) == []) }
    @Test func metric() { #expect(checkCaseMetric(MissedArea.self) == []) }
    @Test func section() { #expect(checkReportSection(MissedLesionSection()) == []) }

    @Test("The section of the guide keeps the rules")
    func slowest() {
        #expect(checkReportSection(SlowestTraining()) == [])
    }

    @Test("A head that learns from a column of the data set gets it from the test")
    func density() {
        let failures = checkTaskHead(DensityHead.self) {
            $0.metadata["density"] = $0.pathology == .malignant ? "c" : "b"
        }
        #expect(failures == [])
    }
}

import Foundation
import SegManuscript
import SegReport
import SegResults
import SegStudy
import Testing

@Suite("Draft texts for a paper")
struct ManuscriptTests {
    private static let settings = """
        model:
          backbone: {name: unet, settings: {depth: 3, width: 4}}
          heads:
            classification: {weight: 0.5, settings: {pooling: average}}
            segmentation: {weight: 1, settings: {crossEntropy: 1, dice: 1}}
          terms: {}
        training:
          imageSize: 64
          epochs: 20
          batchSize: 8
          learningRate: 0.002
          warmUpEpochs: 1
          optimizer: {name: adamw, settings: {beta1: 0.9}}
          augmentation: {rotation: 10, horizontalFlip: 0.5, blur: {axial: 0.006, probability: 0}, gain: 0}
        """

    private static func results(seeds: [UInt64] = [1]) -> StudyResults {
        var results = SampleStudy(arms: 2, seeds: seeds).results()
        results.arms[1].settings = settings
        results.arms[1].parameters = 123_456
        results.arms[0].settings = settings.replacing("{weight: 0.5, settings: {pooling: average}}", with: "false")
            .replacing("epochs: 20", with: "epochs: 30")
        return results
    }

    @Test("Methods say what was trained, and of other arms what is different")
    func methods() {
        let text = Manuscript(Self.results()).methods
        for part in [
            "The network of Multi-task baseline was unet (depth 3, width 4).", "123\u{202F}456 (Multi-task baseline)",
            "classification (weight 0.5, pooling average); segmentation (weight 1",
            "Segmentation only differed from Multi-task baseline in model.heads.classification: off instead of weight 0.5",
            "training.epochs: 30 instead of 20", "trained for 20 epochs in batches of 8 with adamw (beta1 0.9)",
            "augmented by rotation up to 10° and horizontal flip (probability 0.5);", "epochs 31 to 32",
            "External test sets, on which nothing was trained or tuned: Center B, 160 images",
        ] { #expect(text.contains(part), "\(part) in \(text)") }
        #expect(!text.contains("blur") && !text.contains("gain"))
        // Results whose settings cannot be read have the paragraphs that do not need them.
        #expect(Manuscript(SampleStudy(datasets: []).results()).methods.contains("## Software"))
    }

    @Test(
        "Numbers in the results are those of results.json, each p with its test",
        arguments: [[1], [1, 2, 3]] as [[UInt64]]
    )
    func findings(seeds: [UInt64]) throws {
        let results = Self.results(seeds: seeds)
        let text = Manuscript(results).findings
        let dice = try #require(results.summary(arm: "arm-1", dataset: "Center B")).dice
        let low = String(format: "%.3f", try #require(dice.interval).low)
        #expect(
            text.contains(
                String(format: "%.3f ± %.3f with Multi-task baseline (95 %% CI ", dice.mean, dice.standardDeviation)
                    + low
            )
        )
        let comparison = try #require(results.comparison(arm: "arm-0", dataset: "Center B"))
        let difference = "mean Dice was −0.030 (95 % CI "
        #expect(comparison.meanDifference == -0.03 && text.contains(difference))
        #expect(
            text.contains(
                seeds.count == 1
                    ? "p = 0.034, test of ranks; "
                    : "p = 0.210, across seeds; p = 0.034, test of ranks of the trained models"
            )
        )
        // What served to choose is told last, and has no p.
        let parts = text.components(separatedBy: "\n## ")
        #expect(parts.last?.hasPrefix("Center A, validation") == true && parts.last?.contains("p = ") == false)
        #expect(!text.lowercased().contains(/\bnan\b/))
    }

    @Test("Every item of the checklist is there once; what only authors know is said to be unknown")
    func claim() throws {
        let rows = Manuscript(Self.results()).claim.split(separator: "\n").filter { $0.firstMatch(of: /^\| \d/) != nil }
        #expect(rows.map { $0.split(separator: " | ").count } == Array(repeating: 3, count: 44))
        #expect(rows.map { Int($0.split(separator: " ")[1]) } == Array(1...44))
        #expect(rows.filter { $0.hasSuffix("| not known to the software |") }.count > 8)
        #expect(rows[32].contains("Center B: 160 images") && rows[21].contains("unet"))
    }

    @Test("A name is shown as it stands")
    func escaping() {
        var results = Self.results()
        results.study = "<b>a|b</b>\n*x* BUS_UCLM _y_"
        let text = Manuscript(results).methods
        #expect(text.hasPrefix("# Methods of \\<b>a\\|b\\</b> \\*x\\* BUS_UCLM \\_y\\_\n"))
    }
}

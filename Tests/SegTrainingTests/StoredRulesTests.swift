import Foundation
import SegConfiguration
import SegCore
import SegData
import SegInference
import SegTraining
import Testing

@Suite("Rules for masks, chosen on validation")
struct StoredRulesTests {
    private static let side = 32

    /// An image whose lesion is a square, and a prediction of it that also has what is asked for.
    private func prediction(_ id: String, stray: Int = 0, hole: Bool = false, second: Bool = false) -> CasePrediction {
        let side = Self.side
        var lesion = Mask(emptyWithWidth: side, height: side)
        var probability = [Float](repeating: 0.1, count: side * side)
        for y in 8..<20 {
            for x in 8..<20 {
                lesion[x, y] = true
                probability[y * side + x] = 0.9
            }
        }
        if hole { for y in 11..<17 { for x in 11..<17 { probability[y * side + x] = 0.1 } } }
        if second {
            for y in 0..<8 {
                for x in 24..<32 {
                    lesion[x, y] = true
                    probability[y * side + x] = 0.9
                }
            }
        }
        for x in 0..<stray { probability[(28 + x / 8) * side + x % 8] = 0.9 }
        var record = SampleRecord(id: id, imageFile: URL(filePath: "/nowhere/\(id).png"))
        record.pathology = .benign
        return CasePrediction(
            record: record,
            letterbox: Letterbox(sourceWidth: side, sourceHeight: side, size: side),
            lesion: RunLengthMask(lesion),
            probability: probability
        )
    }

    private func chosen(_ predictions: [CasePrediction]) throws -> StoredRules {
        try StoredRules(validation: predictions, threshold: 0.5)
    }

    @Test("What gains most is taken, and nothing more than that takes")
    func gains() throws {
        // A stray part of 16 px: dropping parts below 50 px is as good as keeping the largest, and simpler.
        let strays = try chosen([prediction("a", stray: 16), prediction("b")])
        #expect(strays.rules == MaskRules(leastArea: 50))
        #expect(strays.candidates.count == 8 && strays.images == 2 && strays.leastGain == 0.002)
        // 144 true pixels: with 16 more the Dice is 288 / 304.
        #expect(abs(strays.candidates[0].dice - (288.0 / 304 + 1) / 2) < 1e-12)
        #expect(strays.candidates.first { $0.rules == strays.rules }?.dice == 1)
        #expect(try chosen([prediction("a", hole: true)]).rules == MaskRules(fillHoles: true))
        #expect(
            try chosen([prediction("a", stray: 16, hole: true)]).rules == MaskRules(fillHoles: true, leastArea: 50)
        )
        // Two lesions: whatever drops the smaller one loses, so that masks stay as they are.
        #expect(try chosen([prediction("a", second: true)]).rules == .none)
    }

    @Test("A gain that is too small, or no lesion to judge by, leaves masks as they are")
    func tooLittle() throws {
        // One stray pixel costs 1 − 288 / 289 of one image in two: 0.0017.
        let little = try chosen([prediction("a", stray: 1), prediction("b")])
        #expect(little.rules == .none && little.candidates[2].dice > little.candidates[0].dice)
        #expect(little.sentence.contains("chosen among 8 on 2 validation images: none (mean Dice 0.998"))
        var normal = prediction("n", stray: 16)
        normal.lesion = RunLengthMask(Mask(emptyWithWidth: Self.side, height: Self.side))
        let none = try chosen([normal])
        #expect(none.rules == .none && none.candidates.isEmpty)
    }

    @Test("Of files whose rules differ, those of most count, the first of equal ones")
    func votes() {
        func file(_ rules: MaskRules?) throws -> TrainedModel.Description {
            let text = #"{"name": "unet", "settings": {}}"#
            let model = #"{"backbone": \#(text), "heads": [], "terms": [], "switchedOff": {"heads": [], "terms": []}}"#
            let header = #"""
                {"study": "s", "arm": "a", "seed": 1, "model": \#(model), "imageSize": 16, "segmentationThreshold": 0.5,
                "source": "x", "packageVersion": "1"}
                """#
            var description = try JSONDecoder().decode(TrainedModel.Description.self, from: Data(header.utf8))
            // A file of before says nothing of rules.
            #expect(description.rules == nil && description.profile == nil)
            description.rules = rules.map { StoredRules(rules: $0) }
            return description
        }
        let (largest, holes) = (MaskRules(largest: true), MaskRules(fillHoles: true))
        func stored(_ all: MaskRules?...) -> MaskPostprocessing? {
            try? MaskPostprocessing.stored(in: all.map { try file($0) })
        }
        #expect(stored(largest, holes, holes) == MaskPostprocessing(fillsHoles: true))
        #expect(stored(largest, holes) == MaskPostprocessing(keepsLargest: true))
        #expect(stored(nil, nil, holes) == MaskPostprocessing.none)
    }
}

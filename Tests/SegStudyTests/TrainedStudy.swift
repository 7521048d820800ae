import Foundation
import SegMetrics
import SegResults
import SegStudy
import TestSupport

/// A study that was really trained: two arms on synthetic centers, with several seeds, in seconds.
///
/// The arm `slow` differs in its learning rate alone, which is so small that it has hardly begun to learn when training
/// ends: `able` is truly better.
struct TrainedStudy {
    static let seeds: [UInt64] = [1, 2, 3, 4, 5, 6]
    static let external = "western"

    let results: StudyResults
    let cases: [CaseResult]

    /// Trained once for all tests.
    static let shared = Result { try TrainedStudy() }

    private init() throws {
        let folder = try TemporaryFolder()
        // The western center has two images of each patient and no normal ones: every image has a Dice.
        let yaml = """
            study: trained
            output: "\(folder.appending("out").path)"
            seeds: \(Self.seeds)
            train:
              dataset: phantom
              settings: {resolution: 0.4, center: northern, count: 40}
              validationFraction: 0.3
            test:
              - dataset: phantom
                settings: {resolution: 0.4, center: western, count: 200, seed: 2}
              - dataset: phantom
                settings: {resolution: 0.4, center: eastern, count: 24, seed: 3}
            model:
              backbone: {name: unet, settings: {width: 4, depth: 3}}
              heads: {segmentation: {weight: 1}}
            training: {epochs: 10, imageSize: 32, batchSize: 4, learningRate: 0.01}
            metrics: {emptyMasks: undefinedWhenReferenceEmpty, bootstrapResamples: 500}
            reference: slow
            arms:
              - name: able
              - name: slow
                training: {learningRate: 0.0003}
            """
        let outcome = try StudyRunner(SmallStudy.read(yaml)).run()
        results = outcome.results
        cases = outcome.cases
    }

    /// The Dice that each seed of the arm `able` reached on the external set, in one order of the images, and the images'
    /// patients: two of the center's, with two images each, are taken for one with four. There are then still more than the
    /// 40 up to which the permutation test counts every pattern, which would take it minutes here.
    func cachedDice() throws -> CachedDice {
        let rows = cases.filter { $0.arm == "able" && $0.dataset == Self.external }
        let bySeed = Dictionary(grouping: rows, by: \.seed)
        let first = bySeed[Self.seeds[0]] ?? []
        let patients = Dictionary(grouping: first.indices) { first[$0].group }.values.sorted { $0[0] < $1[0] }
        return CachedDice(
            values: Self.seeds.map { seed in (bySeed[seed] ?? []).map(\.dice) },
            patients: stride(from: 0, to: patients.count - 1, by: 2).map { patients[$0] + patients[$0 + 1] }
        )
    }
}

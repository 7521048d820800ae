import SegConfiguration
import SegCore
import SegData
import SegInference
import SegScoring
import SegTensor
import SegTraining

extension StudyRunner {
    /// - Throws: ``SegmentationError`` naming the key if an arm's models cannot be used as its `inference` says.
    ///
    /// - Parameters:
    ///   - produced: what each arm predicts, in their order.
    ///   - models: theirs, without values.
    func requireInference(_ produced: [Set<MetricInput>], _ models: [MultiTaskModel]) throws {
        for (index, arm) in study.arms.enumerated() {
            let produced = produced[index]
            guard let inference = arm.inference else { continue }
            func fail(_ key: String, _ problem: String, _ cure: String) -> SegmentationError {
                SegmentationError("\(arm.path).inference\(key)", problem, cure: cure)
            }
            let folds = study.train.split.foldCount
            switch inference.ensemble {
            case .seeds where study.seeds.count < 2:
                throw fail(
                    ".ensemble",
                    "is `seeds`, and the study has one seed",
                    "name several under `seeds`, or leave `ensemble` out"
                )
            case .folds where folds == nil:
                throw fail(
                    ".ensemble",
                    "is `folds`, and the source is divided once",
                    "write `folds:` in the table `train`, or leave `ensemble` out"
                )
            case .folds where study.test.isEmpty:
                throw fail(
                    ".ensemble",
                    "is `folds`, but there is no data set on which all folds may be tested: each was trained on the others' test part",
                    "name a data set under `test`, or leave `ensemble` out"
                )
            default: break
            }
            if inference.rules != .none, !produced.contains(.mask) {
                throw fail(
                    ".rules",
                    "states rules for masks, and the arm predicts none",
                    "give it the head `segmentation`, or leave `rules` out"
                )
            }
            let size = arm.training.imageSize
            if inference.tiling != .none, !produced.contains(.mask) {
                throw fail(
                    ".tile",
                    "asks for tiles of masks, and the arm predicts none",
                    "give it the head `segmentation`, or leave `tile` out"
                )
            }
            if case .side(let side) = inference.tiling, side <= size {
                throw fail(
                    ".tile",
                    "is \(side) px, which is not more than the arm's imageSize of \(size) px, so that there are no tiles",
                    "choose a larger number, or `own`"
                )
            }
            if inference.dropout != nil {
                let hasDropout = DryRun().record {
                    models[index].hasDropout(imageSize: size, channels: study.train.channels)
                }
                guard hasDropout else {
                    throw fail(
                        ".dropoutPasses",
                        "asks for passes with dropout, and the arm's model does not contain any",
                        "set the backbone's `dropout`, or leave `dropoutPasses` out"
                    )
                }
            }
            guard let inferred = InferredArm(arm, of: study) else { continue }
            if study.arms.contains(where: { $0.name == inferred.name }) {
                throw fail(
                    "",
                    "its results would be those of `\(inferred.name)`, which is another arm's name",
                    "give that arm another name"
                )
            }
        }
    }
}

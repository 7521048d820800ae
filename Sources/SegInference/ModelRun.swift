import SegCore
import SegData
import SegTraining

/// One model at work.
struct ModelRun {
    let model: MultiTaskModel
    var batchSize: Int
    let isCancelled: () -> Bool
    var phase: () -> Phase = { .inference }

    init(model: MultiTaskModel, batchSize: Int, isCancelled: @escaping () -> Bool) {
        (self.model, self.batchSize, self.isCancelled) = (model, batchSize, isCancelled)
    }

    func callAsFunction(
        _ samples: [PreparedSample],
        view: ImageView,
        onFeatures: (FeaturePyramid) -> Void = { _ in }
    ) throws -> [CasePrediction] {
        try Evaluator.predict(
            model,
            samples,
            view: view,
            batchSize: batchSize,
            phase: phase,
            isCancelled: isCancelled,
            onFeatures: onFeatures
        )
    }

    /// The predictions, those of samples with a larger canvas refined by its tiles.
    func refined(_ whole: [CasePrediction], _ canvases: [PreparedSample?], _ view: ImageView) throws -> [CasePrediction]
    {
        try zip(whole, canvases).map { whole, canvas in
            guard let canvas else { return whole }
            return try Evaluator.refined(
                whole,
                model,
                canvas: canvas,
                view: view,
                batchSize: batchSize,
                phase: phase,
                isCancelled: isCancelled
            )
        }
    }
}

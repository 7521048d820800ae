import SegOptimization

extension RatePlan {
    init(_ settings: TrainingSettings, stepsPerEpoch: Int) {
        self.init(
            peak: settings.learningRate,
            final: settings.finalLearningRate,
            warmUpSteps: Int((settings.warmUpEpochs * Double(stepsPerEpoch)).rounded()),
            steps: settings.epochs * stepsPerEpoch
        )
    }
}

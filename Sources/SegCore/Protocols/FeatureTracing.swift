public import SegTensor

/// A term whose features of the predicted mask can be traced back to the image: `segkit predict --gradients` then draws which
/// pixels would change each of them.
public protocol FeatureTracing: ConsistencyTerm {
    /// Features under the names of ``ConsistencyTerm/report(_:_:)``, each `[batch]`, differentiable by way of the predicted mask.
    ///
    /// - Gradient: into the mask, whatever the term's settings switch off in training; images are constants.
    func features(_ outputs: Outputs, _ batch: Batch) -> [(name: String, values: Tensor)]
}

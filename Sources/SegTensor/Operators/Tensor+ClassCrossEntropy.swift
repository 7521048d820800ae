extension Tensor {
    /// Softmax cross-entropy of the logits of exclusive classes, the weighted mean over pixels, in one pass.
    ///
    /// - Shape: self `[batch, classes, …]`, at most 64 classes; classes and coverage `[batch, 1, …]` or `[batch, …]`; the
    ///   result is a scalar.
    /// - Parameters:
    ///   - classes: the number of each pixel's class; one outside of `0..<classes`, such as −1, takes the pixel out.
    ///   - weights: one for each class; all 1 if `nil`.
    ///   - coverage: a factor of each pixel, 0 for padding; all 1 if `nil`.
    /// - Formula: `Σ w (log Σₖ exp xₖ − x[t]) / Σ w` over all pixels, w the class's weight times the coverage.
    /// - Gradient: `w (softmax x − [t]) / Σ w` with respect to the logits; all else are constants.
    /// - Edge cases: 0 if no pixel takes part.
    public func softmaxCrossEntropy(_ classes: Tensor, weights: [Float]? = nil, coverage: Tensor? = nil) -> Tensor {
        let sums = ClassSums(self, classes, weights: weights, coverage: coverage, operation: #function)
        let total = sums.weight.reduce(0, +)
        let none = Array(repeating: (probability: 0.0, overlap: 0.0), count: shape[1])
        let value = total > 0 ? sums.crossEntropy.reduce(0, +) / total : 0
        return Tensor(Float(value)).recorded(from: [self]) { gradient in
            let scale = total > 0 ? Double(gradient.item) / total : 0
            return [sums.gradient { _ in (scale, none) }]
        }
    }
}

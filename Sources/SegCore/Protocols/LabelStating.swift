public import SegTensor

/// A data set with several labels: its samples carry a mask of each beside the lesion's.
///
/// ```swift
/// var labels: LabelSet { get throws { try LabelSet(["lesion", "other"], isExclusive: true) } }
///
/// func sample(for record: SampleRecord, decoder: any ImageDecoder) throws -> Sample {
///     var sample = …
///     sample.labels = [LabelMask("other", try decoder.mask(at: …))]
///     return sample
/// }
/// ```
///
/// Files of further masks belong in ``SampleRecord/labelFiles``, so that the cache notices when they change.
public protocol LabelStating: DatasetAdapter {
    /// What masks distinguish. ``LabelSet/lesionOnly`` is what data sets without this protocol have.
    var labels: LabelSet { get throws }
}

/// A head that predicts masks of labels by name: results then score each of them, whoever wrote the head.
///
/// Of the lesion, logits still belong in ``Outputs/Key/lesion``; consistency terms, thresholds and the fixed metrics read them.
public protocol LabelPredicting: TaskHead {
    /// What it learns from batches and predicts.
    var labels: LabelSet { get }

    /// The probability of each label, in the order of ``labels``; of exclusive ones, what is missing to 1 is background.
    /// `nil` if the head did not predict.
    ///
    /// - Shape: `[batch, labels, height, width]`.
    func labelProbability(_ outputs: Outputs) -> Tensor?
}

package import SegCore
import SegTensor

extension Batch {
    /// The same batch with masks of further labels, for a trial of a head that reads them: parts of the lesion show the
    /// lesion, the first other label the image's upper eighth apart from it, and the rest nothing.
    package func showing(_ labels: LabelSet) -> Batch {
        var batch = self
        let (pixels, strip) = (masks.shape.count / max(1, count), masks.shape[2] / 8 * masks.shape[3])
        let lesion = masks.values()
        let apart = labels.further.first { !labels.lesion.contains($0) }
        for name in labels.further {
            let isPart = labels.lesion.contains(name)
            let values = lesion.enumerated().map { index, value in
                isPart ? value : name == apart && index % pixels < strip ? 1 - value : 0
            }
            batch.labels[name] = Tensor(values, shape: masks.shape)
        }
        return batch
    }
}

/// What the values of the images that a backbone sees mean.
public enum ImageScaling: String, Hashable, Sendable {
    /// Mean 0 and deviation 1 over the covered pixels of each image; padding is 0, the mean.
    case standardized
    /// Intensities `0...1`; padding is 0. Published weights scale them by mean and deviation of their own training.
    case intensities
}

/// Which pixels of a mask file belong to a lesion. Published masks differ: white, colored by class, or label numbers.
public enum MaskRule: Hashable, Sendable {
    /// The brightest color channel, times alpha where there is an alpha channel, above one half of the full range:
    /// white masks, and masks in full colors such as red and green.
    case bright
    /// Any value but 0, as the file has it, in any color channel: label images in which 1 is the lesion. Of palette
    /// images, any index but 0.
    case nonzero
    /// One of these values, as the file has them, in its first channel: label images of several classes.
    case labels(Set<Int>)
}

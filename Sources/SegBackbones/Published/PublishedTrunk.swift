import SegCore
import SegTensor

/// A network whose weights are published, without its classifier.
protocol PublishedTrunk: Module {
    /// The sizes of its stages, finest first; the first need not be at the image's resolution.
    var outline: EncoderOutline { get }

    /// The features of a stage, from those of the stage before, or the image for the first.
    func stage(_ index: Int, of x: Tensor, phase: Phase) -> Tensor

    /// How those who publish weights name its tensors, each in a way of their own.
    var namings: [PublishedNaming] { get }
}

/// Which of the stages of a network keep the resolution of the one before, and how far their taps are spread.
///
/// - Source: Chen et al. 2018, section 3.1: a stage's stride becomes the dilation of all its convolutions, and of those after it.
struct StageDilation {
    /// How many of the last stages.
    let stages: Int
    /// Of all.
    let count: Int

    /// Distance between neighboring taps of a stage, px; 1 where it halves the resolution as ever.
    subscript(stage: Int) -> Int { 1 << max(0, stage - (count - stages) + 1) }

    /// How many times smaller than the image each stage is.
    ///
    /// - Parameter first: of the first stage.
    func scales(first: Int) -> [Int] { (0..<count).map { first << min($0, count - stages - 1) } }
}

/// The path of the weights that every trunk begins with.
let stemPath = "stem.convolution.weight"

/// How one library names the tensors of a network.
struct PublishedNaming {
    /// The library: `timm`.
    let origin: String
    /// Names of tensors by our paths.
    private(set) var names: [String: String] = [:]
    /// What names of tensors begin with that no encoder needs: of the classifier.
    let unused: [String]

    init(_ origin: String, unused: [String]) {
        self.origin = origin
        self.unused = unused
    }

    func isUnused(_ name: String) -> Bool {
        name.hasSuffix("num_batches_tracked") || unused.contains { name.hasPrefix($0) }
    }

    /// A layer with weight and perhaps bias.
    mutating func layer(_ path: String, _ name: String, hasBias: Bool = true) {
        names["\(path).weight"] = "\(name).weight"
        if hasBias { names["\(path).bias"] = "\(name).bias" }
    }

    /// A layer normalization.
    mutating func normalization(_ path: String, _ name: String) {
        names["\(path).gain"] = "\(name).weight"
        names["\(path).offset"] = "\(name).bias"
    }

    /// A ``PublishedUnit``.
    mutating func unit(_ path: String, _ convolution: String, _ normalization: String, hasBias: Bool = false) {
        layer("\(path).convolution", convolution, hasBias: hasBias)
        // Model files have this spelling in their parameters' paths.
        self.normalization("\(path).normalisation", normalization)
        names["\(path).normalisation.runningMean"] = "\(normalization).running_mean"
        names["\(path).normalisation.runningVariance"] = "\(normalization).running_var"
    }

    mutating func tensor(_ path: String, _ name: String) { names[path] = name }
}

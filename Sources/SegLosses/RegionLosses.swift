import Foundation
public import SegCore

/// What a region loss compares prediction and truth over.
public enum RegionScope: String, NamedChoice {
    /// Each image by itself; the loss is their mean.
    case image
    /// All images of a batch as one: small lesions and empty images weigh less.
    case batch
}

/// A distance between the region predicted and the true one, computed from their overlap.
public protocol RegionLoss: SummedMaskLoss {
    /// Over what regions are compared.
    var scope: RegionScope { get }
    /// What images without a lesion count as.
    var emptyTargets: EmptyTargetPolicy { get }

    /// The distance, and its derivatives by Σ p and Σ p t.
    func distance(_ sums: RegionSums) -> (value: Double, byProbability: Double, byOverlap: Double)
}

extension RegionLoss {
    public func value(of images: [RegionSums]) -> (value: Double, gradients: [RegionGradient]) {
        let isCounted = images.map { emptyTargets == .smoothed || $0.truth > 0 }
        let counted = zip(images, isCounted).filter(\.1).map(\.0)
        guard !counted.isEmpty else { return (0, images.map { _ in RegionGradient() }) }
        switch scope {
        case .image:
            let share = 1 / Double(counted.count)
            var total = 0.0
            let gradients = zip(images, isCounted).map { sums, counts -> RegionGradient in
                guard counts else { return RegionGradient() }
                let (value, byProbability, byOverlap) = distance(sums)
                total += share * value
                return RegionGradient(probability: share * byProbability, overlap: share * byOverlap)
            }
            return (total, gradients)
        case .batch:
            var all = RegionSums(crossEntropy: 0, probability: 0, overlap: 0, truth: 0, pixels: 0)
            for sums in counted {
                all.probability += sums.probability
                all.overlap += sums.overlap
                all.truth += sums.truth
                all.pixels += sums.pixels
            }
            let (value, byProbability, byOverlap) = distance(all)
            let gradient = RegionGradient(probability: byProbability, overlap: byOverlap)
            return (value, isCounted.map { $0 ? gradient : RegionGradient() })
        }
    }
}

/// One minus the soft Dice coefficient.
///
/// - Formula: `1 − (2 Σ p t + s) / (Σ p + Σ t + s)`, s the smoothing.
/// - Source: Milletari, Navab & Ahmadi 2016, with linear in place of squared sums in the denominator.
public struct SoftDiceLoss: RegionLoss {
    public struct Settings: PluginSettings, ExplainedSettings {
        /// Added to numerator and denominator, px.
        public var smoothing: Float = 1
        /// `image` or `batch`.
        public var scope = RegionScope.image
        /// `smoothed` or `excluded`.
        public var emptyTargets = EmptyTargetPolicy.smoothed

        public static let meanings: [String: SettingMeaning] = [
            "smoothing": SettingMeaning("Added to numerator and denominator", unit: "px"),
            "scope": "Over what the sums of the loss are taken: each image, or the whole batch",
            "emptyTargets":
                "What images without a lesion count in the region loss: by `smoothed` the smoothing decides, `excluded` leaves them out",
        ]
        public init() {}
        public func validate() throws { try require("smoothing", smoothing, in: 0...1e6) }
    }

    public static let name = "dice"
    public static let summary = "One minus the soft Dice coefficient, for each image or the batch"

    private let settings: Settings

    public init(_ settings: Settings = Settings()) throws {
        try settings.validate()
        self.settings = settings
    }

    public var scope: RegionScope { settings.scope }
    public var emptyTargets: EmptyTargetPolicy { settings.emptyTargets }
    /// Added to numerator and denominator, px.
    public var smoothing: Float { settings.smoothing }

    public func distance(_ sums: RegionSums) -> (value: Double, byProbability: Double, byOverlap: Double) {
        let s = Double(settings.smoothing)
        let (n, d) = (2 * sums.overlap + s, max(sums.probability + sums.truth + s, 1e-12))
        return (1 - n / d, n / (d * d), -2 / d)
    }
}

/// One minus the soft Tversky index: false positives and false negatives have weights of their own.
///
/// - Formula: `1 − (Σ p t + s) / (Σ p t + α Σ p (1 − t) + β Σ (1 − p) t + s)`; α = β = ½ is the Dice loss, α = β = 1 the
///   Jaccard loss.
/// - Source: Salehi, Erdogmus & Gholipour 2017.
public struct TverskyLoss: RegionLoss {
    public struct Settings: PluginSettings, ExplainedSettings {
        /// Weight of false positives.
        public var falsePositives: Float = 0.3
        /// Weight of false negatives.
        public var falseNegatives: Float = 0.7
        /// Added to numerator and denominator, px.
        public var smoothing: Float = 1
        /// `image` or `batch`.
        public var scope = RegionScope.image
        /// `smoothed` or `excluded`.
        public var emptyTargets = EmptyTargetPolicy.smoothed

        public static let meanings: [String: SettingMeaning] = [
            "falsePositives": "Weight of false positives",
            "falseNegatives": "Weight of false negatives",
            "smoothing": SettingMeaning("Added to numerator and denominator", unit: "px"),
            "scope": "Over what the sums of the loss are taken: each image, or the whole batch",
            "emptyTargets":
                "What images without a lesion count in the region loss: by `smoothed` the smoothing decides, `excluded` leaves them out",
        ]
        public init() {}
        public func validate() throws {
            try require("falsePositives", falsePositives, in: 0...100)
            try require("falseNegatives", falseNegatives, in: 0...100)
            try require("smoothing", smoothing, in: 0...1e6)
        }
    }

    public static let name = "tversky"
    public static let summary = "One minus the Tversky index: false positives and negatives weigh as set"

    private let settings: Settings

    public init(_ settings: Settings = Settings()) throws {
        try settings.validate()
        self.settings = settings
    }

    public var scope: RegionScope { settings.scope }
    public var emptyTargets: EmptyTargetPolicy { settings.emptyTargets }

    public func distance(_ sums: RegionSums) -> (value: Double, byProbability: Double, byOverlap: Double) {
        tverskyDistance(
            sums,
            Double(settings.falsePositives),
            Double(settings.falseNegatives),
            smoothing: Double(settings.smoothing)
        )
    }
}

private func tverskyDistance(
    _ sums: RegionSums,
    _ falsePositives: Double,
    _ falseNegatives: Double,
    smoothing: Double
) -> (value: Double, byProbability: Double, byOverlap: Double) {
    let n = sums.overlap + smoothing
    let d = max(
        n + falsePositives * (sums.probability - sums.overlap) + falseNegatives * (sums.truth - sums.overlap),
        1e-12
    )
    let growth = 1 - falsePositives - falseNegatives
    return (1 - n / d, n * falsePositives / (d * d), -(d - n * growth) / (d * d))
}

/// One minus the soft Jaccard index (intersection over union).
///
/// - Formula: `1 − (Σ p t + s) / (Σ p + Σ t − Σ p t + s)`.
public struct JaccardLoss: RegionLoss {
    public typealias Settings = SoftDiceLoss.Settings

    public static let name = "jaccard"
    public static let summary = "One minus the soft Jaccard index, for each image or the batch"

    private let settings: Settings

    public init(_ settings: Settings = Settings()) throws {
        try settings.validate()
        self.settings = settings
    }

    public var scope: RegionScope { settings.scope }
    public var emptyTargets: EmptyTargetPolicy { settings.emptyTargets }

    public func distance(_ sums: RegionSums) -> (value: Double, byProbability: Double, byOverlap: Double) {
        tverskyDistance(sums, 1, 1, smoothing: Double(settings.smoothing))
    }
}

/// A power of the Tversky loss, below 1 to weigh what is nearly right more.
///
/// - Formula: `(1 − Tversky index)^e`.
/// - Source: Abraham & Khan 2019, whose 1/γ is the exponent.
public struct FocalTverskyLoss: RegionLoss {
    public struct Settings: PluginSettings, ExplainedSettings {
        /// Weight of false positives.
        public var falsePositives: Float = 0.3
        /// Weight of false negatives.
        public var falseNegatives: Float = 0.7
        /// The power that the loss is raised to.
        public var exponent: Float = 0.75
        /// Added to numerator and denominator, px.
        public var smoothing: Float = 1
        /// `image` or `batch`.
        public var scope = RegionScope.image
        /// `smoothed` or `excluded`.
        public var emptyTargets = EmptyTargetPolicy.smoothed

        public static let meanings: [String: SettingMeaning] = [
            "falsePositives": "Weight of false positives",
            "falseNegatives": "Weight of false negatives",
            "exponent": "The power that the loss is raised to",
            "smoothing": SettingMeaning("Added to numerator and denominator", unit: "px"),
            "scope": "Over what the sums of the loss are taken: each image, or the whole batch",
            "emptyTargets":
                "What images without a lesion count in the region loss: by `smoothed` the smoothing decides, `excluded` leaves them out",
        ]
        public init() {}
        public func validate() throws {
            try require("falsePositives", falsePositives, in: 0...100)
            try require("falseNegatives", falseNegatives, in: 0...100)
            try require("exponent", exponent, in: 0.1...10)
            try require("smoothing", smoothing, in: 0...1e6)
        }
    }

    public static let name = "focal-tversky"
    public static let summary = "A power of the Tversky loss"

    private let settings: Settings

    public init(_ settings: Settings = Settings()) throws {
        try settings.validate()
        self.settings = settings
    }

    public var scope: RegionScope { settings.scope }
    public var emptyTargets: EmptyTargetPolicy { settings.emptyTargets }

    public func distance(_ sums: RegionSums) -> (value: Double, byProbability: Double, byOverlap: Double) {
        let (value, byProbability, byOverlap) = tverskyDistance(
            sums,
            Double(settings.falsePositives),
            Double(settings.falseNegatives),
            smoothing: Double(settings.smoothing)
        )
        let exponent = Double(settings.exponent)
        // A perfect prediction would have an infinite slope for powers below 1.
        let base = max(value, 1e-6)
        let slope = exponent * pow(base, exponent - 1)
        return (pow(base, exponent), slope * byProbability, slope * byOverlap)
    }
}

/// One minus the soft Matthews correlation coefficient, which background pixels take part in.
///
/// - Formula: `1 − (N Σ p t − Σ p Σ t) / √(Σ p Σ t (N − Σ p)(N − Σ t) + ε)`, N the number of pixels.
/// - Source: Abhishek & Hamarneh 2021.
public struct MatthewsLoss: RegionLoss {
    public struct Settings: PluginSettings, ExplainedSettings {
        /// `image` or `batch`. An image without a lesion has loss 1 and no gradient by itself.
        public var scope = RegionScope.batch
        /// `smoothed` or `excluded`.
        public var emptyTargets = EmptyTargetPolicy.smoothed

        public static let meanings: [String: SettingMeaning] = [
            "scope": "Over what the sums of the loss are taken: each image, or the whole batch",
            "emptyTargets":
                "What images without a lesion count in the region loss: by `smoothed` the smoothing decides, `excluded` leaves them out",
        ]
        public init() {}
    }

    public static let name = "mcc"
    public static let summary = "One minus the soft Matthews correlation coefficient"

    private let settings: Settings

    public init(_ settings: Settings = Settings()) throws { self.settings = settings }

    public var scope: RegionScope { settings.scope }
    public var emptyTargets: EmptyTargetPolicy { settings.emptyTargets }

    public func distance(_ sums: RegionSums) -> (value: Double, byProbability: Double, byOverlap: Double) {
        // Shares of the pixels, so that ε has one meaning for images of any size.
        let n = max(sums.pixels, 1)
        let (p, t, o) = (sums.probability / n, sums.truth / n, sums.overlap / n)
        let spread = p * t * (1 - p) * (1 - t) + 1e-9
        let root = spread.squareRoot()
        let covariance = o - p * t
        let byShare = -t / root - covariance / (2 * spread * root) * t * (1 - t) * (1 - 2 * p)
        return (1 - covariance / root, -byShare / n, -1 / (root * n))
    }
}

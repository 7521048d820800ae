import Foundation
public import SegCore
public import SegTensor

/// The malignancy that a lesion's BI-RADS features alone suggest: the composite prior φ.
///
/// - Formula: φ = sigmoid(b + Σ softplus(vₖ) · sₖ · z̃ₖ). z = (f − μ)/σ, with μ and σ the mean and standard deviation
///   over the training set's true masks, frozen, or over predicted masks, see ``follow(_:weights:)``;
///   z̃ = z/√(1 + (z/5)²) keeps a far outlier, such as the mask of a network that has learned nothing yet, from saturating
///   φ, and can be left out; s = ±1 is the feature's ``MalignancyAssociation``. The weights softplus(v) are never
///   negative, so that no feature can come to speak against its clinical meaning.
/// - Edge cases: before ``fit(_:labels:initialWeights:)`` or the loading of a checkpoint μ = 0, σ = 1.
/// - Gradient: with respect to the features, b and v.
/// - Source: arXiv 2511.15968 for the composite prior with learnable weights; its form is not given there and is this
///   library's choice.
public final class MalignancyPrior: Module {
    /// The features, in the order of weights and statistics.
    public let features: [any BIRADSFeature]

    private let rawWeights: Parameter
    private let biasParameter: Parameter
    private let means: ModuleBuffer
    private let deviations: ModuleBuffer
    private let signs: ModuleBuffer
    /// Mean and deviation over predicted masks; `nil` where features are standardized by those of true masks.
    private let running: RunningStatistics?
    private let bendsOutliers: Bool

    /// Standardized values bend toward this bound.
    private static let bound: Float = 5

    /// A prior with equal weights whose sum is 1, and without bias.
    ///
    /// - Parameters:
    ///   - statistics: what features are standardized by.
    ///   - bendsOutliers: whether standardized values bend toward ±5.
    public init(
        features: [any BIRADSFeature],
        statistics: BIRADSConsistency.Statistics = .truth,
        bendsOutliers: Bool = true
    ) {
        requireOperands(
            !features.isEmpty,
            "there is no feature",
            cure: "give at least one",
            operation: "MalignancyPrior"
        )
        self.features = features
        let count = features.count
        let weight = Self.inverseSoftplus(1 / Double(count))
        rawWeights = Parameter(Tensor(repeating: weight, shape: [count]), decays: false)
        biasParameter = Parameter(Tensor(repeating: 0, shape: [1]), decays: false)
        means = ModuleBuffer(Array(repeating: 0, count: count))
        deviations = ModuleBuffer(Array(repeating: 1, count: count))
        signs = ModuleBuffer(features.map { $0.association == .lowerInMalignant ? -1 : 1 })
        running = statistics == .running ? RunningStatistics(count: count) : nil
        self.bendsOutliers = bendsOutliers
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.parameter("weight", rawWeights)
        visitor.parameter("bias", biasParameter)
        visitor.buffer("mean", means)
        visitor.buffer("deviation", deviations)
        visitor.buffer("sign", signs)
        if let running { visitor.part("running", running) }
    }

    /// Each feature's weight in φ, per standard deviation; never negative.
    public var weights: [(feature: String, weight: Float)] {
        zip(features.map(\.name), rawWeights.value.softplus().values()).map { ($0, $1) }
    }

    /// The logit of φ for a lesion whose features are all average.
    public var bias: Float { biasParameter.value.item }

    /// φ of every lesion, `[batch]`.
    ///
    /// - Parameter updatesWeights: whether gradients reach the weights and the bias.
    public func callAsFunction(_ lesion: SoftLesion, updatesWeights: Bool = true) -> Tensor {
        prior(ofFeatures: features.map { $0.values(of: lesion) }, updatesWeights: updatesWeights)
    }

    /// φ from feature values, each `[batch]`, in the order of ``features``.
    public func prior(ofFeatures values: [Tensor], updatesWeights: Bool = true) -> Tensor {
        logit(ofFeatures: values, updatesWeights: updatesWeights).sigmoid()
    }

    /// The logit of φ from feature values, each `[batch]`, in the order of ``features``.
    public func logit(ofFeatures values: [Tensor], updatesWeights: Bool = true) -> Tensor {
        requireOperands(
            values.count == features.count,
            "\(values.count) tensors do not fit \(features.count) features",
            cure: "give one for each"
        )
        let weights = (updatesWeights ? rawWeights.tensor : rawWeights.value).softplus()
        var logit = updatesWeights ? biasParameter.tensor : biasParameter.value
        for (index, value) in values.enumerated() {
            requireOperands(
                value.shape.rank == 1,
                "feature `\(features[index].name)` returns a tensor of shape \(value.shape)",
                cure: "return one value for each image: [batch]"
            )
            logit = logit + evidence(index, value) * weights.sliced(0, index..<index + 1)
        }
        return logit
    }

    /// Lets the statistics that features are standardized by follow those of predicted masks; does nothing where they
    /// are those of true masks.
    ///
    /// Call it in training steps only: what a model says of an image must not depend on the images before.
    ///
    /// - Parameters:
    ///   - values: feature values, each `[batch]`, in the order of ``features``; constants.
    ///   - weights: how much each image counts, 0 for one that does not, `[batch]`.
    public func follow(_ values: [Tensor], weights: Tensor) {
        running?.follow(values.map { $0.values() }, weights: weights.values())
    }

    /// How far features are from those of the training set's true masks: the difference of the means, in standard
    /// deviations of the true masks, by feature. `nil` where there is no value that is a number.
    ///
    /// - Parameter values: for each feature, in the order of ``features``, its values.
    public func distancesFromTruth(_ values: [[Float]]) -> [(feature: String, distance: Float?)] {
        zip(features, values).enumerated().map { index, element in
            let finite = element.1.filter(\.isFinite)
            guard !finite.isEmpty else { return (element.0.name, nil) }
            return (
                element.0.name, abs(Self.statistics(finite).mean - means.values[index]) / deviations.values[index]
            )
        }
    }

    /// The signed, standardized and bounded value of a feature.
    private func evidence(_ index: Int, _ value: Tensor) -> Tensor {
        let mean = running?.means.values[index] ?? means.values[index]
        let deviation = running?.deviation(index) ?? deviations.values[index]
        let z = (value - mean) * (signs.values[index] / deviation)
        return bendsOutliers ? z / ((z / Self.bound).squared() + 1).squareRoot() : z
    }
}

extension MalignancyPrior {
    /// How ``fit(_:labels:initialWeights:)`` sets weights and bias.
    public enum InitialWeights: String, NamedChoice {
        /// By logistic regression of the labels on the true masks' features. The prior is then calibrated from the
        /// first step on; with arbitrary weights it would at first pull the classifier toward nonsense, and the
        /// easiest way to agree would be to unlearn the weights.
        case logistic
        /// As they are: equal weights. Labels are used for features whose association is `fitted` only.
        case equal
    }

    /// Freezes the features' statistics over true lesions, and starts weights and bias from them.
    ///
    /// - Parameters:
    ///   - values: for each feature, in the order of ``features``, its value for each lesion.
    ///   - labels: whether each lesion is malignant; `nil` where unknown.
    ///
    /// - Throws: ``SegmentationError`` if there is no lesion, a value is not finite, or labels are needed and a class
    ///   is missing.
    public func fit(
        _ values: [[Float]],
        labels: [Bool?],
        initialWeights: InitialWeights = .logistic
    ) throws {
        requireOperands(
            values.count == features.count && values.allSatisfy { $0.count == labels.count },
            "values of \(values.map(\.count)) lesions do not fit \(features.count) features and \(labels.count) labels",
            cure: "give for each feature one value for each label"
        )
        guard !labels.isEmpty else {
            throw SegmentationError(
                "malignancy prior",
                "the training set has no lesion from which to learn feature statistics",
                cure: "train on a data set with masks, or leave the term out"
            )
        }
        for (feature, list) in zip(features, values) where !list.allSatisfy(\.isFinite) {
            throw SegmentationError(
                feature.name,
                "is not finite on a true mask of the training set",
                cure: "put an ε inside every quotient and root of the feature"
            )
        }
        let known = labels.indices.filter { labels[$0] != nil }
        let malignant = known.filter { labels[$0] == true }
        let benign = known.filter { labels[$0] == false }
        let needsLabels = initialWeights == .logistic || features.contains { $0.association == .fitted }
        guard !needsLabels || (!malignant.isEmpty && !benign.isEmpty) else {
            throw SegmentationError(
                "malignancy prior",
                "the training set has \(benign.count) benign and \(malignant.count) malignant lesions",
                cure: "add lesions of both classes, or set `initialWeights: equal` and use no `fitted` feature"
            )
        }
        for (index, list) in values.enumerated() {
            let (mean, deviation) = Self.statistics(list)
            means.values[index] = mean
            deviations.values[index] = deviation
            running?.start(index, mean: mean, deviation: deviation)
            if features[index].association == .fitted {
                let difference =
                    Self.statistics(malignant.map { list[$0] }).mean - Self.statistics(benign.map { list[$0] }).mean
                signs.values[index] = difference >= 0 ? 1 : -1
            }
        }
        if initialWeights == .logistic { startByRegression(values, known, labels) }
    }

    private func startByRegression(_ values: [[Float]], _ known: [Int], _ labels: [Bool?]) {
        let columns = values.enumerated().map { index, list in
            evidence(index, Tensor(known.map { list[$0] }, shape: [known.count])).values().map(Double.init)
        }
        let rows = known.indices.map { row in columns.map { $0[row] } }
        let model = NonNegativeLogisticRegression(rows, labels: known.map { labels[$0] == true }, ridge: 0.01)
        // A weight of exactly 0 has no finite v, and one close to it hardly any gradient to come back by.
        let weights = model.weights.map { Self.inverseSoftplus(max(0.05, $0)) }
        rawWeights.value = Tensor(weights, shape: [weights.count])
        biasParameter.value = Tensor([Float(model.bias)], shape: [1])
    }

    private static func statistics(_ values: [Float]) -> (mean: Float, deviation: Float) {
        let count = Double(max(values.count, 1))
        let mean = values.reduce(0.0) { $0 + Double($1) } / count
        let variance = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
        return (Float(mean), Float((variance + 1e-6).squareRoot()))
    }

    private static func inverseSoftplus(_ weight: Double) -> Float { Float(Foundation.log(Foundation.expm1(weight))) }
}

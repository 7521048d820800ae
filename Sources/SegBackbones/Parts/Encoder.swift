public import SegCore
public import SegLayers
public import SegTensor

/// Turns images into features of several resolutions, one a stage.
public protocol Encoder: Module {
    /// The sizes of the stages.
    var outline: EncoderOutline { get }

    /// The features of every stage, finest first.
    func stages(of images: Tensor, phase: Phase) -> [Tensor]

    /// How images are presented to it. Default: standardized.
    var imageScaling: ImageScaling { get }

    /// The file of published weights that its settings name. Default: `nil`.
    var publishedWeights: PublishedWeights? { get }

    /// Reads the weights of ``publishedWeights``, and returns what was read. Default: reads nothing.
    func readPublishedWeights() throws -> PublishedWeights?
}

extension Encoder {
    public var imageScaling: ImageScaling { .standardized }
    public var publishedWeights: PublishedWeights? { nil }
    public func readPublishedWeights() throws -> PublishedWeights? { nil }
}

/// The sizes of an ``Encoder``'s stages, finest first.
public struct EncoderOutline: Hashable, Sendable {
    /// Channels of each stage.
    public var channels: [Int]
    /// How many times smaller than the image each stage is.
    public var scales: [Int]

    public init(channels: [Int], scales: [Int]) {
        self.channels = channels
        self.scales = scales
    }

    /// Ends the process with one line unless there are as many stages as a decoder needs.
    func requireStages(_ count: Int, decoder: StaticString) {
        requireOperands(
            channels.count >= count && scales.count == channels.count,
            "an encoder with \(channels.count) stages and \(scales.count) scales does not fit",
            cure: "give it at least \(count) \(count == 1 ? "stage" : "stages"), each with its channels and its scale",
            operation: decoder
        )
    }
}

/// A recipe for an ``Encoder``: what ``EncoderDecoder`` is given.
public struct EncoderDesign: Sendable {
    /// How many of the last stages can keep the resolution of the one before, by ``dilated(lastStages:)``.
    public let dilatableStages: Int
    private let dilatedStages: Int
    private let make: @Sendable (Int, Int, LayerPlan, inout WeightInitializer) -> any Encoder

    private init(
        dilatableStages: Int,
        dilatedStages: Int,
        make: @escaping @Sendable (Int, Int, LayerPlan, inout WeightInitializer) -> any Encoder
    ) {
        self.dilatableStages = dilatableStages
        self.dilatedStages = dilatedStages
        self.make = make
    }

    /// - Parameter make: takes the images' channels and the network's style.
    public init(
        _ make: @escaping @Sendable (_ inputChannels: Int, LayerPlan, inout WeightInitializer) -> any Encoder
    ) {
        self.init(dilatableStages: 0, dilatedStages: 0) { inputChannels, _, plan, initializer in
            make(inputChannels, plan, &initializer)
        }
    }

    /// An encoder whose last stages can keep their resolution and spread their taps instead.
    ///
    /// - Parameters:
    ///   - dilatableStages: how many at most.
    ///   - make: takes the images' channels, how many of the last stages are dilated, and the network's style.
    public init(
        dilatableStages: Int,
        _ make:
            @escaping @Sendable (_ inputChannels: Int, _ dilatedStages: Int, LayerPlan, inout WeightInitializer)
            -> any Encoder
    ) {
        self.init(dilatableStages: dilatableStages, dilatedStages: 0, make: make)
    }

    /// The same encoder, whose last stages keep the resolution of the one before them and spread their taps instead: by 2 in
    /// the first of them, 4 in the second and so on. Weights keep their shapes and names.
    ///
    /// Ends the process with one line for more than ``dilatableStages``.
    ///
    /// - Source: Chen et al. 2018, section 3.1.
    public func dilated(lastStages count: Int) -> EncoderDesign {
        requireOperands(
            (0...dilatableStages).contains(count),
            "\(count) stages cannot be dilated",
            cure: "dilate from 0 to \(dilatableStages) of the last ones",
            operation: "EncoderDesign"
        )
        return EncoderDesign(dilatableStages: dilatableStages, dilatedStages: count, make: make)
    }

    /// The encoder, with freshly initialized weights.
    package func callAsFunction(
        _ inputChannels: Int,
        _ plan: LayerPlan,
        _ initializer: inout WeightInitializer
    ) -> any Encoder {
        make(inputChannels, dilatedStages, plan, &initializer)
    }
}

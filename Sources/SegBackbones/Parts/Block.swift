public import SegCore
public import SegLayers
import SegTensor

/// What a stage is made of: a recipe for layers of any channels.
///
/// ```swift
/// let block = Block { sizes, plan, initializer in
///     plan.unit(sizes.inputChannels, sizes.outputChannels, stride: sizes.stride, initializer: &initializer)
/// }
/// ```
public struct Block: Sendable {
    /// What a block is asked for.
    public struct Sizes: Hashable, Sendable {
        public var inputChannels: Int
        public var outputChannels: Int
        /// 2 halves height and width.
        public var stride: Int
        /// Distance between neighboring taps of its kernels, px.
        public var dilation: Int

        public init(_ inputChannels: Int, _ outputChannels: Int, stride: Int = 1, dilation: Int = 1) {
            self.inputChannels = inputChannels
            self.outputChannels = outputChannels
            self.stride = stride
            self.dilation = dilation
        }
    }

    private let make: @Sendable (Sizes, LayerPlan, inout WeightInitializer) -> any Layer

    public init(_ make: @escaping @Sendable (Sizes, LayerPlan, inout WeightInitializer) -> any Layer) {
        self.make = make
    }

    /// A block of the given sizes.
    public func callAsFunction(_ sizes: Sizes, _ plan: LayerPlan, _ initializer: inout WeightInitializer) -> any Layer {
        make(sizes, plan, &initializer)
    }

    /// Several blocks one after the other, of which the first changes channels and resolution.
    func repeated(_ count: Int, _ sizes: Sizes, _ plan: LayerPlan, _ initializer: inout WeightInitializer) -> any Layer
    {
        requireOperands(
            (1...1024).contains(count),
            "a stage of \(count) blocks cannot be",
            cure: "use 1 to 1024 blocks",
            operation: "Block"
        )
        let first = make(sizes, plan, &initializer)
        guard count > 1 else { return first }
        let rest = (1..<count).map { _ in
            make(
                Sizes(sizes.outputChannels, sizes.outputChannels, dilation: sizes.dilation),
                plan,
                &initializer
            )
        }
        return LayerSequence([first] + rest)
    }
}

extension Block {
    /// One convolution unit.
    public static let single = Block { sizes, plan, initializer in
        plan.unit(
            sizes.inputChannels,
            sizes.outputChannels,
            stride: sizes.stride,
            dilation: sizes.dilation,
            initializer: &initializer
        )
    }

    /// Two convolution units.
    public static let double = Block { sizes, plan, initializer in
        DoubleConvolution(
            inputChannels: sizes.inputChannels,
            outputChannels: sizes.outputChannels,
            stride: sizes.stride,
            dilation: sizes.dilation,
            plan: plan,
            initializer: &initializer
        )
    }
}

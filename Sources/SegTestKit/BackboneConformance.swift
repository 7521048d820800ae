public import SegCore
import SegTensor

/// Checks that a backbone keeps the rules of ``SegCore/Backbone``.
///
/// | rule | meaning |
/// |---|---|
/// | `has-name`, `has-summary` | name of letters, digits, `-`, `_`; summary of one line |
/// | `settings-listed` | every property of the settings appears in a configuration |
/// | `settings-round-trip` | settings survive being written and read |
/// | `settings-strict` | an unknown key is rejected |
/// | `initializes` | `init` does not throw for these settings |
/// | `stable-paths`, `one-path-each` | parameters have unique paths, the same for every instance and visit |
/// | `finite-state` | no parameter or buffer starts as NaN or infinite |
/// | `seed-decides` | one seed gives the same weights, another one others |
/// | `outline` | channels and the size multiple are positive |
/// | `shapes` | features have the shapes that the outline promises, for images of several sizes |
/// | `finite-features` | features are finite in either phase |
/// | `inference-repeats` | inference gives the same bits twice |
/// | `inference-alone` | inference does not depend on the other images of the batch, whatever they are, nor on their order |
/// | `inference-keeps-state` | inference changes no parameter and no buffer, and training goes on as if it had not been |
/// | `training-keeps-parameters` | a forward pass in training changes no parameter |
/// | `training-repeats` | two instances of one seed do the same in training |
/// | `threads-do-not-matter` | one thread and three give the same bits |
/// | `state-is-shown` | an instance given another's parameters and buffers does the same, in inference and in training |
/// | `parameters-are-shown` | every parameter that features depend on is shown |
/// | `instances-are-separate` | what another instance does changes nothing |
/// | `parameters-learn`, `finite-gradients` | a finite gradient reaches every parameter |
/// | `gradient-agrees` | gradients agree with differences of the values, within 3 % |
///
/// A plugin that traps ends the test with its own message.
///
/// - Parameters:
///   - plugin: The backbone's type.
///   - settings: The settings to check it with; small ones are fast.
///   - inputChannels: Channels of the images.
///   - imageSize: Height and width of the images in px, brought up to the backbone's size multiple.
/// - Returns: The breaches, a few of each rule; empty for a backbone that conforms.
public func checkBackbone<Plugin: Backbone>(
    _ plugin: Plugin.Type,
    settings: Plugin.Settings = Plugin.Settings(),
    inputChannels: Int = 1,
    imageSize: Int = 32
) -> [ConformanceFailure] {
    backboneFailures(plugin, settings, inputChannels, imageSize).toldOnce()
}

private func backboneFailures<Plugin: Backbone>(
    _ plugin: Plugin.Type,
    _ settings: Plugin.Settings,
    _ inputChannels: Int,
    _ imageSize: Int
) -> [ConformanceFailure] {
    var failures = checkDescription(name: Plugin.name, summary: Plugin.summary, settings: settings)
    do {
        failures += try networkFailures(
            { seed in
                var initializer = WeightInitializer(seed: seed)
                return try Plugin(settings, inputChannels: inputChannels, initializer: &initializer)
            },
            inputChannels,
            imageSize
        )
    } catch {
        failures.append(ConformanceFailure("initializes", "\(error)"))
    }
    return failures
}

/// What a backbone breaks that is made from a seed: all rules but those about its name and its settings.
func networkFailures<Plugin: Backbone>(
    _ make: @escaping (UInt64) throws -> Plugin,
    _ inputChannels: Int,
    _ imageSize: Int
) throws -> [ConformanceFailure] {
    var failures = checkVisits(try make(1), try make(1))
    failures += try checkSeeds(make)
    let outline = try make(1).outline
    let channels = [outline.denseChannels, outline.bottleneckChannels] + outline.levelChannels + outline.stageChannels
    guard outline.sizeMultiple > 0, channels.allSatisfy({ $0 > 0 }) else {
        return failures + [ConformanceFailure("outline", "\(outline) has numbers that are not positive")]
    }
    let check = try BackboneCheck(make: make, inputChannels: inputChannels, imageSize: imageSize)
    failures += check.shapes()
    // The other rules compare features, which is hopeless while their shapes are wrong.
    guard !failures.contains(where: { $0.rule == "shapes" }) else { return failures }
    return try failures + check.inference() + check.training() + check.gradients()
}

private struct BackboneCheck<Plugin: Backbone> {
    let make: (UInt64) throws -> Plugin
    let plugin: Plugin
    let images: Tensor
    let inputChannels: Int
    /// Height and width, px.
    let size: Int

    init(make: @escaping (UInt64) throws -> Plugin, inputChannels: Int, imageSize: Int) throws {
        self.make = make
        self.inputChannels = inputChannels
        plugin = try make(1)
        let multiple = plugin.outline.sizeMultiple
        size = max(1, (imageSize + multiple - 1) / multiple) * multiple
        images = Self.noise([3, inputChannels, size, size])
    }

    static func noise(_ shape: Shape) -> Tensor {
        var stream = RandomStream(seed: 5, "images")
        return Tensor((0..<shape.count).map { _ in stream.normal() }, shape: shape)
    }

    static func parts(_ pyramid: FeaturePyramid) -> [(name: String, tensor: Tensor)] {
        [("dense", pyramid.dense), ("bottleneck", pyramid.bottleneck)]
            + pyramid.levels.enumerated().map { ("levels[\($0)]", $1) }
            + pyramid.stages.enumerated().map { ("stages[\($0)]", $1) }
    }

    // MARK: Shapes

    func shapes() -> [ConformanceFailure] {
        let multiple = plugin.outline.sizeMultiple
        let sizes = [(1, size, size), (2, size, size + multiple), (3, size + multiple, size)]
        return sizes.flatMap { batch, height, width in
            let shape: Shape = [batch, inputChannels, height, width]
            let pyramid = withoutGradients { plugin.features(of: Self.noise(shape), phase: .inference) }
            return faults(in: pyramid, batch: batch, height: height, width: width).map {
                ConformanceFailure("shapes", "images of shape \(shape): \($0)")
            }
        }
    }

    private func faults(in pyramid: FeaturePyramid, batch: Int, height: Int, width: Int) -> [String] {
        let outline = plugin.outline
        var faults: [String] = []
        let dense: Shape = [batch, outline.denseChannels, height, width]
        if pyramid.dense.shape != dense { faults.append("dense is \(pyramid.dense.shape), not \(dense)") }
        func check(_ name: String, _ shape: Shape, channels: Int) {
            let scale = shape.rank == 4 && shape[2] > 0 ? height / shape[2] : 0
            guard scale > 0, shape == [batch, channels, height / scale, width / scale], height % scale == 0 else {
                faults.append("\(name) is \(shape), not [\(batch), \(channels), height / 2ᵈ, width / 2ᵈ]")
                return
            }
            if scale & (scale - 1) != 0 || outline.sizeMultiple % scale != 0 {
                faults.append("\(name) is \(scale) times smaller: no power of two that divides the size multiple")
            }
        }
        check("bottleneck", pyramid.bottleneck.shape, channels: outline.bottleneckChannels)
        guard pyramid.levels.count == outline.levelChannels.count else {
            return faults + ["\(pyramid.levels.count) levels, not \(outline.levelChannels.count)"]
        }
        for (index, channels) in outline.levelChannels.enumerated() {
            check("levels[\(index)]", pyramid.levels[index].shape, channels: channels)
        }
        guard pyramid.stages.count == outline.stageChannels.count else {
            return faults + ["\(pyramid.stages.count) stages, not \(outline.stageChannels.count)"]
        }
        for (index, channels) in outline.stageChannels.enumerated() {
            check("stages[\(index)]", pyramid.stages[index].shape, channels: channels)
        }
        for (name, maps) in [("levels", pyramid.levels), ("stages", pyramid.stages)] {
            let heights = maps.map { $0.shape.rank == 4 ? $0.shape[2] : 0 }
            if zip(heights, heights.dropFirst()).contains(where: { $0 < $1 }) {
                faults.append("\(name) of heights \(heights) are not ordered finest first")
            }
        }
        return faults
    }

    // MARK: Phases

    func inference() throws -> [ConformanceFailure] {
        try withoutGradients {
            // One step in training first, so that running statistics are not at their start.
            _ = plugin.features(of: images, phase: .training)
            var failures: [ConformanceFailure] = []
            let state = ModuleState(plugin)
            let whole = Self.parts(plugin.features(of: images, phase: .inference))
            if let path = state.firstDifference(from: ModuleState(plugin)) {
                failures.append(ConformanceFailure("inference-keeps-state", "inference changes \(path)"))
            }
            let repeated = Self.parts(plugin.features(of: images, phase: .inference))
            let narrow = WorkerPool.with(WorkerPool(threadCount: 1)) {
                Self.parts(plugin.features(of: images, phase: .inference))
            }
            let wide = WorkerPool.with(WorkerPool(threadCount: 3)) {
                Self.parts(plugin.features(of: images, phase: .inference))
            }
            let other = try make(2)
            copyState(from: plugin, to: other)
            let copied = Self.parts(other.features(of: images, phase: .inference))
            for (index, part) in whole.enumerated() {
                func expect(_ holds: Bool, _ rule: String, _ detail: String) {
                    if !holds { failures.append(ConformanceFailure(rule, "\(part.name) \(detail)")) }
                }
                expect(!part.tensor.hasNonFiniteValues, "finite-features", "is NaN or infinite at inference")
                expect(sameBits(part.tensor, repeated[index].tensor), "inference-repeats", "differs the second time")
                expect(
                    sameBits(narrow[index].tensor, wide[index].tensor),
                    "threads-do-not-matter",
                    "differs between one thread and three"
                )
                expect(
                    sameBits(part.tensor, copied[index].tensor),
                    "state-is-shown",
                    "differs in an instance with the same parameters and buffers: `visit` leaves something out"
                )
            }
            guard failures.isEmpty else { return failures }
            let difference = BatchInvariance(count: images.shape[0]).firstDifference(from: whole) {
                Self.parts(plugin.features(of: $0.arranged(images), phase: .inference))
            }
            if let difference { failures.append(ConformanceFailure("inference-alone", difference)) }
            let stranger = try make(3)
            for phase in [Phase.training, .inference] { _ = stranger.features(of: images * -2, phase: phase) }
            let after = Self.parts(plugin.features(of: images, phase: .inference))
            for (part, later) in zip(whole, after) where !sameBits(part.tensor, later.tensor) {
                failures.append(
                    ConformanceFailure("instances-are-separate", "\(part.name) changes when another instance is used")
                )
            }
            return failures
        }
    }

    func training() throws -> [ConformanceFailure] {
        let (first, second) = (try make(1), try make(1))
        let before = ModuleState(first)
        let parts = Self.parts(first.features(of: images, phase: .training))
        let twins = Self.parts(second.features(of: images, phase: .training))
        var failures: [ConformanceFailure] = []
        let after = ModuleState(first)
        if before.parameters != after.parameters {
            let path = before.firstDifference(from: after) ?? "a parameter"
            failures.append(ConformanceFailure("training-keeps-parameters", "a forward pass changes \(path)"))
        }
        if let path = after.firstDifference(from: ModuleState(second)) {
            failures.append(ConformanceFailure("training-repeats", "\(path) differs between twins after a pass"))
        }
        for (part, twin) in zip(parts, twins) {
            if part.tensor.hasNonFiniteValues {
                failures.append(ConformanceFailure("finite-features", "\(part.name) is NaN or infinite in training"))
            }
            if !sameBits(part.tensor, twin.tensor) {
                failures.append(ConformanceFailure("training-repeats", "\(part.name) differs between twins of a seed"))
            }
        }
        guard failures.isEmpty else { return failures }
        return try continuation(of: first, after: parts)
    }

    /// Training continues from what is shown alone, and inference in between does not disturb it.
    private func continuation(
        of first: Plugin,
        after parts: [(name: String, tensor: Tensor)]
    ) throws -> [ConformanceFailure] {
        var failures: [ConformanceFailure] = []
        let watched = try make(1)
        withoutGradients { _ = watched.features(of: images * -2, phase: .inference) }
        for (part, later) in zip(parts, Self.parts(watched.features(of: images, phase: .training)))
        where !sameBits(part.tensor, later.tensor) {
            failures.append(
                ConformanceFailure("inference-keeps-state", "\(part.name) in training differs after inference")
            )
        }
        let resumed = try make(2)
        copyState(from: first, to: resumed)
        let next = Self.parts(first.features(of: images, phase: .training))
        for (part, other) in zip(next, Self.parts(resumed.features(of: images, phase: .training)))
        where !sameBits(part.tensor, other.tensor) {
            failures.append(
                ConformanceFailure("state-is-shown", "\(part.name) in training differs in an instance that goes on")
            )
        }
        if let path = ModuleState(first).firstDifference(from: ModuleState(resumed)) {
            failures.append(ConformanceFailure("state-is-shown", "\(path) differs in an instance that goes on"))
        }
        return failures
    }

    // MARK: Gradients

    func gradients() throws -> [ConformanceFailure] {
        let learner = try make(1)
        mixture(learner, .training).backward()
        let failures =
            checkGradientsArrived(learner.parameters)
            + [(Phase.training, "training"), (.inference, "inference")].flatMap { phase, name in
                checkParametersShown(behind: [mixture(learner, phase)], of: learner, name)
            }
        guard failures.isEmpty else { return failures }
        disturb(learner)
        // Inference, where nothing random may happen, with the images as one more parameter.
        let input = Parameter(images)
        let check = LossGradientCheck { mixture(learner, .inference, input.tensor) }
        return check.alongDirections(learner.parameters) + check.atElements([("images", input)], count: 6)
    }

    /// A scalar that depends on every feature, each with a weight of its own.
    private func mixture(_ backbone: Plugin, _ phase: Phase, _ input: Tensor? = nil) -> Tensor {
        let pyramid = backbone.features(of: input ?? images, phase: phase)
        return Self.parts(pyramid).map { ($0.tensor * Self.noise($0.tensor.shape)).mean() }.reduce(Tensor(0)) {
            $0 + $1
        }
    }
}

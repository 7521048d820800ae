public import SegCore
public import SegTensor
import SegTraining

/// Checks that a task head keeps the rules of ``SegCore/TaskHead``.
///
/// | rule | meaning |
/// |---|---|
/// | `has-name` … `seed-decides` | as in ``checkBackbone(_:settings:inputChannels:imageSize:)`` |
/// | `predicts` | `predict` adds at least one output, leaves the other heads' alone, and adds what `provides` states |
/// | `reads` | there is a value for everything that the head reads of others |
/// | `shapes` | the lesion's logits are `[batch, 1, height, width]`, malignancy's `[batch]`, all others' first axis the batch |
/// | `finite-outputs` | outputs are finite |
/// | `finest-level` | at inference nothing depends on levels finer than `finestLevel` states |
/// | `predicts-labels` | of a ``SegCore/LabelPredicting`` head: a probability of each label, of exclusive ones at most 1 in sum |
/// | `inference-repeats`, `inference-alone`, `inference-keeps-state`, `state-is-shown`, `instances-are-separate`, |
/// | `training-repeats` | as for a backbone |
/// | `loss-applies` | a batch with masks, pathologies and descriptors has a loss: see `records` for a head that needs more |
/// | `loss-is-scalar` | a loss is a single finite value |
/// | `loss-without-truth` | batches without lesions, of unknown pathology, or of one image have a finite loss or `nil` |
/// | `loss-without-outputs` | without the head's own outputs there is no loss: `nil` |
/// | `loss-keeps-state` | computing a loss changes no parameter and no buffer |
/// | `loss-repeats` | the loss of the same outputs is the same again, also in an instance with the same state |
/// | `order-does-not-matter` | the loss is the same for the images in another order |
/// | `loss-of-extremes` | logits of ±40 have a finite loss with finite gradients |
/// | `parameters-learn`, `finite-gradients` | a finite gradient reaches every parameter |
/// | `parameters-are-shown` | every parameter that outputs or the loss depend on is shown |
/// | `reads-features` | a gradient reaches the backbone |
/// | `report-names` | what `report` says has names of letters, digits, - and _, each once, and titles of one line |
/// | `report-shape` | one predicted value and one true one, or `nil`, for each image; maps in the size of the images |
/// | `report-is-finite` | numbers and maps are finite: where there is none, `nil` |
/// | `report-repeats` | the same outputs and batch have the same report again, also in an instance that reported nothing yet |
/// | `report-keeps-state` | a report changes no parameter, no buffer and no prediction |
/// | `report-alone` | what is reported of an image depends neither on the rest of its batch nor on its place there |
/// | `report-without-truth` | what is predicted is the same for a batch that does not state the truth, as in `segkit predict` |
/// | `gradient-agrees` | gradients agree with differences of the values, within 3 % |
///
/// - Parameters:
///   - plugin: The head's type.
///   - settings: The settings to check it with.
///   - outline: The backbone that the head is made for; features are random numbers.
///   - records: Adds to the record of each drawn image what the head learns from. They state what
///     ``SegCore/Batch/phantom(_:size:seed:)`` lists; a head that reads columns of a data set of its own needs these:
///     `{ $0.metadata["density"] = $0.pathology == .malignant ? "c" : "b" }`.
///   - others: What the heads before this one predict of features, image by image, for one that reads more of them than the
///     lesion and malignancy.
/// - Returns: The breaches, a few of each rule; empty for a head that conforms.
public func checkTaskHead<Plugin: TaskHead>(
    _ plugin: Plugin.Type,
    settings: Plugin.Settings = Plugin.Settings(),
    outline: PyramidOutline = PyramidOutline(
        denseChannels: 4,
        bottleneckChannels: 8,
        levelChannels: [4, 6],
        stageChannels: [5, 7],
        sizeMultiple: 4
    ),
    records: (inout SampleRecord) -> Void = { _ in },
    others: (FeaturePyramid) -> [Outputs.Key: Tensor] = { _ in [:] }
) -> [ConformanceFailure] {
    withoutActuallyEscaping(records) { records in
        withoutActuallyEscaping(others) { headFailures(plugin, settings, outline, records, $0).toldOnce() }
    }
}

private func headFailures<Plugin: TaskHead>(
    _ plugin: Plugin.Type,
    _ settings: Plugin.Settings,
    _ outline: PyramidOutline,
    _ records: @escaping (inout SampleRecord) -> Void,
    _ others: @escaping (FeaturePyramid) -> [Outputs.Key: Tensor]
) -> [ConformanceFailure] {
    var failures = checkDescription(name: Plugin.name, summary: Plugin.summary, settings: settings)
    func make(_ seed: UInt64) throws -> Plugin {
        var initializer = WeightInitializer(seed: seed)
        return try Plugin(settings, backbone: outline, initializer: &initializer)
    }
    do {
        failures += checkVisits(try make(1), try make(1))
        failures += try checkSeeds(make)
        let check = TaskHeadCheck(
            make: make,
            plugin: try make(1),
            outline: outline,
            records: records,
            others: others
        )
        failures += check.reading()
        guard !failures.contains(where: { $0.rule == "reads" }) else { return failures }
        failures += check.predictions()
        guard !failures.contains(where: { ["predicts", "shapes"].contains($0.rule) }) else { return failures }
        failures += check.unread()
        failures += try check.inference() + check.training() + check.losses() + check.lossState() + check.gradients()
        failures += try check.reports()
    } catch {
        failures.append(ConformanceFailure("initializes", "\(error)"))
    }
    return failures
}

/// A head beside its twins, and what it is tried on.
struct TaskHeadCheck<Plugin: TaskHead> {
    let make: (UInt64) throws -> Plugin
    let plugin: Plugin
    let outline: PyramidOutline
    let records: (inout SampleRecord) -> Void
    let others: (FeaturePyramid) -> [Outputs.Key: Tensor]
    let size = 16

    /// One image of each kind.
    var batch: Batch { drawn([.malignant, .benign, .normal, nil], seed: 1) }

    /// A batch with the records and the labels that the head reads.
    func drawn(_ pathologies: [Pathology?], seed: UInt64) -> Batch {
        var batch = Batch.phantom(pathologies, size: size, seed: seed)
        for index in batch.records.indices { records(&batch.records[index]) }
        return (plugin as? any LabelPredicting).map { batch.showing($0.labels) } ?? batch
    }

    /// Random features, as parameters so that gradients can be asked for.
    func features(_ count: Int) -> [(path: String, parameter: Parameter)] {
        let coarse = max(1, size / outline.sizeMultiple)
        var shapes: [(String, Shape)] = [
            ("dense", [count, outline.denseChannels, size, size]),
            ("bottleneck", [count, outline.bottleneckChannels, coarse, coarse]),
        ]
        for (name, channels) in [("levels", outline.levelChannels), ("stages", outline.stageChannels)] {
            for (index, channels) in channels.enumerated() {
                let side = max(1, size >> index)
                shapes.append(("\(name)[\(index)]", [count, channels, side, side]))
            }
        }
        return shapes.map { name, shape in
            var stream = RandomStream(seed: 6, "features", StreamKey(name))
            return (name, Parameter(Tensor((0..<shape.count).map { _ in stream.normal() }, shape: shape)))
        }
    }

    func pyramid(
        _ features: [(path: String, parameter: Parameter)],
        _ change: (Tensor) -> Tensor = { $0 }
    ) -> FeaturePyramid {
        let tensors = features.map { change($0.parameter.tensor) }
        let maps = tensors.dropFirst(2)
        return FeaturePyramid(
            dense: tensors[0],
            bottleneck: tensors[1],
            levels: Array(maps.prefix(outline.levelChannels.count)),
            stages: Array(maps.dropFirst(outline.levelChannels.count))
        )
    }

    /// - Parameter given: what other heads predict; of these features unless given.
    func predict(
        _ head: Plugin,
        _ features: FeaturePyramid,
        _ phase: Phase = .inference,
        given: Outputs? = nil
    ) -> Outputs {
        var outputs = given ?? self.given(features)
        head.predict(features, phase: phase, into: &outputs)
        return outputs
    }

    func predictions() -> [ConformanceFailure] {
        let features = pyramid(features(batch.count))
        var before = given(features)
        before["conformance-stranger"] = Tensor([1, 2], shape: [2])
        let outputs = predict(plugin, features, .training, given: before)
        var failures: [ConformanceFailure] = []
        // What a head states as its own it may write over.
        for key in before.keys where !plugin.provides.contains(key) {
            guard let own = before[key], outputs[key].map({ !sameBits($0, own) }) ?? true else { continue }
            failures.append(ConformanceFailure("predicts", "another head's output is changed"))
        }
        for (phase, made) in [("training", outputs), ("inference", predict(plugin, features))] {
            for key in plugin.provides.subtracting(made.keys).sorted(by: { $0.name < $1.name }) {
                failures.append(ConformanceFailure("predicts", "`provides` states \(key.name), which \(phase) lacks"))
            }
        }
        let added = plugin.provides.union(outputs.keys.filter { before[$0] == nil })
        if added.isEmpty { failures.append(ConformanceFailure("predicts", "no output is added")) }
        for key in outputs.keys where added.contains(key) {
            guard let output = outputs[key] else { continue }
            let expected: Shape? =
                switch key {
                case .lesion: [batch.count, 1, size, size]
                case .malignancy: [batch.count]
                default: nil
                }
            if output.shape.rank == 0 || output.shape[0] != batch.count || output.shape != expected ?? output.shape {
                let text = expected.map { "\($0)" } ?? "one entry for each of \(batch.count) images"
                failures.append(ConformanceFailure("shapes", "\(key.name) is \(output.shape), not \(text)"))
            }
            if output.hasNonFiniteValues {
                failures.append(ConformanceFailure("finite-outputs", "\(key.name) is NaN or infinite"))
            }
        }
        return failures + labels(outputs)
    }

    private func labels(_ outputs: Outputs) -> [ConformanceFailure] {
        guard let head = plugin as? any LabelPredicting else { return [] }
        func failure(_ detail: String) -> [ConformanceFailure] { [ConformanceFailure("predicts-labels", detail)] }
        guard let probability = head.labelProbability(outputs) else { return failure("there is no probability") }
        let expected: Shape = [batch.count, head.labels.names.count, size, size]
        guard probability.shape == expected else {
            return failure("the shape is \(probability.shape), not \(expected)")
        }
        guard probability.values().allSatisfy({ (0...1).contains($0) }) else {
            return failure("a probability lies outside of 0...1")
        }
        guard head.labels.isExclusive, probability.sum(over: [1]).values().contains(where: { $0 > 1.001 }) else {
            return []
        }
        return failure("exclusive labels add up to more than 1")
    }

    func inference() throws -> [ConformanceFailure] {
        try withoutGradients {
            let features = features(batch.count)
            _ = predict(plugin, pyramid(features), .training)
            let state = ModuleState(plugin)
            let whole = predict(plugin, pyramid(features))
            var failures: [ConformanceFailure] = []
            if let path = state.firstDifference(from: ModuleState(plugin)) {
                failures.append(ConformanceFailure("inference-keeps-state", "inference changes \(path)"))
            }
            let repeated = predict(plugin, pyramid(features))
            let other = try make(2)
            copyState(from: plugin, to: other)
            let copied = predict(other, pyramid(features))
            for key in whole.keys {
                guard let output = whole[key] else { continue }
                func expect(_ same: Bool?, _ rule: String, _ detail: String) {
                    if same != true { failures.append(ConformanceFailure(rule, "\(key.name) \(detail)")) }
                }
                expect(repeated[key].map { sameBits(output, $0) }, "inference-repeats", "differs the second time")
                expect(
                    copied[key].map { sameBits(output, $0) },
                    "state-is-shown",
                    "differs in an instance with the same parameters and buffers: `visit` leaves something out"
                )
            }
            guard failures.isEmpty else { return failures }
            let difference = BatchInvariance(count: batch.count).firstDifference(from: Self.parts(whole)) {
                Self.parts(predict(plugin, pyramid(features, $0.arranged)))
            }
            if let difference { failures.append(ConformanceFailure("inference-alone", difference)) }
            let stranger = try make(3)
            for phase in [Phase.training, .inference] {
                _ = stranger.loss(predict(stranger, pyramid(features) { $0 * -2 }, phase), batch)
            }
            if let name = Self.firstDifference(whole, predict(plugin, pyramid(features))) {
                failures.append(
                    ConformanceFailure("instances-are-separate", "\(name) changes when another instance is used")
                )
            }
            return failures
        }
    }

    private static func parts(_ outputs: Outputs) -> [(name: String, tensor: Tensor)] {
        outputs.keys.compactMap { key in outputs[key].map { (key.name, $0) } }
    }

    /// The first output that two predictions do not share to the last bit.
    static func firstDifference(_ one: Outputs, _ other: Outputs) -> String? {
        let keys = Set(one.keys).union(other.keys).sorted { $0.name < $1.name }
        return keys.first { key in
            guard let left = one[key], let right = other[key] else { return true }
            return !sameBits(left, right)
        }?.name
    }

    /// Training continues from what is shown alone, and inference in between does not disturb it.
    func training() throws -> [ConformanceFailure] {
        try withoutGradients {
            let features = features(batch.count)
            func train(_ head: Plugin) -> Outputs { predict(head, pyramid(features), .training) }
            var failures: [ConformanceFailure] = []
            func expectSame(_ one: Outputs, _ other: Outputs, _ rule: String, _ detail: String) {
                guard let name = Self.firstDifference(one, other) else { return }
                failures.append(ConformanceFailure(rule, "\(name) \(detail)"))
            }
            let first = try make(1)
            let outputs = train(first)
            expectSame(outputs, train(try make(1)), "training-repeats", "differs between twins of a seed")
            let watched = try make(1)
            _ = predict(watched, pyramid(features) { $0 * -2 })
            expectSame(outputs, train(watched), "inference-keeps-state", "in training differs after inference")
            guard failures.isEmpty else { return failures }
            let resumed = try make(2)
            copyState(from: first, to: resumed)
            expectSame(
                train(first),
                train(resumed),
                "state-is-shown",
                "in training differs in an instance that goes on"
            )
            if let path = ModuleState(first).firstDifference(from: ModuleState(resumed)) {
                failures.append(ConformanceFailure("state-is-shown", "\(path) differs in an instance that goes on"))
            }
            return failures
        }
    }

    /// The loss is a function of outputs, batch and what is shown.
    func lossState() throws -> [ConformanceFailure] {
        try withoutGradients {
            let outputs = predict(plugin, pyramid(features(batch.count)), .training)
            guard let loss = plugin.loss(outputs, batch), loss.shape.count == 1 else { return [] }
            var failures: [ConformanceFailure] = []
            func expect(_ same: Bool, _ rule: String, _ detail: String) {
                if !same { failures.append(ConformanceFailure(rule, "the loss is \(loss), but \(detail)")) }
            }
            func isSame(_ other: Tensor?) -> Bool { other.map { sameBits(loss, $0) } ?? false }
            expect(isSame(plugin.loss(outputs, batch)), "loss-repeats", "another one the second time")
            let fresh = try make(1)
            copyState(from: plugin, to: fresh)
            expect(
                isSame(fresh.loss(outputs, batch)),
                "loss-repeats",
                "another one in an instance that has seen nothing"
            )
            guard failures.isEmpty else { return failures }
            let other = try make(2)
            copyState(from: plugin, to: other)
            expect(
                isSame(other.loss(outputs, batch)),
                "state-is-shown",
                "another one with the same parameters and buffers: `visit` leaves something out"
            )
            let order = Array((0..<batch.count).reversed())
            var turned = Outputs()
            for key in outputs.keys { turned[key] = outputs[key]?.selecting(order) }
            let reversed = plugin.loss(turned, batch.selecting(order))
            expect(
                reversed.map { nearlyEqual($0, loss) } ?? false,
                "order-does-not-matter",
                "another one for the images in another order"
            )
            return failures
        }
    }

    func losses() -> [ConformanceFailure] {
        var failures: [ConformanceFailure] = []
        func check(_ pathologies: [Pathology?], _ rule: String, _ what: String) {
            let batch = drawn(pathologies, seed: 2)
            let outputs = predict(plugin, pyramid(features(batch.count)), .training)
            guard let loss = plugin.loss(outputs, batch) else { return }
            if loss.shape.count != 1 || loss.hasNonFiniteValues {
                failures.append(ConformanceFailure(rule, "the loss of \(what) is \(loss)"))
            }
        }
        check([.malignant, .benign, .normal, nil], "loss-is-scalar", "a mixed batch")
        check([.normal, .normal], "loss-without-truth", "a batch without lesions")
        check([nil, nil], "loss-without-truth", "a batch of unknown pathology")
        check([.malignant], "loss-without-truth", "a batch of one image")
        let outputs = predict(plugin, pyramid(features(batch.count)))
        let state = ModuleState(plugin)
        if plugin.loss(outputs, batch) == nil {
            failures.append(
                ConformanceFailure(
                    "loss-applies",
                    "a batch with masks, pathologies and descriptors has no loss: give what the head learns from with `records`"
                )
            )
        }
        if let path = state.firstDifference(from: ModuleState(plugin)) {
            failures.append(ConformanceFailure("loss-keeps-state", "computing the loss changes \(path)"))
        }
        if plugin.loss(Outputs(), batch) != nil {
            failures.append(ConformanceFailure("loss-without-outputs", "there is a loss although nothing is predicted"))
        }
        for extreme in [Float(40), -40] {
            var extremes = Outputs()
            var parameters: [(String, Parameter)] = []
            for key in outputs.keys {
                guard let shape = outputs[key]?.shape else { continue }
                let parameter = Parameter(Tensor(repeating: extreme, shape: shape))
                parameters.append((key.name, parameter))
                extremes[key] = parameter.tensor
            }
            guard let loss = plugin.loss(extremes, batch), loss.shape.count == 1 else { continue }
            if loss.hasNonFiniteValues {
                failures.append(ConformanceFailure("loss-of-extremes", "outputs of \(extreme) have the loss \(loss)"))
                continue
            }
            loss.backward()
            for (name, parameter) in parameters where parameter.gradient?.hasNonFiniteValues == true {
                failures.append(
                    ConformanceFailure("loss-of-extremes", "\(name) of \(extreme) has a gradient that is not finite")
                )
            }
        }
        return failures
    }

    func gradients() throws -> [ConformanceFailure] {
        let learner = try make(1)
        let features = features(batch.count)
        guard let loss = learner.loss(predict(learner, pyramid(features), .training), batch) else { return [] }
        guard !loss.hasNonFiniteValues, loss.shape.count == 1 else { return [] }
        loss.backward()
        var failures = checkGradientsArrived(learner.parameters)
        for (phase, name) in [(Phase.training, "training"), (.inference, "inference")] {
            let outputs = predict(learner, pyramid(features), phase)
            let results = Self.parts(outputs).map(\.tensor) + [learner.loss(outputs, batch)].compactMap(\.self)
            failures += checkParametersShown(
                behind: results,
                of: learner,
                besides: features.map(\.parameter),
                name
            )
        }
        if features.allSatisfy({ $0.parameter.gradient == nil }) {
            failures.append(ConformanceFailure("reads-features", "no gradient reaches the backbone's features"))
        }
        guard failures.isEmpty else { return failures }
        disturb(learner)
        // What others predict stays as it is: a head may take it as a constant.
        let given = given(pyramid(features))
        let check = LossGradientCheck { learner.loss(predict(learner, pyramid(features), given: given), batch) }
        let used = features.filter { $0.parameter.gradient != nil }
        failures += check.alongDirections(learner.parameters) + check.atElements(used)
        return failures
    }
}

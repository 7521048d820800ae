public import SegCore
public import SegTensor

/// Checks that a consistency term keeps the rules of ``SegCore/ConsistencyTerm``.
///
/// | rule | meaning |
/// |---|---|
/// | `has-name`, `has-summary`, `settings-…` | as in ``checkBackbone(_:settings:inputChannels:imageSize:)`` |
/// | `initializes` | `init` does not throw for these settings, nor `prepare` for a training set with every class |
/// | `stable-paths`, `one-path-each`, `finite-state` | as for a backbone, after `prepare` |
/// | `prepare-repeats` | the same training set gives the same statistics |
/// | `penalty-applies` | a batch of lesions has a penalty once training is past any warm-up |
/// | `penalty-is-scalar` | a penalty is a single finite value, from the first epoch to the last |
/// | `penalty-of-extremes` | empty and full masks, batches without lesions, of unknown pathology or of one image have a |
/// | | finite penalty with finite gradients, or `nil` |
/// | `penalty-without-outputs` | where an output is missing, the penalty is finite or `nil` |
/// | `penalty-repeats`, `penalty-keeps-state` | a second call gives the same bits and changes nothing |
/// | `order-does-not-matter` | the penalty is the same for the images in another order, and the diagnosis for the cases |
/// | `state-is-shown` | an instance given another's parameters and buffers does, reports and diagnoses the same, also after |
/// | | both have observed more: nothing is hidden |
/// | `parameters-are-shown` | every parameter that a penalty depends on is shown, from the first epoch to the last |
/// | `instances-are-separate` | preparing and using another instance, and letting it observe, changes nothing |
/// | `ties-outputs` | a gradient reaches at least one output |
/// | `parameters-learn`, `finite-gradients` | a finite gradient reaches every parameter |
/// | `gradient-agrees` | gradients agree with differences of the penalty, within 3 % |
/// | `report-shape` | reported numbers have unique names, and one value for each image |
/// | `learned-values` | what is reported as learned has unique names and finite values |
/// | `observe-repeats` | twins that observe the same predictions learn the same, whatever was computed in between |
/// | `observe-keeps-parameters` | observing changes buffers alone |
/// | `observe-of-extremes` | buffers and penalty stay finite after empty and full masks, batches without lesions and missing |
/// | | outputs were observed |
/// | `diagnosis-shape` | figures have unique names that training does not use itself, and are finite for all lesions, one, none |
/// | | and without a predicted malignancy; a warning is one line |
/// | `diagnosis-repeats`, `diagnosis-keeps-state` | a second call says the same, and changes nothing |
/// | `report-alone` | what is reported of an image does not depend on the rest of its batch |
///
/// - Parameters:
///   - plugin: The term's type.
///   - settings: The settings to check it with.
///   - outputs: Makes outputs for a batch, as recorded parameters; the well-known ones, near the truth, if `nil`. Needed
///     for a term that reads outputs of a head of your own.
///   - stopsGradientsOf: Outputs that the term takes as constants on purpose: differences are not compared there.
///   - stopsGradientsOfWeights: Whether the term keeps a part of its penalty from its own weights on purpose: differences
///     are not compared there either.
///   - imageSize: Height and width of the images, px.
/// - Returns: The breaches, a few of each rule; empty for a term that conforms.
public func checkConsistencyTerm<Plugin: ConsistencyTerm>(
    _ plugin: Plugin.Type,
    settings: Plugin.Settings = Plugin.Settings(),
    outputs: ((Batch) -> [Outputs.Key: Tensor])? = nil,
    stopsGradientsOf constants: Set<Outputs.Key> = [],
    stopsGradientsOfWeights: Bool = false,
    imageSize: Int = 32
) -> [ConformanceFailure] {
    termFailures(plugin, settings, outputs ?? exampleOutputs, constants, !stopsGradientsOfWeights, imageSize).toldOnce()
}

private func termFailures<Plugin: ConsistencyTerm>(
    _ plugin: Plugin.Type,
    _ settings: Plugin.Settings,
    _ outputs: @escaping (Batch) -> [Outputs.Key: Tensor],
    _ constants: Set<Outputs.Key>,
    _ comparesWeights: Bool,
    _ imageSize: Int
) -> [ConformanceFailure] {
    var failures = checkDescription(name: Plugin.name, summary: Plugin.summary, settings: settings)
    func make(_ seeds: Range<UInt64> = 0..<6) throws -> Plugin {
        let term = try Plugin(settings)
        // As a training does.
        try term.prepare(
            streaming: seeds.map { Batch.phantom(TermCheck<Plugin>.mixture, size: imageSize, seed: $0) }
        )
        return term
    }
    do {
        let check = TermCheck(
            term: try make(),
            twin: try make(),
            size: imageSize,
            constants: constants,
            comparesWeights: comparesWeights,
            makeOutputs: outputs
        )
        failures += checkVisits(check.term, check.twin)
        if let path = ModuleState(check.term).firstDifference(from: ModuleState(check.twin)) {
            failures.append(ConformanceFailure("prepare-repeats", "\(path) differs the second time"))
        }
        failures += check.missingOutputs()
        let penalties = check.penalties()
        failures += penalties
        guard !penalties.contains(where: { ["penalty-is-scalar", "penalty-applies"].contains($0.rule) }) else {
            return failures
        }
        failures += check.repetition(other: try Plugin(settings)) + check.gradients() + check.report()
        guard failures.isEmpty else { return failures }
        failures += try check.separation { try make(20..<24) }
        failures += try check.observation(make: { try make() }, makeFresh: { try Plugin(settings) })
        failures += try check.diagnosis(makeFresh: { try Plugin(settings) })
    } catch {
        failures.append(ConformanceFailure("initializes", "\(error)"))
    }
    return failures
}

/// Logits near the truth: a mask blurred and disturbed a little, and malignancy with doubt.
private func exampleOutputs(_ batch: Batch) -> [Outputs.Key: Tensor] {
    let height = batch.masks.shape[2]
    let width = batch.masks.shape[3]
    let masks = batch.masks.values()
    var stream = RandomStream(seed: 7, "outputs")
    let logits = masks.indices.map { index -> Float in
        let (row, x) = index.quotientAndRemainder(dividingBy: width)
        let y = row % height
        var sum: Float = 0
        for (dy, dx) in [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)] {
            let isInside = (0..<height).contains(y + dy) && (0..<width).contains(x + dx)
            sum += isInside ? masks[index + dy * width + dx] : 0
        }
        return 6 * (sum / 5 - 0.5) + 0.3 * stream.normal()
    }
    let malignancy = batch.pathologies.map { ($0 == .malignant ? 0.8 : -0.6) + 0.5 * stream.normal() }
    return [
        .lesion: Tensor(logits, shape: batch.masks.shape),
        .malignancy: Tensor(malignancy, shape: [batch.count]),
    ]
}

/// A term beside a twin, and what it is tried on.
struct TermCheck<Plugin: ConsistencyTerm> {
    static var mixture: [Pathology?] { [.malignant, .benign, .malignant, .benign, .normal, nil] }

    let term: Plugin
    let twin: Plugin
    let size: Int
    let constants: Set<Outputs.Key>
    let comparesWeights: Bool
    let makeOutputs: (Batch) -> [Outputs.Key: Tensor]

    let last = TrainingProgress(epoch: 100, epochs: 100)

    var batch: Batch { Batch.phantom(Self.mixture, size: size, seed: 11) }

    /// Outputs for a batch as parameters, so that gradients can be asked for.
    func parameters(_ batch: Batch) -> [(path: String, parameter: Parameter)] {
        makeOutputs(batch).sorted { $0.key.name < $1.key.name }.map { ($0.key.name, Parameter($0.value)) }
    }

    func outputs(_ parameters: [(path: String, parameter: Parameter)]) -> Outputs {
        var outputs = Outputs()
        for (path, parameter) in parameters { outputs[Outputs.Key(stringLiteral: path)] = parameter.tensor }
        return outputs
    }

    private func clear(_ parameters: [(path: String, parameter: Parameter)]) {
        for (_, parameter) in parameters + term.parameters { parameter.clearGradient() }
    }

    // MARK: Values

    func penalties() -> [ConformanceFailure] {
        var failures: [ConformanceFailure] = []
        func check(_ rule: String, _ what: String, _ batch: Batch, logits: Float? = nil, epoch: Double = 100) {
            let parameters = parameters(batch)
            if let logits {
                for (_, parameter) in parameters {
                    parameter.value = Tensor(repeating: logits, shape: parameter.shape)
                }
            }
            let progress = TrainingProgress(epoch: epoch, epochs: 100)
            guard let penalty = term.penalty(outputs(parameters), batch, progress) else { return }
            guard penalty.shape.count == 1, !penalty.hasNonFiniteValues else {
                failures.append(ConformanceFailure(rule, "\(what): the penalty is \(penalty)"))
                return
            }
            failures += checkParametersShown(
                behind: [penalty],
                of: term,
                besides: parameters.map(\.parameter),
                "the penalty, \(what)"
            )
            clear(parameters)
            penalty.backward()
            for (path, parameter) in parameters + term.parameters
            where parameter.gradient?.hasNonFiniteValues == true {
                failures.append(ConformanceFailure(rule, "\(what): the gradient of \(path) is NaN or infinite"))
            }
        }
        // First of all another batch than the one that is looked at later: a term must not be shaped by what it saw first.
        check("penalty-is-scalar", "a first batch", Batch.phantom(Self.mixture, size: size, seed: 15))
        for epoch in [0, 0.5, 50, 100] { check("penalty-is-scalar", "epoch \(epoch) of 100", batch, epoch: epoch) }
        let extremes = "penalty-of-extremes"
        check(extremes, "all outputs -20", batch, logits: -20)
        check(extremes, "all outputs 20", batch, logits: 20)
        check(extremes, "all outputs 0", batch, logits: 0)
        check(extremes, "normal images only", Batch.phantom([.normal, .normal], size: size, seed: 12))
        check(extremes, "normal images, nothing predicted", Batch.phantom([.normal], size: size), logits: -20)
        check(extremes, "unknown pathology only", Batch.phantom([nil, nil], size: size, seed: 13))
        check(extremes, "a batch of one image", Batch.phantom([.malignant], size: size, seed: 14))
        if term.penalty(outputs(parameters(batch)), batch, last) == nil {
            failures.append(ConformanceFailure("penalty-applies", "a batch of lesions has no penalty at the end"))
        }
        return failures
    }

    func missingOutputs() -> [ConformanceFailure] {
        let all = parameters(batch)
        return ([[]] + all.map { [$0] }).compactMap { some in
            guard let penalty = term.penalty(outputs(some), batch, last) else { return nil }
            guard penalty.shape.count != 1 || penalty.hasNonFiniteValues else { return nil }
            let names = some.map(\.path).joined(separator: ", ")
            return ConformanceFailure("penalty-without-outputs", "with [\(names)] alone the penalty is \(penalty)")
        }
    }

    func repetition(other: Plugin) -> [ConformanceFailure] {
        withoutGradients {
            var failures: [ConformanceFailure] = []
            let parameters = parameters(batch)
            let outputs = outputs(parameters)
            let state = ModuleState(term)
            guard let penalty = term.penalty(outputs, batch, last) else { return [] }
            _ = term.report(outputs, batch)
            if let path = state.firstDifference(from: ModuleState(term)) {
                failures.append(ConformanceFailure("penalty-keeps-state", "computing the penalty changes \(path)"))
            }
            func expect(_ value: Tensor?, _ rule: String, _ detail: String) {
                if value.map({ !sameBits(penalty, $0) }) ?? true {
                    failures.append(ConformanceFailure(rule, "the penalty is \(penalty), but \(detail)"))
                }
            }
            expect(term.penalty(outputs, batch, last), "penalty-repeats", "another one the second time")
            expect(twin.penalty(outputs, batch, last), "prepare-repeats", "another one after the same preparation")
            copyState(from: term, to: other)
            expect(
                other.penalty(outputs, batch, last),
                "state-is-shown",
                "another one with the same parameters and buffers: `visit` leaves something out"
            )
            if !Self.areEqual(term.report(outputs, batch), other.report(outputs, batch)) {
                failures.append(
                    ConformanceFailure("state-is-shown", "a twin with the same state reports other numbers")
                )
            }
            if term.learnedValues().map(\.value.bitPattern) != other.learnedValues().map(\.value.bitPattern) {
                failures.append(
                    ConformanceFailure("state-is-shown", "a twin with the same state has learned other values")
                )
            }
            let order = Array((0..<batch.count).reversed())
            var turned = Outputs()
            for key in outputs.keys { turned[key] = outputs[key]?.selecting(order) }
            let reversed = term.penalty(turned, batch.selecting(order), last)
            if reversed.map({ !nearlyEqual($0, penalty) }) ?? true {
                failures.append(
                    ConformanceFailure("order-does-not-matter", "the images in another order change the penalty")
                )
            }
            return failures
        }
    }

    static func areEqual(
        _ one: [(name: String, values: [Float])],
        _ other: [(name: String, values: [Float])]
    ) -> Bool {
        one.count == other.count
            && zip(one, other).allSatisfy {
                $0.name == $1.name && $0.values.map(\.bitPattern) == $1.values.map(\.bitPattern)
            }
    }

    /// What another instance learns and computes stays with that instance.
    func separation(_ makeStranger: () throws -> Plugin) throws -> [ConformanceFailure] {
        try withoutGradients {
            let outputs = outputs(parameters(batch))
            guard let before = term.penalty(outputs, batch, last) else { return [] }
            let reported = term.report(outputs, batch)
            let stranger = try makeStranger()
            let other = Batch.phantom(Self.mixture, size: size, seed: 16)
            stranger.observe(self.outputs(parameters(other)), other)
            _ = stranger.penalty(outputs, batch, last)
            let isSame = term.penalty(outputs, batch, last).map { sameBits(before, $0) } ?? false
            guard !isSame || !Self.areEqual(reported, term.report(outputs, batch)) else { return [] }
            return [ConformanceFailure("instances-are-separate", "what another instance learns changes this one")]
        }
    }

    // MARK: Gradients

    func gradients() -> [ConformanceFailure] {
        let parameters = parameters(batch)
        clear(parameters)
        term.penalty(outputs(parameters), batch, last)?.backward()
        var failures = checkGradientsArrived(term.parameters)
        if parameters.allSatisfy({ $0.parameter.gradient == nil }) {
            failures.append(ConformanceFailure("ties-outputs", "no gradient reaches an output"))
        }
        guard failures.isEmpty else { return failures }
        let check = LossGradientCheck { term.penalty(outputs(parameters), batch, last) }
        let compared = parameters.filter { !constants.contains(Outputs.Key(stringLiteral: $0.path)) }
        failures += check.atElements(compared) + check.alongDirections(compared)
        // What a term learns may act through an output that it takes as a constant: its own slopes are still its own.
        return failures + (comparesWeights ? check.alongDirections(term.parameters) : [])
    }

    // MARK: Report

    func report() -> [ConformanceFailure] {
        withoutGradients {
            let outputs = outputs(parameters(batch))
            let whole = term.report(outputs, batch)
            var failures: [ConformanceFailure] = []
            if Set(whole.map(\.name)).count != whole.count || whole.contains(where: { $0.name.isEmpty }) {
                failures.append(ConformanceFailure("report-shape", "the names \(whole.map(\.name)) are not unique"))
            }
            let learned = term.learnedValues()
            if Set(learned.map(\.name)).count != learned.count || !learned.allSatisfy(\.value.isFinite) {
                failures.append(ConformanceFailure("learned-values", "\(learned) repeats a name or is not finite"))
            }
            for (name, values) in whole where values.count != batch.count {
                failures.append(
                    ConformanceFailure("report-shape", "\(name) has \(values.count) values for \(batch.count) images")
                )
            }
            guard failures.isEmpty else { return failures }
            for index in 0..<batch.count {
                var alone = Outputs()
                for key in outputs.keys { alone[key] = outputs[key]?.selecting([index]) }
                let part = term.report(alone, batch.selecting([index]))
                for (name, values) in whole {
                    let value = part.first { $0.name == name }?.values.first
                    if value.map({ !nearlyEqual(Tensor($0), Tensor(values[index])) }) ?? true {
                        failures.append(
                            ConformanceFailure("report-alone", "\(name) of image \(index) changes with its batch")
                        )
                    }
                }
            }
            return failures
        }
    }
}

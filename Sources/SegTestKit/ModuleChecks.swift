import SegCore
import SegTensor

/// The values of a module's parameters and buffers at some moment, compared bit for bit.
struct ModuleState: Equatable {
    struct Entry: Equatable {
        let path: String
        let axes: [Int]
        let bits: [UInt32]
    }

    let parameters: [Entry]
    let buffers: [Entry]

    init(_ module: any Module) {
        parameters = module.parameters.map {
            Entry(path: $0.path, axes: $0.parameter.shape.axes, bits: $0.parameter.value.values().map(\.bitPattern))
        }
        buffers = module.buffers.map {
            Entry(path: $0.path, axes: [$0.buffer.values.count], bits: $0.buffer.values.map(\.bitPattern))
        }
    }

    /// Paths and shapes, without values.
    var layout: [String] { (parameters + buffers).map { "\($0.path) \($0.axes)" } }

    /// The first path at which two states of one layout differ.
    func firstDifference(from other: ModuleState) -> String? {
        zip(parameters + buffers, other.parameters + other.buffers).first { $0 != $1 }?.0.path
    }
}

/// Gives a module the parameters and buffers of another one of the same layout.
func copyState(from source: any Module, to target: any Module) {
    for (from, to) in zip(source.parameters, target.parameters) { to.parameter.value = from.parameter.value }
    for (from, to) in zip(source.buffers, target.buffers) { to.buffer.values = from.buffer.values }
}

/// Rules about what a module shows its visitor, on two instances made alike.
func checkVisits(_ module: any Module, _ twin: any Module) -> [ConformanceFailure] {
    var failures: [ConformanceFailure] = []
    let state = ModuleState(module)
    let objects = shownObjects(module)
    let again = shownObjects(module)
    if again.map(\.path) != objects.map(\.path) {
        failures.append(ConformanceFailure("stable-paths", "a second visit shows other paths or another order"))
    } else if let copied = zip(objects, again).first(where: { $0.object !== $1.object })?.0.path {
        failures.append(
            ConformanceFailure("stable-paths", "\(copied) is another object at a second visit: a copy is shown")
        )
    }
    let twinLayout = ModuleState(twin).layout
    if twinLayout != state.layout {
        let odd = Set(twinLayout).symmetricDifference(state.layout).sorted().first ?? "the order"
        failures.append(ConformanceFailure("stable-paths", "two instances made alike differ in \(odd)"))
    }
    for entry in state.parameters + state.buffers {
        if entry.path.split(separator: ".", omittingEmptySubsequences: false).contains("") {
            failures.append(ConformanceFailure("stable-paths", "the path '\(entry.path)' has an empty name"))
        }
        if entry.bits.contains(where: { !Float(bitPattern: $0).isFinite }) {
            failures.append(ConformanceFailure("finite-state", "\(entry.path) is NaN or infinite at first"))
        }
    }
    var seen: [ObjectIdentifier: String] = [:]
    for (path, object) in objects {
        if let earlier = seen.updateValue(path, forKey: ObjectIdentifier(object)) {
            failures.append(ConformanceFailure("one-path-each", "\(earlier) and \(path) are the same object"))
        }
    }
    return failures
}

private func shownObjects(_ module: any Module) -> [(path: String, object: AnyObject)] {
    module.parameters.map { ($0.path, $0.parameter) } + module.buffers.map { ($0.path, $0.buffer) }
}

/// The rule that nothing is learned in secret: every parameter behind a result is shown, or is one of the `inputs`.
///
/// The graph shows it: whatever the results depend on would be given a gradient, but neither trained nor saved.
func checkParametersShown(
    behind results: [Tensor],
    of module: any Module,
    besides inputs: [Parameter] = [],
    _ occasion: String
) -> [ConformanceFailure] {
    let known = Set((module.parameters.map(\.parameter) + inputs).map(ObjectIdentifier.init))
    var hidden: [ObjectIdentifier: Parameter] = [:]
    for parameter in results.flatMap(\.recordedParameters) where !known.contains(ObjectIdentifier(parameter)) {
        hidden[ObjectIdentifier(parameter)] = parameter
    }
    guard !hidden.isEmpty else { return [] }
    let shapes = hidden.values.map { "\($0.shape)" }.sorted().prefix(3).joined(separator: ", ")
    let count = hidden.count == 1 ? "a parameter takes part" : "\(hidden.count) parameters take part"
    return [
        ConformanceFailure(
            "parameters-are-shown",
            "\(count) in \(occasion) that `visit` does not show (shape \(shapes)): never trained, never saved"
        )
    ]
}

/// Rules about weights and seeds, on modules made by `make` from a seed.
func checkSeeds(_ make: (UInt64) throws -> any Module) throws -> [ConformanceFailure] {
    let first = ModuleState(try make(1))
    let same = ModuleState(try make(1))
    if let path = first.firstDifference(from: same) {
        return [ConformanceFailure("seed-decides", "\(path) differs between two instances of one seed")]
    }
    if !first.parameters.isEmpty, try ModuleState(make(2)).parameters == first.parameters {
        return [ConformanceFailure("seed-decides", "another seed gives the same weights: the initializer is not used")]
    }
    return []
}

/// Rules about the gradients that a backward pass has left on parameters.
func checkGradientsArrived(_ parameters: [(path: String, parameter: Parameter)]) -> [ConformanceFailure] {
    parameters.compactMap { path, parameter in
        guard let gradient = parameter.gradient else {
            return ConformanceFailure("parameters-learn", "no gradient reaches \(path)")
        }
        return gradient.hasNonFiniteValues
            ? ConformanceFailure("finite-gradients", "the gradient of \(path) is NaN or infinite") : nil
    }
}

/// Whether two tensors agree to the last bit.
func sameBits(_ left: Tensor, _ right: Tensor) -> Bool {
    left.shape == right.shape && left.values().map(\.bitPattern) == right.values().map(\.bitPattern)
}

/// Whether two tensors agree but for rounding.
func nearlyEqual(_ left: Tensor, _ right: Tensor, tolerance: Float = 1e-4) -> Bool {
    guard left.shape == right.shape else { return false }
    let a = left.values()
    let b = right.values()
    let scale = max(1, a.reduce(0) { max($0, abs($1)) })
    return zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * scale || ($0.isNaN && $1.isNaN) || $0 == $1 }
}

import SegCore
import SegTensor

/// The parameters that the losses of at least two heads depend on, by the recorded graphs, in stages.
struct SharedParameters {
    /// Parameters whose paths agree up to their first number: `backbone.encoder.2`.
    struct Stage {
        var name: String
        var parameters: [Parameter]
    }

    let stages: [Stage]

    /// - Parameter losses: those of some batches, their graphs not swept yet. Lazily made, only one graph is alive.
    init(_ model: MultiTaskModel, _ losses: some Sequence<LossBreakdown>) {
        let heads = Set(model.heads.map(\.name))
        var users: [ObjectIdentifier: Set<String>] = [:]
        for breakdown in losses {
            for (part, contribution) in zip(breakdown.parts, breakdown.contributions) where heads.contains(part.name) {
                for parameter in contribution.recordedParameters {
                    users[ObjectIdentifier(parameter), default: []].insert(part.name)
                }
            }
        }
        var stages: [Stage] = []
        for (path, parameter) in model.parameters where (users[ObjectIdentifier(parameter)]?.count ?? 0) > 1 {
            let name = Self.stage(path)
            if let index = stages.firstIndex(where: { $0.name == name }) {
                stages[index].parameters.append(parameter)
            } else {
                stages.append(Stage(name: name, parameters: [parameter]))
            }
        }
        self.stages = stages
    }

    var valueCount: Int { stages.flatMap(\.parameters).reduce(0) { $0 + $1.shape.count } }

    /// The gradients that the parameters hold now.
    var gradient: StagedGradient {
        StagedGradient(
            stages: stages.map { stage in
                var values: [Float] = []
                values.reserveCapacity(stage.parameters.reduce(0) { $0 + $1.shape.count })
                for parameter in stage.parameters {
                    if let gradient = parameter.gradient {
                        gradient.withValues { values.append(contentsOf: $0) }
                    } else {
                        values.append(contentsOf: repeatElement(0, count: parameter.shape.count))
                    }
                }
                return values
            }
        )
    }

    /// `backbone.encoder.2` of `backbone.encoder.2.first.convolution.weight`; a path without a number is cut before its
    /// last component.
    private static func stage(_ path: String) -> String {
        let components = path.split(separator: ".")
        let end = components.firstIndex { $0.allSatisfy(\.isNumber) }.map { $0 + 1 } ?? components.count - 1
        return components[..<max(1, end)].joined(separator: ".")
    }
}

/// A gradient with respect to the shared parameters, stage by stage.
struct StagedGradient {
    var stages: [[Float]]

    static func += (sum: inout StagedGradient, addition: StagedGradient) {
        for (stage, values) in addition.stages.enumerated() {
            for index in values.indices { sum.stages[stage][index] += values[index] }
        }
    }

    static func + (left: StagedGradient, right: StagedGradient) -> StagedGradient {
        var sum = left
        sum += right
        return sum
    }

    /// The inner product on each stage, in double precision and in the order of the values.
    func products(_ other: StagedGradient) -> [Double] {
        zip(stages, other.stages).map { left, right in
            left.withUnsafeBufferPointer { left in
                right.withUnsafeBufferPointer { right in
                    var sum = 0.0
                    for index in left.indices { sum += Double(left[index]) * Double(right[index]) }
                    return sum
                }
            }
        }
    }

    var norm: Double { products(self).reduce(0, +).squareRoot() }
}

/// What two gradients of one batch have to say of each other.
struct GradientComparison {
    /// `nil` where one of the gradients is 0 or not finite.
    let cosine: Double?
    /// By stage, in their order.
    let stageCosines: [Double?]
    let magnitudeSimilarity: Double?

    init(_ first: StagedGradient, _ second: StagedGradient) {
        let products = first.products(second)
        let (firstSquares, secondSquares) = (first.products(first), second.products(second))
        let (a, b) = (firstSquares.reduce(0, +), secondSquares.reduce(0, +))
        cosine = Self.cosine(products.reduce(0, +), a, b)
        stageCosines = products.indices.map { Self.cosine(products[$0], firstSquares[$0], secondSquares[$0]) }
        magnitudeSimilarity = cosine == nil ? nil : 2 * (a.squareRoot() * b.squareRoot()) / (a + b)
    }

    private static func cosine(_ product: Double, _ firstSquares: Double, _ secondSquares: Double) -> Double? {
        let value = product / (firstSquares.squareRoot() * secondSquares.squareRoot())
        // Rounding must not leave the cosine's range.
        return value.isFinite ? min(1, max(-1, value)) : nil
    }
}

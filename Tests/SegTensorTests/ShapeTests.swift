import SegTensor
import Testing

@Suite struct ShapeTests {
    @Test(arguments: Fixture.family("shape"))
    func shapeOperatorAgreesWithPyTorch(_ fixture: Fixture) throws {
        let operation = try #require(Self.operation(fixture))
        // Only moved and at most three times added: gradients are as exact as values.
        let tolerance = Tolerance(forward: 1e-6, gradient: 1e-6)
        fixture.check(tolerance) { (operands: [String: Tensor]) in operation(operands) }
        guard fixture.inputs.values.allSatisfy({ $0.shape.count == 4 }) else { return }
        fixture.check(tolerance, "blocked") { (operands: [String: Tensor]) in
            operation(operands.mapValues(\.inBlocks))
        }
        fixture.check(tolerance, "pending") { (operands: [String: Tensor]) in
            operation(operands.mapValues { ImageLayout.pending.arranged($0)! })
        }
    }

    private static func operation(_ fixture: Fixture) -> (([String: Tensor]) -> Tensor)? {
        let axis = fixture.integer("axis")
        let border: BorderRule = fixture.flag("replicate") ? .replicate : .zero
        let names = fixture.inputs.keys.sorted()
        switch fixture.op {
        case "concatenated": return { operands in .concatenated(names.map { operands[$0]! }, along: axis) }
        case "stacked": return { operands in .stacked(names.map { operands[$0]! }, along: axis) }
        case "sliced":
            let range = fixture.integers("range")
            return { $0["x"]!.sliced(axis, range[0]..<range[1]) }
        case "padded":
            let edges = fixture.integers("edges")
            let value = Float(fixture.attribute("value"))
            return {
                $0["x"]!.padded(top: edges[0], bottom: edges[1], left: edges[2], right: edges[3], with: value)
            }
        case "shifted":
            return { $0["x"]!.shifted(dx: fixture.integer("dx"), dy: fixture.integer("dy"), border: border) }
        case "forwardDifference": return { $0["x"]!.forwardDifference(axis) }
        case "centralDifference": return { $0["x"]!.centralDifference(axis) }
        case "permuted": return { $0["x"]!.permuted(fixture.integers("order")) }
        case "reshaped": return { $0["x"]!.reshaped(to: Shape(fixture.integers("shape"))) }
        case "broadcast": return { $0["x"]!.broadcast(to: Shape(fixture.integers("shape"))) }
        default: return nil
        }
    }

    @Test func joinedTensorsAreNotCopied() {
        let a = pseudo(1, [1, 16, 2, 2]).inBlocks
        let b = pseudo(2, [1, 5, 2, 2]).inBlocks
        let c = pseudo(3, [1, 3, 2, 2])
        let joined = Tensor.concatenated([a, b])
        guard case .joined(let parts) = joined.body else {
            Issue.record("blocks were copied")
            return
        }
        #expect(parts.count == 2)
        #expect(joined.values() == a.values() + b.values())
        // 21 channels do not fill their blocks.
        let ragged = Tensor.concatenated([b, a, b])
        guard case .ragged(let body) = ragged.body else {
            Issue.record("blocks were copied")
            return
        }
        #expect(body.parts.map { $0.shape[1] } == [5, 16, 5])
        #expect(ragged.values() == b.values() + a.values() + b.values())
        // Neighbors of few channels share a block.
        let shared = Tensor.concatenated([joined, c, b, a])
        guard case .ragged(let body) = shared.body else {
            Issue.record("blocks were copied")
            return
        }
        #expect(body.parts.map { $0.shape[1] } == [16, 13, 16])
        #expect(shared.values() == a.values() + b.values() + c.values() + b.values() + a.values())
        // A join of joins is one flat join.
        let nested = Tensor.concatenated([.concatenated([a, a]), b])
        guard case .joined(let flat) = nested.body else {
            Issue.record("blocks were copied")
            return
        }
        #expect(flat.count == 3)
        #expect(nested.values() == a.values() + a.values() + b.values())
    }
}

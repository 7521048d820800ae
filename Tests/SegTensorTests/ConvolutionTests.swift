import SegTensor
import Testing

@Suite struct ConvolutionTests {
    @Test(arguments: Fixture.family("convolution", op: "convolution"), ImageLayout.allCases)
    func convolutionAgreesWithPyTorch(_ fixture: Fixture, _ layout: ImageLayout) {
        guard fixture.accepts(layout) else { return }
        fixture.check(Tolerance(), layout.rawValue) { operands in
            fixture.image(operands, layout).convolved(
                with: operands["weight"]!,
                bias: operands["bias"],
                stride: fixture.integer("stride"),
                padding: fixture.integer("padding"),
                groups: fixture.integer("groups")
            )
        }
    }

    @Test(arguments: Fixture.family("convolution", op: "dilatedConvolution"), ImageLayout.allCases)
    func dilatedAndAsymmetricConvolutionsAgreeWithPyTorch(_ fixture: Fixture, _ layout: ImageLayout) {
        guard fixture.accepts(layout) else { return }
        fixture.check(Tolerance(), layout.rawValue) { operands in
            fixture.image(operands, layout).convolved(
                with: operands["weight"]!,
                bias: operands["bias"],
                stride: fixture.integer("stride"),
                rowPadding: fixture.integer("rows"),
                columnPadding: fixture.integer("columns"),
                dilation: fixture.integer("dilation"),
                groups: fixture.integer("groups")
            )
        }
    }

    @Test(arguments: Fixture.family("convolution", op: "transposedConvolution"), ImageLayout.allCases)
    func transposedConvolutionAgreesWithPyTorch(_ fixture: Fixture, _ layout: ImageLayout) {
        guard fixture.accepts(layout) else { return }
        fixture.check(Tolerance(), layout.rawValue) { operands in
            fixture.image(operands, layout).transposedConvolved(
                with: operands["weight"]!,
                bias: operands["bias"]
            )
        }
    }
}

extension Fixture {
    /// Whether the operand `x` can be kept like this.
    func accepts(_ layout: ImageLayout) -> Bool { inputs["x"].map { layout.arranged($0.tensor) != nil } ?? false }

    /// The operand `x` in a layout, followed by a ReLU if the fixture says so.
    func image(_ operands: [String: Tensor], _ layout: ImageLayout) -> Tensor {
        guard let x = operands["x"].flatMap(layout.arranged) else { preconditionFailure("\(name) has no image") }
        return flag("relu") ? x.relu() : x
    }
}

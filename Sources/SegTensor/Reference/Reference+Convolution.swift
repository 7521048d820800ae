extension Reference {
    /// A convolution's sizes and operands.
    package struct Convolution {
        private let x: [Float]
        private let weight: [Float]
        private let input: Places
        private let output: Places
        private let kernel: Places
        private let stride: Int
        private let padding: Int
        private let groups: Int
        package let outputShape: Shape
        private let inputShape: Shape
        private let weightShape: Shape

        package init(_ x: Tensor, _ weight: Tensor, stride: Int = 1, padding: Int = 0, groups: Int = 1) {
            self.x = x.values()
            self.weight = weight.values()
            self.stride = stride
            self.padding = padding
            self.groups = groups
            inputShape = x.shape
            weightShape = weight.shape
            input = Places(x.shape)
            kernel = Places(weight.shape)
            outputShape = [
                x.shape[0], weight.shape[0], (x.shape[2] + 2 * padding - weight.shape[2]) / stride + 1,
                (x.shape[3] + 2 * padding - weight.shape[3]) / stride + 1,
            ]
            output = Places(outputShape)
        }

        /// Calls `body(output place, input place, weight place)` for every product that the convolution adds up.
        private func forEachProduct(_ body: (Int, Int, Int) -> Void) {
            output.visit { n, o, i, j in
                let group = o / (output.channels / groups)
                for c in 0..<kernel.channels {
                    for u in 0..<kernel.height {
                        for v in 0..<kernel.width {
                            let row = i * stride + u - padding
                            let column = j * stride + v - padding
                            guard input.holds(row, column) else { continue }
                            body(
                                output(n, o, i, j),
                                input(n, group * kernel.channels + c, row, column),
                                kernel(o, c, u, v)
                            )
                        }
                    }
                }
            }
        }

        package func forward() -> Tensor {
            var y = Array(repeating: 0.0, count: outputShape.count)
            forEachProduct { to, from, tap in y[to] += Double(x[from]) * Double(weight[tap]) }
            return tensor(y, outputShape)
        }

        package func gradients(_ upstream: Tensor) -> (input: Tensor, weight: Tensor) {
            let dy = upstream.values()
            var dx = Array(repeating: 0.0, count: inputShape.count)
            var dw = Array(repeating: 0.0, count: weightShape.count)
            forEachProduct { to, from, tap in
                dx[from] += Double(dy[to]) * Double(weight[tap])
                dw[tap] += Double(dy[to]) * Double(x[from])
            }
            return (tensor(dx, inputShape), tensor(dw, weightShape))
        }
    }

    /// The transposed convolution whose kernel is as large as its stride, and its gradients.
    package static func transposedConvolution(_ x: Tensor, _ weight: Tensor, _ upstream: Tensor) -> (
        output: Tensor, input: Tensor, weight: Tensor
    ) {
        let (input, taps) = (Places(x.shape), Places(weight.shape))
        let stride = taps.height
        let outputShape: Shape = [input.batch, taps.channels, input.height * stride, input.width * stride]
        let output = Places(outputShape)
        let (xs, ws, dy) = (x.values(), weight.values(), upstream.values())
        var y = Array(repeating: 0.0, count: outputShape.count)
        var dx = Array(repeating: 0.0, count: x.shape.count)
        var dw = Array(repeating: 0.0, count: weight.shape.count)
        input.visit { n, c, i, j in
            for o in 0..<taps.channels {
                for u in 0..<stride {
                    for v in 0..<stride {
                        let (from, to, tap) = (
                            input(n, c, i, j), output(n, o, i * stride + u, j * stride + v), taps(c, o, u, v)
                        )
                        y[to] += Double(xs[from]) * Double(ws[tap])
                        dx[from] += Double(dy[to]) * Double(ws[tap])
                        dw[tap] += Double(dy[to]) * Double(xs[from])
                    }
                }
            }
        }
        return (tensor(y, outputShape), tensor(dx, x.shape), tensor(dw, weight.shape))
    }
}

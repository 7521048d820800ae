extension Reference {
    /// Maximum and mean of square windows, each with the gradient of the input.
    package static func pooling(_ x: Tensor, window: Int, stride: Int, padding: Int, _ upstream: Tensor) -> (
        maximum: (output: Tensor, input: Tensor), average: (output: Tensor, input: Tensor)
    ) {
        let input = Places(x.shape)
        let shape: Shape = [
            input.batch, input.channels, (input.height + 2 * padding - window) / stride + 1,
            (input.width + 2 * padding - window) / stride + 1,
        ]
        let output = Places(shape)
        let (xs, dy) = (x.values(), upstream.values())
        var largest = Array(repeating: -Double.infinity, count: shape.count)
        var mean = Array(repeating: 0.0, count: shape.count)
        var dLargest = Array(repeating: 0.0, count: xs.count)
        var dMean = dLargest
        output.visit { n, c, i, j in
            let place = output(n, c, i, j)
            var best = -1
            for u in 0..<window {
                for v in 0..<window where input.holds(i * stride + u - padding, j * stride + v - padding) {
                    let from = input(n, c, i * stride + u - padding, j * stride + v - padding)
                    mean[place] += Double(xs[from]) / Double(window * window)
                    dMean[from] += Double(dy[place]) / Double(window * window)
                    if Double(xs[from]) > largest[place] {
                        largest[place] = Double(xs[from])
                        best = from
                    }
                }
            }
            if best >= 0 { dLargest[best] += Double(dy[place]) }
        }
        return (
            (tensor(largest, shape), tensor(dLargest, x.shape)), (tensor(mean, shape), tensor(dMean, x.shape))
        )
    }

    /// Bilinear resize and the gradient of its input.
    package static func resize(_ x: Tensor, height: Int, width: Int, _ upstream: Tensor) -> (
        output: Tensor, input: Tensor
    ) {
        let input = Places(x.shape)
        let shape: Shape = [input.batch, input.channels, height, width]
        let output = Places(shape)
        let (xs, dy) = (x.values(), upstream.values())
        var y = Array(repeating: 0.0, count: shape.count)
        var dx = Array(repeating: 0.0, count: xs.count)
        func place(_ index: Int, _ from: Int, _ to: Int) -> Double {
            max(0, (Double(index) + 0.5) * Double(from) / Double(to) - 0.5)
        }
        output.visit { n, c, i, j in
            let row = place(i, input.height, height)
            let column = place(j, input.width, width)
            for u in 0...1 {
                for v in 0...1 {
                    let from = input(
                        n,
                        c,
                        min(input.height - 1, Int(row) + u),
                        min(input.width - 1, Int(column) + v)
                    )
                    let weight =
                        abs(1 - Double(u) - row + row.rounded(.down))
                        * abs(1 - Double(v) - column + column.rounded(.down))
                    y[output(n, c, i, j)] += weight * Double(xs[from])
                    dx[from] += weight * Double(dy[output(n, c, i, j)])
                }
            }
        }
        return (tensor(y, shape), tensor(dx, x.shape))
    }
}

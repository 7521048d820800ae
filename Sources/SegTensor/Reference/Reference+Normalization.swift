extension Reference {
    /// Batch or instance normalization, perhaps followed by a ReLU, with the gradients of input, gain and offset.
    ///
    /// - Parameter perImage: instance normalization.
    package static func normalization(
        _ x: Tensor,
        gain: Tensor,
        offset: Tensor,
        perImage: Bool,
        relu: Bool,
        epsilon: Double = 1e-5,
        _ upstream: Tensor
    ) -> (output: Tensor, input: Tensor, gain: Tensor, offset: Tensor) {
        let places = Places(x.shape)
        let (xs, gains, offsets, dy) = (x.values(), gain.values(), offset.values(), upstream.values())
        var y = Array(repeating: 0.0, count: xs.count)
        var dx = y
        var dGain = Array(repeating: 0.0, count: places.channels)
        var dOffset = dGain
        let sets = perImage ? (0..<places.batch).map { $0..<$0 + 1 } : [0..<places.batch]
        for images in sets {
            for channel in 0..<places.channels {
                let members = images.flatMap { image in
                    (0..<places.height * places.width).map { places(image, channel, 0, 0) + $0 }
                }
                let count = Double(members.count)
                let mean = members.reduce(0.0) { $0 + Double(xs[$1]) } / count
                let variance = members.reduce(0.0) { $0 + (Double(xs[$1]) - mean) * (Double(xs[$1]) - mean) } / count
                let inverse = 1 / (variance + epsilon).squareRoot()
                let normalized = members.map { (Double(xs[$0]) - mean) * inverse }
                var gated: [Double] = []
                for (member, value) in zip(members, normalized) {
                    let result = value * Double(gains[channel]) + Double(offsets[channel])
                    y[member] = relu ? max(0, result) : result
                    gated.append(!relu || result > 0 ? Double(dy[member]) : 0)
                }
                let total = gated.reduce(0, +)
                let correlation = zip(gated, normalized).reduce(0) { $0 + $1.0 * $1.1 }
                dGain[channel] += correlation
                dOffset[channel] += total
                for (index, member) in members.enumerated() {
                    dx[member] =
                        Double(gains[channel]) * inverse
                        * (gated[index] - total / count - normalized[index] * correlation / count)
                }
            }
        }
        return (tensor(y, x.shape), tensor(dx, x.shape), tensor(dGain, gain.shape), tensor(dOffset, offset.shape))
    }
}

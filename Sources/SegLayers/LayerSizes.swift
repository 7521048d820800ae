import SegTensor

/// Ends the process with one line, before memory is taken, unless a layer can have these sizes.
///
/// - Parameters:
///   - kernelSize: 1 for layers without a kernel.
///   - operation: the layer.
func requireSizes(
    _ inputChannels: Int,
    _ outputChannels: Int,
    _ kernelSize: Int = 1,
    _ groups: Int = 1,
    operation: StaticString
) {
    // Far beyond any layer, and small enough for products of two.
    let most = 1 << 20
    requireOperands(
        (1...most).contains(inputChannels) && (1...most).contains(outputChannels)
            && (1...1024).contains(kernelSize),
        "from \(inputChannels) to \(outputChannels) channels"
            + (kernelSize == 1 ? "" : " with a kernel of \(kernelSize) px") + " cannot be",
        cure: "use 1 to \(most) channels" + (kernelSize == 1 ? "" : " and a kernel of 1 to 1024 px"),
        operation: operation
    )
    requireOperands(
        groups >= 1 && inputChannels % max(1, groups) == 0 && outputChannels % max(1, groups) == 0,
        "\(groups) groups do not divide \(inputChannels) and \(outputChannels) channels",
        cure: "use a number of groups that divides both",
        operation: operation
    )
    // What the bounds above let through does not overflow. A model that is larger than this machine's memory has a message of its
    // own, which names the file; this is for networks composed in Swift.
    let weights = (inputChannels / groups) * outputChannels * kernelSize * kernelSize
    requireOperands(
        weights < 1 << 42,
        "from \(inputChannels) to \(outputChannels) channels takes \(weights) weights",
        cure: "use fewer channels",
        operation: operation
    )
}

/// Ends the process with one line unless a rate is a share below 1: also where it is NaN.
func requireRate(_ rate: Float, _ name: String, operation: StaticString) {
    requireOperands(
        rate >= 0 && rate < 1,
        "\(name) is \(rate)",
        cure: "use a share of at least 0 and less than 1",
        operation: operation
    )
}

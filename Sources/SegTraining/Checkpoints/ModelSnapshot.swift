import SegCore
import SegTensor

/// A module's parameters and buffers as they were. Shares memory with the module until it changes.
struct ModelSnapshot {
    private let values: [Tensor]
    private let buffers: [[Float]]

    init(_ module: any Module) {
        values = module.parameters.map(\.parameter.value)
        buffers = module.buffers.map(\.buffer.values)
    }

    /// Puts everything back. Traps on another module.
    func restore(_ module: any Module) {
        let parameters = module.parameters
        let moduleBuffers = module.buffers
        precondition(parameters.count == values.count && moduleBuffers.count == buffers.count, "another module")
        for (target, value) in zip(parameters, values) { target.parameter.value = value }
        for (target, value) in zip(moduleBuffers, buffers) { target.buffer.values = value }
    }
}

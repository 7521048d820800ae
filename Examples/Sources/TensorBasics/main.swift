// Tensors, gradients, an operator of your own, and a network of your own trained for a few steps.
import ClinicPlugins
import SegTestKit
import SegmentationKit

// 1. Arithmetic, broadcasting and reductions. Images are [batch, channels, height, width].
let ramp = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
print("column means:", (ramp * 2 - 1).mean(over: [0]).values())

// 2. Gradients. What depends on a parameter is recorded; backward() leaves the gradient on the parameter.
let weight = Parameter(Tensor([0.5, -1, 2], shape: [3]))
let loss = (ramp * weight.tensor).sum(over: [1]).squared().mean()
loss.backward()
print("loss:", loss.item, "gradient:", weight.gradient?.values() ?? [])

// 3. An operator with a gradient written by hand: a step whose gradient pretends to be that of the identity.
func straightThroughStep(_ x: Tensor) -> Tensor {
    let stepped = Tensor(x.values().map { $0 > 0 ? 1 : 0 }, shape: x.shape)
    return stepped.recorded(from: [x]) { gradient in [gradient] }
}
weight.clearGradient()
straightThroughStep(weight.tensor).sum().backward()
print("straight-through gradient:", weight.gradient?.values() ?? [])

// 4. A network of your own: a backbone from the library's layers, with the library's segmentation head on it.
var initializer = WeightInitializer(seed: 7)
let backbone = try TwoScaleNet(.init(), inputChannels: 1, initializer: &initializer)
let head = try SegmentationHead(.init(), backbone: backbone.outline, initializer: &initializer)
let model = try MultiTaskModel(backbone: backbone, heads: [WeightedHead(head)])
let optimizer = AdamW(model.parameters.map(\.parameter))
let batch = Batch.phantom([.benign, .malignant, .benign, .malignant], size: 48, seed: 3)
print("\(model.parameters.count) parameter tensors, such as \(model.parameters[0].path)")
for step in 0..<30 {
    let outputs = model.outputs(for: batch.images, phase: .training)
    let losses = model.losses(outputs, batch, TrainingProgress(epoch: Double(step), epochs: 30))
    losses.total.backward()
    optimizer.step(rate: 1e-2)  // and forgets the gradients
    if step % 10 == 9 { print("step \(step + 1): loss \(losses.total.item)") }
}

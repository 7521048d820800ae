// A step of training with a plugin that breaks: `faultyplugins head shapes`.
import Foundation
import SegCore
import SegTensor
import SegTraining

CrashLine.install()
OperandFailure.beforeEnd { print("files are closed") }

let arguments = CommandLine.arguments + ["", ""]
let (kind, name) = (arguments[1], arguments[2])
if kind == "program" { _ = [1][arguments.count] }

let backbone = FaultyBackbone(kind == "backbone" ? FaultyBackbone.Fault(rawValue: name) ?? .none : .none)
let head = FaultyHead(kind == "head" ? FaultyHead.Fault(rawValue: name) ?? .none : .none, backbone: backbone.outline)
let term = FaultyTerm(kind == "term" ? FaultyTerm.Fault(rawValue: name) ?? .none : .none)
let model = try MultiTaskModel(backbone: backbone, heads: [WeightedHead(head)], terms: [WeightedTerm(term)])

_ = model.parameters

let shape: Shape = [2, 1, 16, 16]
let batch = Batch(
    images: .ones(shape),
    masks: .ones(shape),
    pathologies: [.benign, .malignant],
    identifiers: ["a", "b"],
    intensities: .ones(shape),
    coverage: .ones(shape)
)
let outputs = model.outputs(for: batch.images, phase: .training)
let losses = model.losses(outputs, batch, TrainingProgress(epoch: 0, epochs: 1))
_ = model.reports(outputs, batch)
losses.total.backward()
try FaultyMetric(kind == "metric" ? FaultyMetric.Fault(rawValue: name) ?? .none : .none).judge()
print("trained")

// A step of training with a plugin that breaks: `faultyplugins head shapes`; a whole study: `faultyplugins study term observe`.
import Foundation
import SegCore
import SegTensor
import SegTraining

CrashLine.install()
OperandFailure.beforeEnd { print("files are closed") }

if Chosen.kind == "program" { _ = [1][CommandLine.arguments.count] }
if Chosen.isStudy { FaultyStudy.end() }

let backbone = FaultyBackbone(Chosen.fault(of: "backbone") ?? .none)
let head = FaultyHead(Chosen.fault(of: "head") ?? .none, backbone: backbone.outline)
let term = FaultyTerm(Chosen.fault(of: "term") ?? .none)
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
try FaultyMetric(Chosen.fault(of: "metric") ?? .none).judge()
print("trained")

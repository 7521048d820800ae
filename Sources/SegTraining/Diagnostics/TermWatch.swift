import SegCore
import SegTensor

/// Gathers over the validation part of an epoch what is said of each consistency term's state.
///
/// Training does not notice: gradients are taken with respect to copies of the outputs, and buffers are put back.
struct TermWatch {
    /// Batches on which the share of each path of the gradient is measured: the first ones, the same each time.
    private static let gradientBatches = 4

    private let model: MultiTaskModel
    private var cases: [[TermCase]]
    private var kept: [(outputs: Outputs, batch: Batch)] = []

    init(_ model: MultiTaskModel) {
        self.model = model
        cases = model.terms.map { _ in [] }
    }

    mutating func add(_ outputs: Outputs, _ batch: Batch) {
        guard !model.terms.isEmpty else { return }
        if kept.count < Self.gradientBatches { kept.append((outputs, batch)) }
        let malignancy = outputs.malignancyProbability?.values()
        for (index, term) in model.terms.enumerated() {
            let report = PluginContext.with(term.label) { term.term.report(outputs, batch) }
            for image in 0..<batch.count where batch.pathologies[image] != .normal {
                cases[index].append(
                    TermCase(
                        malignancy: malignancy?[image],
                        pathology: batch.pathologies[image],
                        report: Dictionary(report.map { ($0.name, $0.values[image]) }) { first, _ in first }
                    )
                )
            }
        }
    }

    /// The figures, under the term's name and theirs, and what is wrong.
    ///
    /// - Formula: the share of a path is the norm of the penalty's gradient with respect to the logits of one output, or
    ///   to the term's own weights, over the sum of these norms.
    func diagnosis(_ progress: TrainingProgress) -> (figures: [String: Double]?, warnings: [String]?) {
        var figures: [String: Double] = [:]
        var warnings: [String] = []
        for (term, cases) in zip(model.terms, cases) {
            let (diagnosis, shares) = PluginContext.with(term.label) {
                (
                    term.term.diagnosis(cases, progress),
                    term.weight > 0 ? gradientShares(of: term.term, progress) : []
                )
            }
            // A value that is not finite cannot be written into a checkpoint.
            for (name, value) in diagnosis.figures + shares where value.isFinite {
                figures["\(term.name).\(name)"] = Double(value)
            }
            if let warning = diagnosis.warning { warnings.append("\(term.name): \(warning)") }
        }
        return (figures.isEmpty ? nil : figures, warnings.isEmpty ? nil : warnings)
    }

    private func gradientShares(
        of term: any ConsistencyTerm,
        _ progress: TrainingProgress
    ) -> [(name: String, value: Float)] {
        let buffers = term.buffers.map { ($0.buffer, $0.buffer.values) }
        let own = term.parameters.map(\.parameter)
        defer {
            for (buffer, values) in buffers { buffer.values = values }
            for parameter in own { parameter.clearGradient() }
        }
        var squares: [String: Double] = [:]
        for (outputs, batch) in kept {
            var copies = Outputs()
            var leaves: [(name: String, parameter: Parameter)] = own.map { ("own-weights", $0) }
            for key in outputs.keys {
                guard let output = outputs[key] else { continue }
                let leaf = Parameter(output.detached)
                leaves.append((key.name, leaf))
                copies[key] = leaf.tensor
            }
            for parameter in own { parameter.clearGradient() }
            term.penalty(copies, batch, progress)?.backward()
            for (name, leaf) in leaves { squares[name, default: 0] += leaf.gradientSumOfSquares }
        }
        let norms = squares.mapValues { $0.squareRoot() }
        let total = norms.values.reduce(0, +)
        guard total > 0, total.isFinite else { return [] }
        return norms.sorted { $0.key < $1.key }.map { ("gradient-share-\($0.key)", Float($0.value / total)) }
    }
}

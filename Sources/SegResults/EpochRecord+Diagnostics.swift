import SegTraining

extension EpochRecord {
    /// One number that an epoch says beyond scores and training losses.
    struct Diagnostic {
        /// What it is: `validation_loss`, `cosine`.
        var kind: String
        /// What it is of: a loss, what a term learned, a task, two tasks.
        var name: String
        var value: Double

        /// Its column in `training.csv`.
        var column: String { "\(kind)_\(name)" }
        /// Its tag in TensorBoard, which makes a group of each kind.
        var tag: String { "\(kind)/\(name)" }
    }

    /// All that was measured in the epoch; what was not is left out.
    var diagnostics: [Diagnostic] {
        var all: [Diagnostic] = []
        func add(_ kind: String, _ name: String, _ value: Double?) {
            if let value { all.append(Diagnostic(kind: kind, name: name, value: value)) }
        }
        for (name, value) in (validationLosses ?? [:]).sorted(by: { $0.key < $1.key }) {
            add("validation_loss", name, value)
        }
        for (name, value) in (learned ?? [:]).sorted(by: { $0.key < $1.key }) { add("learned", name, value) }
        for task in interference?.tasks ?? [] {
            add("gradient_norm", task.name, task.norm)
            add("cosine", "\(task.name)_others", task.cosineWithOthers)
            add("conflict_rate", "\(task.name)_others", task.conflictRateWithOthers)
        }
        for pair in interference?.pairs ?? [] {
            let names = "\(pair.first)_\(pair.second)"
            add("cosine", names, pair.cosine)
            add("pooled_cosine", names, pair.pooledCosine)
            add("conflict_rate", names, pair.conflictRate)
            add("magnitude_similarity", names, pair.magnitudeSimilarity)
        }
        return all
    }

    /// The diagnostics by their columns in `training.csv`.
    package var diagnosticColumns: [String: Double] {
        Dictionary(diagnostics.map { ($0.column, $0.value) }) { first, _ in first }
    }
}

import SegTraining

extension EpochRecord {
    /// What `training.csv` says of the epoch beyond scores and training losses, by column.
    var diagnosticColumns: [String: Double] {
        var columns: [String: Double] = [:]
        for (name, value) in validationLosses ?? [:] { columns["validation_loss_\(name)"] = value }
        for (name, value) in learned ?? [:] { columns["learned_\(name)"] = value }
        for task in interference?.tasks ?? [] {
            columns["gradient_norm_\(task.name)"] = task.norm
            columns["cosine_\(task.name)_others"] = task.cosineWithOthers
            columns["conflict_rate_\(task.name)_others"] = task.conflictRateWithOthers
        }
        for pair in interference?.pairs ?? [] {
            let names = "\(pair.first)_\(pair.second)"
            columns["cosine_\(names)"] = pair.cosine
            columns["pooled_cosine_\(names)"] = pair.pooledCosine
            columns["conflict_rate_\(names)"] = pair.conflictRate
            columns["magnitude_similarity_\(names)"] = pair.magnitudeSimilarity
        }
        return columns
    }
}

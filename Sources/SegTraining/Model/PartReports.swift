package import SegCore
import SegTensor

/// What a consistency term reports for each image of a batch.
package struct TermReport: Sendable {
    /// The term's name in the model.
    package var term: String
    /// What the term calls it.
    package var ownName: String
    /// The name in files, which no other report of the model's terms has.
    package var name: String
    /// One value an image.
    package var values: [Float]
    /// Whether it is the prior of a term that has one.
    package var isPrior: Bool
}

/// What a head says about each image of a batch.
package struct HeadReport: Sendable {
    /// The head's name in the model.
    package var head: String
    /// What it says, under a name that no other report of the model's heads has.
    package var report: CaseReport
}

extension Sequence<WeightedTerm> {
    /// What the terms report, in their order, under names that are used once: one that an earlier term uses is prefixed by
    /// the name of the later one, `other.prior`.
    ///
    /// Ends the process with one line if a term reports another number of values than there are images, or a name twice.
    package func reports(_ outputs: Outputs, _ batch: Batch) -> [TermReport] {
        var names: Set<String> = []
        var result: [TermReport] = []
        for term in self {
            PluginContext.with(term.label) {
                let priorName = (term.term as? any MalignancyPriorReporting)?.priorName
                var own: Set<String> = []
                for (name, values) in term.term.report(outputs, batch) {
                    requireOperands(
                        values.count == batch.count,
                        "returns \(values.count) values of `\(name)` for a batch of \(batch.count) images",
                        cure: "return one for each image",
                        operation: "report"
                    )
                    let unique = names.contains(name) ? "\(term.name).\(name)" : name
                    requireOperands(
                        own.insert(name).inserted && names.insert(unique).inserted,
                        "returns `\(name)` twice",
                        cure: "give each number a name of its own",
                        operation: "report"
                    )
                    result.append(
                        TermReport(
                            term: term.name,
                            ownName: name,
                            name: unique,
                            values: values,
                            isPrior: name == priorName
                        )
                    )
                }
            }
        }
        return result
    }
}

import SegCore
import SegTensor

extension TermCheck {
    /// A batch and what is predicted for it; each seed another one.
    private func occasion(_ seed: UInt64, logits: Float? = nil, of pathologies: [Pathology?]? = nil) -> (Outputs, Batch)
    {
        let batch = Batch.phantom(pathologies ?? Self.mixture, size: size, seed: seed)
        let parameters = parameters(batch)
        if let logits {
            for (_, parameter) in parameters { parameter.value = Tensor(repeating: logits, shape: parameter.shape) }
        }
        return (outputs(parameters), batch)
    }

    /// What a term learns from predictions is in its buffers: a checkpoint carries it.
    func observation(make: () throws -> Plugin, makeFresh: () throws -> Plugin) throws -> [ConformanceFailure] {
        try withoutGradients {
            let (observer, plain) = (try make(), try make())
            let before = ModuleState(observer)
            var failures: [ConformanceFailure] = []
            for seed in [31, 32] as [UInt64] {
                let (outputs, batch) = occasion(seed)
                observer.observe(outputs, batch)
                plain.observe(outputs, batch)
                // What evaluation and training ask in between must leave no trace.
                _ = observer.penalty(outputs, batch, last)
                _ = observer.report(outputs, batch)
                _ = observer.diagnosis(cases(of: observer), last)
                _ = observer.learnedValues()
            }
            let after = ModuleState(observer)
            if before.parameters != after.parameters {
                let path = before.firstDifference(from: after) ?? "a parameter"
                failures.append(
                    ConformanceFailure(
                        "observe-keeps-parameters",
                        "`observe` changes \(path), which the optimizer moves"
                    )
                )
            }
            if let path = after.firstDifference(from: ModuleState(plain)) {
                failures.append(
                    ConformanceFailure(
                        "observe-repeats",
                        "\(path) differs in a twin that observed the same predictions"
                    )
                )
            }
            let resumed = try makeFresh()
            copyState(from: observer, to: resumed)
            failures += differences(observer, resumed, "after observing")
            guard failures.isEmpty else { return failures }
            let (outputs, batch) = occasion(33)
            observer.observe(outputs, batch)
            resumed.observe(outputs, batch)
            if let path = ModuleState(observer).firstDifference(from: ModuleState(resumed)) {
                failures.append(
                    ConformanceFailure(
                        "state-is-shown",
                        "\(path) differs in an instance that goes on observing: `observe` learns outside the buffers"
                    )
                )
            }
            failures += differences(observer, resumed, "after observing more")
            return failures + extremes(try make())
        }
    }

    /// What two terms of the same parameters and buffers say differently.
    private func differences(_ term: Plugin, _ other: Plugin, _ occasion: String) -> [ConformanceFailure] {
        let outputs = outputs(parameters(batch))
        var parts: [String] = []
        switch (term.penalty(outputs, batch, last), other.penalty(outputs, batch, last)) {
        case (nil, nil): break
        case (let one?, let two?) where sameBits(one, two): break
        default: parts.append("penalty")
        }
        if !Self.areEqual(term.report(outputs, batch), other.report(outputs, batch)) { parts.append("report") }
        if term.learnedValues().map(\.value.bitPattern) != other.learnedValues().map(\.value.bitPattern) {
            parts.append("learned values")
        }
        let cases = cases(of: term)
        if !Self.areSame(term.diagnosis(cases, last), other.diagnosis(cases, last)) { parts.append("diagnosis") }
        guard !parts.isEmpty else { return [] }
        return [
            ConformanceFailure(
                "state-is-shown",
                "\(occasion), an instance with the same parameters and buffers has another "
                    + "\(parts.joined(separator: " and ")): `observe` learns outside the buffers, and a checkpoint loses it"
            )
        ]
    }

    private func extremes(_ term: Plugin) -> [ConformanceFailure] {
        var failures: [ConformanceFailure] = []
        let odd: [(String, (Outputs, Batch))] = [
            ("all outputs -20", occasion(34, logits: -20)), ("all outputs 20", occasion(34, logits: 20)),
            ("normal images only", occasion(35, of: [.normal, .normal])),
            ("unknown pathology only", occasion(36, of: [nil, nil])),
            ("a batch of one image", occasion(37, of: [.malignant])), ("nothing predicted", (Outputs(), batch)),
        ]
        for (what, (outputs, batch)) in odd {
            term.observe(outputs, batch)
            let broken = term.buffers.first { !$0.buffer.values.allSatisfy(\.isFinite) }?.path
            let penalty = term.penalty(self.outputs(parameters(self.batch)), self.batch, last)
            guard broken != nil || penalty?.hasNonFiniteValues == true else { continue }
            let text = broken.map { "the buffer \($0) is NaN or infinite" } ?? "the penalty is NaN or infinite"
            failures.append(ConformanceFailure("observe-of-extremes", "after observing \(what), \(text)"))
        }
        return failures
    }

    // MARK: Diagnosis

    /// What a validation part of four batches gives to `diagnosis`: all but normal images.
    private func cases(of term: Plugin, logits: Float? = nil, hasMalignancy: Bool = true) -> [TermCase] {
        ([41, 42] as [UInt64]).flatMap { seed -> [TermCase] in
            let (outputs, batch) = occasion(seed, logits: logits)
            let malignancy = hasMalignancy ? outputs.malignancyProbability?.values() : nil
            let report = term.report(outputs, batch)
            return (0..<batch.count).filter { batch.pathologies[$0] != .normal }.map { image in
                TermCase(
                    malignancy: malignancy?[image],
                    pathology: batch.pathologies[image],
                    report: Dictionary(report.map { ($0.name, $0.values[image]) }) { first, _ in first }
                )
            }
        }
    }

    private static func areSame(_ one: TermDiagnosis, _ other: TermDiagnosis) -> Bool {
        one.warning == other.warning && one.figures.map(\.name) == other.figures.map(\.name)
            && one.figures.map(\.value.bitPattern) == other.figures.map(\.value.bitPattern)
    }

    func diagnosis(makeFresh: () throws -> Plugin) throws -> [ConformanceFailure] {
        try withoutGradients {
            let all = cases(of: term)
            var failures: [ConformanceFailure] = []
            let state = ModuleState(term)
            let whole = term.diagnosis(all, last)
            if let path = state.firstDifference(from: ModuleState(term)) {
                failures.append(ConformanceFailure("diagnosis-keeps-state", "`diagnosis` changes \(path)"))
            }
            for (what, cases, epoch) in [
                ("all lesions", all, 100), ("all lesions at first", all, 0), ("one lesion", Array(all.prefix(1)), 100),
                ("no lesion", [], 100), ("no predicted malignancy", cases(of: term, hasMalignancy: false), 100),
                ("all outputs -20", cases(of: term, logits: -20), 100),
                ("all outputs 20", cases(of: term, logits: 20), 100),
            ] as [(String, [TermCase], Double)] {
                let found = term.diagnosis(cases, TrainingProgress(epoch: epoch, epochs: 100))
                failures += faults(in: found).map { ConformanceFailure("diagnosis-shape", "\(what): \($0)") }
            }
            if !Self.areSame(whole, term.diagnosis(all, last)) {
                failures.append(
                    ConformanceFailure("diagnosis-repeats", "the same cases have another one the second time")
                )
            }
            let fresh = try makeFresh()
            copyState(from: term, to: fresh)
            if !Self.areSame(whole, fresh.diagnosis(all, last)) {
                failures.append(
                    ConformanceFailure("state-is-shown", "a twin with the same state has another diagnosis")
                )
            }
            let turned = term.diagnosis(all.reversed(), last)
            let isAlike =
                turned.figures.map(\.name) == whole.figures.map(\.name)
                && zip(turned.figures, whole.figures).allSatisfy { nearlyEqual(Tensor($0.value), Tensor($1.value)) }
            if !isAlike {
                failures.append(
                    ConformanceFailure("order-does-not-matter", "the cases in another order have another diagnosis")
                )
            }
            return failures
        }
    }

    private func faults(in diagnosis: TermDiagnosis) -> [String] {
        var faults: [String] = []
        var names: Set<String> = []
        for (name, value) in diagnosis.figures {
            if name.isEmpty || name.contains(where: \.isWhitespace) {
                faults.append("the figure '\(name)' has no name of one word")
            }
            if !names.insert(name).inserted { faults.append("the figure \(name) appears twice") }
            if name.hasPrefix("gradient-share-") { faults.append("\(name) is a name that training uses itself") }
            if !value.isFinite { faults.append("the figure \(name) is \(value)") }
        }
        if let warning = diagnosis.warning,
            !warning.contains(where: { !$0.isWhitespace }) || warning.contains(where: \.isNewline)
        {
            faults.append("the warning '\(warning)' is not one line of text")
        }
        return faults
    }
}

import SegCore
import SegTensor

extension TaskHeadCheck {
    /// Rules about what a head says in numbers, classes and maps: columns of results, and what `segkit predict` writes.
    func reports() throws -> [ConformanceFailure] {
        try withoutGradients {
            let reporter = try make(1)
            // First of all another batch than the one that is looked at: a report must not be shaped by what it saw.
            let first = drawn([.benign, .malignant, .malignant], seed: 3)
            _ = reporter.report(predict(reporter, pyramid(features(first.count))), first)
            let batch = batch
            let features = features(batch.count)
            let outputs = predict(reporter, pyramid(features))
            let state = ModuleState(reporter)
            let whole = reporter.report(outputs, batch)
            var failures = names(whole) + shapes(whole, batch)
            if let path = state.firstDifference(from: ModuleState(reporter)) {
                failures.append(ConformanceFailure("report-keeps-state", "`report` changes \(path)"))
            } else if let name = Self.firstDifference(outputs, predict(reporter, pyramid(features))) {
                failures.append(ConformanceFailure("report-keeps-state", "\(name) is another one after `report`"))
            }
            // The other rules compare reports, which must be of one shape for that.
            guard failures.isEmpty else { return failures }
            failures += try repetition(of: whole, by: reporter, outputs, batch)
            guard failures.isEmpty else { return failures }
            return companions(of: whole, by: reporter, outputs, batch) + truth(of: whole, by: reporter, outputs, batch)
        }
    }

    private func names(_ reports: [CaseReport]) -> [ConformanceFailure] {
        var names: Set<String> = []
        var faults: [String] = []
        for report in reports {
            if report.name.isEmpty
                || !report.name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })
            {
                faults.append("the name '\(report.name)' is not made of letters, digits, - and _ alone")
            }
            if !names.insert(report.name).inserted { faults.append("\(report.name) is reported twice") }
            if !report.title.contains(where: { !$0.isWhitespace }) || report.title.contains(where: \.isNewline) {
                faults.append("the title '\(report.title)' of \(report.name) is not one line of text")
            }
        }
        return faults.map { ConformanceFailure("report-names", $0) }
    }

    private func shapes(_ reports: [CaseReport], _ batch: Batch) -> [ConformanceFailure] {
        reports.flatMap { report -> [ConformanceFailure] in
            var failures: [ConformanceFailure] = []
            if report.count != batch.count || report.truthCount != batch.count {
                let text = "\(report.count) values and \(report.truthCount) true ones for \(batch.count) images"
                failures.append(ConformanceFailure("report-shape", "\(report.name) has \(text)"))
            }
            switch report.values {
            case .numbers(let values, let truth):
                if let odd = (values + truth).compactMap(\.self).first(where: { !$0.isFinite }) {
                    failures.append(
                        ConformanceFailure(
                            "report-is-finite",
                            "\(report.name) is \(odd): return nil where there is no value"
                        )
                    )
                }
            case .classes: break
            case .maps(let maps):
                let (height, width) = (batch.images.shape[2], batch.images.shape[3])
                if let odd = maps.compactMap(\.self).first(where: { $0.width != width || $0.height != height }) {
                    let text = "\(odd.width)×\(odd.height) px, the images are \(width)×\(height) px"
                    failures.append(ConformanceFailure("report-shape", "maps of \(report.name) are \(text)"))
                }
                if maps.contains(where: { $0?.pixels.contains { !$0.isFinite } ?? false }) {
                    failures.append(
                        ConformanceFailure("report-is-finite", "a map of \(report.name) is NaN or infinite")
                    )
                }
            }
            return failures
        }
    }

    private func repetition(
        of whole: [CaseReport],
        by reporter: Plugin,
        _ outputs: Outputs,
        _ batch: Batch
    ) throws -> [ConformanceFailure] {
        var failures: [ConformanceFailure] = []
        func expect(_ other: [CaseReport], _ rule: String, _ detail: String) {
            guard whole != other else { return }
            let name = zip(whole, other).first { $0 != $1 }?.0.name ?? "what is reported"
            failures.append(ConformanceFailure(rule, "\(name) is \(detail)"))
        }
        expect(reporter.report(outputs, batch), "report-repeats", "another one the second time")
        let fresh = try make(1)
        copyState(from: reporter, to: fresh)
        expect(fresh.report(outputs, batch), "report-repeats", "another one in an instance that has reported nothing")
        guard failures.isEmpty else { return failures }
        let other = try make(2)
        copyState(from: reporter, to: other)
        expect(
            other.report(outputs, batch),
            "state-is-shown",
            "another one with the same parameters and buffers: `visit` leaves something out"
        )
        let stranger = try make(3)
        let odd = drawn([.malignant, .malignant], seed: 4)
        _ = stranger.report(predict(stranger, pyramid(features(odd.count)) { $0 * -2 }), odd)
        // An instance of its own, for a report that itself sets right what another one has changed.
        expect(reporter.report(outputs, batch), "instances-are-separate", "another one after another instance reported")
        return failures
    }

    /// Each image alone, and all in another order.
    private func companions(
        of whole: [CaseReport],
        by reporter: Plugin,
        _ outputs: Outputs,
        _ batch: Batch
    ) -> [ConformanceFailure] {
        let all = Array(0..<batch.count)
        let arrangements = all.map { ("without the others", [$0]) } + [("in another order", all.reversed())]
        for (what, order) in arrangements {
            var some = Outputs()
            for key in outputs.keys { some[key] = outputs[key]?.selecting(order) }
            let found = reporter.report(some, batch.selecting(order))
            if Set(found.map(\.name)) != Set(whole.map(\.name)) {
                return [ConformanceFailure("report-alone", "other things are reported of an image \(what)")]
            }
            for report in whole {
                guard let other = found.first(where: { $0.name == report.name }), other.count == order.count,
                    other.truthCount == order.count
                else {
                    let text = "\(report.name) is not reported of an image \(what), or not once for each"
                    return [ConformanceFailure("report-alone", text)]
                }
                for (place, index) in order.enumerated() where !Self.areAlike(report, index, other, place) {
                    let text = "\(report.name) of image \(index) is another one \(what)"
                    return [ConformanceFailure("report-alone", text)]
                }
            }
        }
        return []
    }

    /// What is predicted must not come from the truth, which a prediction does not have.
    private func truth(
        of whole: [CaseReport],
        by reporter: Plugin,
        _ outputs: Outputs,
        _ batch: Batch
    ) -> [ConformanceFailure] {
        var blind = batch
        blind.masks = Tensor(repeating: 0, shape: batch.masks.shape)
        blind.labels = batch.labels.mapValues { Tensor(repeating: 0, shape: $0.shape) }
        blind.pathologies = batch.pathologies.map { _ in nil }
        for index in blind.records.indices {
            blind.records[index].pathology = nil
            // What is known before a reader has judged: it may be an input.
            var clinical = ClinicalDescriptors()
            clinical.patient = batch.records[index].clinical.patient
            clinical.age = batch.records[index].clinical.age
            clinical.device = batch.records[index].clinical.device
            blind.records[index].clinical = clinical
        }
        let found = reporter.report(outputs, blind)
        return whole.compactMap { report in
            let other = found.first { $0.name == report.name }
            let isSame =
                other.map { other in
                    other.count == report.count
                        && (0..<report.count).allSatisfy {
                            Self.areAlike(report, $0, other, $0, comparesTruth: false)
                        }
                } ?? false
            guard !isSame else { return nil }
            return ConformanceFailure(
                "report-without-truth",
                "\(report.name) is \(other == nil ? "missing" : "another one") where the batch does not state the truth"
            )
        }
    }

    /// Whether two reports say the same of an image, but for rounding.
    private static func areAlike(
        _ report: CaseReport,
        _ image: Int,
        _ other: CaseReport,
        _ place: Int,
        comparesTruth: Bool = true
    ) -> Bool {
        func isNear(_ one: Double?, _ two: Double?) -> Bool {
            guard let one, let two else { return one == nil && two == nil }
            return abs(one - two) <= 1e-4 * max(1, abs(one))
        }
        if case .maps(let maps) = report.values, case .maps(let others) = other.values {
            guard let one = maps[image], let two = others[place] else { return maps[image] == others[place] }
            let shape: Shape = [one.pixels.count]
            return one.pixels.count == two.pixels.count
                && nearlyEqual(Tensor(one.pixels, shape: shape), Tensor(two.pixels, shape: shape))
        }
        let (one, two) = (report[image], other[place])
        return isNear(one.number, two.number) && one.label == two.label
            && (!comparesTruth || isNear(one.trueNumber, two.trueNumber) && one.trueLabel == two.trueLabel)
    }
}

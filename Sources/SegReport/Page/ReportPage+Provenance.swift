import SegData
import SegPages
import SegResults

/// Where everything came from, so that it can be made again.
extension ReportPage {
    func provenanceSection() -> Section {
        var content = [datasetTable()] + findingsTable()
        if !results.split.parts.isEmpty { content.append(splitTable()) }
        if let audit = results.audit { content += auditPart(audit) }
        content.append(tag("h3", [:], "Trainings"))
        if !results.trainings.isEmpty { content.append(trainingTable()) }
        let machine = [
            results.machine.processor, results.machine.instructionSet,
            Self.plural(results.machine.threads, "thread"), results.machine.operatingSystem ?? "",
        ]
        content.append(tag("h3", [:], "Run"))
        content.append(
            definitions([
                ("Version", .text("SegmentationKit \(results.packageVersion)")),
                ("Seeds", .text(results.seeds.map(String.init).joined(separator: ", "))),
                ("Machine", .text(machine.filter { !$0.isEmpty }.joined(separator: ", "))),
                ("Started", .text(results.timing.startedAt)), ("Finished", .text(results.timing.finishedAt)),
                ("Wall time", .text(NumberFormat.duration(results.timing.totalSeconds))),
            ])
        )
        content += results.arms.map { arm in
            disclosure("Settings of \(arm.title)", text: arm.settings)
        }
        content.append(disclosure("Configuration as resolved", text: results.configuration))
        return Section(id: "provenance", title: "Provenance", content: content)
    }

    private func disclosure(_ title: String, text: String) -> Markup {
        let block = tag("pre", ["tabindex": "0", "role": "region", "aria-label": title], tag("code", text: text))
        return tag("details", [:], [tag("summary", text: title), block])
    }

    private func datasetTable() -> Markup {
        let head = [
            columnHead("Data set", isNumber: false), columnHead("Role", isNumber: false), columnHead("Images"),
            columnHead("Benign"), columnHead("Malignant"), columnHead("Normal"), columnHead("Unknown"),
            columnHead("Evaluated"), columnHead("Fingerprint", isNumber: false),
        ]
        let rows = results.datasets.map { dataset in
            tag(
                "tr",
                [:],
                [rowHead(.text(dataset.name)), tag("td", text: dataset.role.rawValue)] + counts(dataset.counts)
                    + [
                        number(NumberFormat.count(dataset.evaluated.total)),
                        tag(
                            "td",
                            [:],
                            tag(
                                "code",
                                ["title": dataset.fingerprint],
                                text: shortened(dataset.fingerprint, to: 17)
                            )
                        ),
                    ]
            )
        }
        return table(
            caption: "Data sets. The fingerprint is a hash of the files read, in full in results.json.",
            label: "Data sets",
            head: head,
            bodies: [tag("tbody", [:], rows)]
        )
    }

    private func splitTable() -> Markup {
        let head = [
            columnHead("Part", isNumber: false), columnHead("Images"), columnHead("Benign"), columnHead("Malignant"),
            columnHead("Normal"), columnHead("Unknown"),
            columnHead("Groups", explained: "Patients, or cases where patients are unknown"),
        ]
        let rows = results.split.parts.map { part in
            tag(
                "tr",
                [:],
                [rowHead(.text(part.name))] + counts(part.counts) + [number(NumberFormat.count(part.groups))]
            )
        }
        return table(
            caption: "Split of the source data. \(results.split.method)",
            label: "Split",
            head: head,
            bodies: [tag("tbody", [:], rows)]
        )
    }

    private func auditPart(_ audit: AuditSummary) -> [Markup] {
        var pairs: [(String, Markup)] = [
            (
                "Result",
                .text(Self.auditResult(audit))
            ),
            (
                "Compared",
                .text(
                    "\(Self.plural(audit.comparedImages, "image")), each with every other one; duplicates are those whose "
                        + "thumbnails correlate above \(NumberFormat.fixed(audit.duplicateCorrelation, 2))"
                )
            ),
        ]
        let notCompared = (audit.patients ?? []).filter { $0.reason != nil }
        if !notCompared.isEmpty {
            let sentences = notCompared.map(\.sentence).joined(separator: "; ")
            pairs.append(("Not compared", .text(sentences.prefix(1).uppercased() + sentences.dropFirst())))
        }
        if audit.linkedImages > 0 {
            pairs.append(("Kept together", .text("\(Self.plural(audit.linkedImages, "duplicate")) of the source")))
        }
        if audit.duplicatesWithin > 0 {
            pairs.append(
                ("Duplicates within a part", .text("\(Self.plural(audit.duplicatesWithin, "pair")), counted twice"))
            )
        }
        var content = [tag("h3", [:], "Leakage audit"), definitions(pairs)]
        if !audit.contradictions.isEmpty {
            content.append(tag("ul", ["class": "limits"], audit.contradictions.map { tag("li", text: $0) }))
        }
        return content
    }

    /// No more than was compared.
    private static func auditResult(_ audit: AuditSummary) -> String {
        guard let patients = audit.patients, patients.contains(where: { $0.reason != nil }) else {
            return "No patient and no image is both in training or validation and in what the models are tested on."
        }
        let isAny = patients.contains { $0.reason == nil }
        return "No image is both in training or validation and in what the models are tested on, nor a patient of the "
            + "source's own parts" + (isAny ? ", nor of the data sets whose patients were compared." : ".")
    }

    /// What the check of each data set found.
    private func findingsTable() -> [Markup] {
        var seen: Set<String> = []
        let rows = results.datasets.flatMap { dataset in
            // The parts of the source share what was found in it.
            (dataset.findings ?? []).compactMap { finding -> Markup? in
                guard seen.insert("\(finding.kind) \(finding.example)").inserted else { return nil }
                return tag(
                    "tr",
                    [:],
                    [
                        rowHead(.text(dataset.name)), tag("td", text: finding.severity), tag("td", text: finding.kind),
                        number(NumberFormat.count(finding.count)), tag("td", text: finding.example),
                    ]
                )
            }
        }
        guard !rows.isEmpty else { return [] }
        let head = [
            columnHead("Data set", isNumber: false), columnHead("Severity", isNumber: false),
            columnHead("Finding", isNumber: false), columnHead("Count"), columnHead("For example", isNumber: false),
        ]
        return [
            table(
                caption: "What the check of the data sets found. Errors are those that the study allows.",
                label: "Findings",
                head: head,
                bodies: [tag("tbody", [:], rows)]
            )
        ]
    }

    private func counts(_ counts: PathologyCounts) -> [Markup] {
        [counts.total, counts.benign, counts.malignant, counts.normal, counts.unknown].map {
            number(NumberFormat.count($0))
        }
    }

    private func trainingTable() -> Markup {
        let head = [
            columnHead("Arm", isNumber: false), columnHead("Seed"), columnHead("Epochs"), columnHead("Kept epoch"),
            columnHead("Pixel threshold", explained: "Probability from which a pixel counts as lesion"),
            columnHead("Malignancy threshold", explained: "Probability from which a lesion counts as malignant"),
            columnHead("Wall time"),
        ]
        let rows = results.arms.flatMap { arm in
            results.trainings.filter { $0.arm == arm.name }.map { training in
                let time = results.timing.trainings.first {
                    $0.arm == arm.name && $0.seed == training.seed && $0.fold == training.fold
                }
                return tag(
                    "tr",
                    [:],
                    [
                        rowHead(keyed(arm)),
                        number(training.fold.map { "\(training.seed), fold \($0)" } ?? String(training.seed)),
                        number(NumberFormat.count(training.epochs.count)),
                        number(training.bestEpoch.map(NumberFormat.count) ?? NumberFormat.missing),
                        number(NumberFormat.fixed(training.segmentationThreshold, 2)),
                        number(NumberFormat.fixed(training.malignancyThreshold)),
                        number(time.map { NumberFormat.duration($0.seconds) } ?? NumberFormat.missing),
                    ]
                )
            }
        }
        return table(
            caption: "One row per arm and seed.",
            label: "Trainings",
            head: head,
            bodies: [tag("tbody", [:], rows)]
        )
    }
}

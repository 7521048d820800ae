package import SegCore
import SegTensor

/// Everything that is found in a data set, in one place: the check of a data set and a study ask the same.
package enum DatasetFindings {
    /// The findings about a data set.
    ///
    /// - Parameters:
    ///   - name: the data set's name in references.
    ///   - listed: all records of the adapter, which its publication counts.
    ///   - records: those that take part.
    ///   - inspections: of each of them.
    ///   - pairs: duplicates among their images, and with those of other data sets.
    package static func all(
        name: String,
        adapter: any DatasetAdapter,
        listed: [SampleRecord],
        records: [SampleRecord],
        inspections: [RecordInspection],
        pairs: [DuplicatePair]
    ) -> [CheckFinding] {
        let published = PluginContext.with(adapter) { adapter.documented?.publishedCounts }
        return counts(listed, published: published) + about(records, of: name)
            + inspections.flatMap(\.findings) + summary(of: records, inspections, name: name, adapter: adapter)
            + duplicates(pairs, records: records)
    }

    /// The findings by severity, then by kind, then as they came.
    package static func sorted(_ findings: [CheckFinding]) -> [CheckFinding] {
        let ranks = Dictionary(uniqueKeysWithValues: CheckFinding.Kind.allCases.enumerated().map { ($1, $0) })
        return CheckFinding.Severity.allCases.flatMap { severity in
            findings.enumerated()
                .filter { $0.element.severity == severity }
                .sorted { (ranks[$0.element.kind] ?? 0, $0.offset) < (ranks[$1.element.kind] ?? 0, $1.offset) }
                .map(\.element)
        }
    }

    /// More unlabeled masks than this share that come out empty are not an accident. Of one published set, 61 % are.
    static let mostEmptyLesions = 0.75

    /// What shows only when all images are known.
    static func summary(
        of records: [SampleRecord],
        _ inspections: [RecordInspection],
        name: String,
        adapter: any DatasetAdapter
    ) -> [CheckFinding] {
        var findings: [CheckFinding] = []
        let facts = inspections.compactMap(\.facts)
        let depths = Dictionary(grouping: facts, by: \.bitDepth).mapValues(\.count)
        if depths.count > 1 {
            let list = depths.sorted { $0.key < $1.key }.map { "\($0.value) of \($0.key) bits" }.joined(separator: ", ")
            findings.append(CheckFinding(.bitDepths, message: "there are images of several depths: \(list)"))
        }
        let unlabeled = zip(records, inspections)
            .filter { $0.pathology == nil && !$0.maskFiles.isEmpty && $1.facts?.hasMask == true }
        let empty = unlabeled.filter { $0.1.facts?.lesionShare == 0 }
        if !empty.isEmpty,
            empty.count == unlabeled.count || Double(empty.count) > mostEmptyLesions * Double(unlabeled.count)
        {
            let isSetting = (adapter as? any MaskRuleStating)?.isMaskRuleSetting == true
            findings.append(
                CheckFinding(
                    .emptyLesion,
                    severity: .error,
                    records: empty.map { RecordReference(dataset: name, id: $0.0.id) },
                    message: "\(empty.count) of \(unlabeled.count) unlabeled images come out without a lesion",
                    cure: isSetting
                        ? "read the masks by another rule, such as `maskRule: nonzero`; or label the images normal"
                        : "look at the masks; if these images show no lesion, label them normal"
                )
            )
        }
        let withLesion = zip(records, inspections).filter { ($1.facts?.lesionShare ?? 0) > 0 }
        findings += Self.tiny(withLesion, name: name) + Self.repeated(withLesion, name: name)
        let inverted = withLesion.filter { $0.1.facts?.coversCorners == true }
        if inverted.count > 1 || inverted.count == withLesion.count, 2 * inverted.count > withLesion.count {
            findings.append(
                CheckFinding(
                    .invertedMask,
                    records: inverted.map { RecordReference(dataset: name, id: $0.0.id) },
                    message:
                        "\(inverted.count) of \(withLesion.count) masks fill more than half of their image and all of "
                        + "its corners"
                )
            )
        }
        return findings
    }
}

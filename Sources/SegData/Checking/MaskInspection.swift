import Foundation
import SegCore
import SegFiles

/// The mask files of a sample, held against the lesion that was read from them.
///
/// What a rule makes of each stored value is measured and not believed, so that this holds for every adapter.
struct MaskInspection {
    private let sample: Sample
    private let rule: (any MaskRuleStating)?
    private let files: [(file: URL, stored: StoredMask)]
    private let decoder: any ImageDecoder

    /// Values that share fewer pixels of what is marked than this are the soft edges of resized masks.
    private static let softEdge = 0.1
    /// More different values are shades, not labels.
    private static let mostLabels = 16

    init(_ sample: Sample, of adapter: any DatasetAdapter, decoder: any ImageDecoder) {
        self.sample = sample
        rule = adapter as? any MaskRuleStating
        self.decoder = decoder
        files = sample.record.maskFiles.compactMap { file in
            Self.stored(file, decoder: decoder).map { (file, $0) }
        }
    }

    /// `nil` for masks that are not images of their own, such as outlines.
    private static func stored(_ file: URL, decoder: any ImageDecoder) -> StoredMask? {
        guard file.isFileURL, PictureNames.isRead(file.lastPathComponent) else { return nil }
        return try? decoder.storedMask(at: file.path)
    }

    func findings(_ reference: RecordReference) -> [CheckFinding] {
        let record = sample.record
        let onNormal = normalFindings(reference)
        if !onNormal.isEmpty { return onNormal }
        let pictures = pictureFindings(reference)
        if !pictures.isEmpty { return pictures }
        if sample.lesion.isEmpty {
            let marked = files.filter { !strangers(in: $0.stored.marks).isEmpty || $0.stored.values.isEmpty }
            if let first = marked.first, record.pathology != .normal {
                return [
                    CheckFinding(
                        .unseenMask,
                        records: [reference],
                        file: first.file.path,
                        message:
                            "the mask contains \(Self.content(first.stored)), none of which is lesion by \(Self.ruleName(rule))",
                        cure: Self.cure(first.stored, rule)
                    )
                ]
            }
            guard record.pathology == nil, let file = record.maskFiles.first else { return [] }
            return [
                CheckFinding(
                    .emptyLesion,
                    records: [reference],
                    file: file.path,
                    message: "the image has no label, and its mask shows no lesion"
                )
            ]
        }
        return files.compactMap { file, stored in
            let seen = seenPixels(of: stored)
            let unseen = unseenValues(of: stored, seen: seen)
            guard !unseen.isEmpty else { return joined(file, stored, seen: seen, reference) }
            return CheckFinding(
                .unseenValues,
                records: [reference],
                file: file.path,
                message: "the mask contains \(Self.content(stored)), of which \(StoredMask.list(unseen.map(\.name))) "
                    + "\(unseen.count == 1 ? "does" : "do") not count as lesion",
                cure: rule?.isMaskRuleSetting == true
                    ? "if they are lesion, set `maskRule: nonzero` or list them in `labels`; if not, in `otherLabels`"
                    : nil
            )
        }
    }

    /// Values that nothing declares to be background.
    private func strangers(in values: [StoredMask.Value]) -> [StoredMask.Value] {
        guard let rule, case .labels = rule.maskRule else { return values }
        return values.filter { $0.number.map { $0 != 0 && !rule.otherMaskValues.contains($0) } ?? true }
    }

    /// Masks of normal images that mark something, of data whose owner can say which is wrong, the label or the mask.
    private func normalFindings(_ reference: RecordReference) -> [CheckFinding] {
        guard let rule, rule.isMaskRuleSetting, sample.record.pathology == .normal else { return [] }
        return sample.record.emptyMaskFiles.compactMap { file in
            guard let mask = try? decoder.mask(at: file.path, rule: rule.maskRule), !mask.isEmpty else { return nil }
            return CheckFinding(
                .maskOnNormal,
                records: [reference],
                file: file.path,
                message: "the image is labeled normal and its mask has \(mask.area) px"
            )
        }
    }

    /// Pictures in place of masks.
    private func pictureFindings(_ reference: RecordReference) -> [CheckFinding] {
        files.compactMap { file, stored in
            guard stored.values.isEmpty || stored.marks.count > Self.mostLabels,
                let share = PictureMask.share(of: file, decoder: decoder)
            else { return nil }
            return CheckFinding(
                .pictureMask,
                records: [reference],
                file: file.path,
                message:
                    "the mask is a picture: \(Int((100 * share).rounded())) % of its pixels are neither dark nor bright"
            )
        }
    }

    /// Labels that the rule makes one lesion of, though it may be that one of them is none.
    private func joined(
        _ file: URL,
        _ stored: StoredMask,
        seen: [Int],
        _ reference: RecordReference
    ) -> CheckFinding? {
        guard let rule, rule.isMaskRuleSetting, stored.marks.count <= Self.mostLabels else { return nil }
        if case .labels = rule.maskRule { return nil }
        let whole = stored.marks.reduce(0) { $0 + $1.count }
        let parts = zip(stored.values, seen).filter {
            $1 > 0 && !$0.isNothing && $0.number != nil && Double($0.count) > Self.softEdge * Double(whole)
        }
        guard parts.count > 1 else { return nil }
        let numbers = StoredMask.list(parts.map(\.0.name))
        return CheckFinding(
            .joinedValues,
            records: [reference],
            file: file.path,
            message:
                "the mask contains \(Self.content(stored)), and \(Self.ruleName(rule)) joins \(numbers) into one lesion",
            cure:
                "if all are lesion, say so: `maskRule: labels` with `labels: [\(parts.map(\.0.name).joined(separator: ", "))]`; "
                + "if not, name those that are, and the others in `otherLabels`"
        )
    }

    /// Of each of a mask's values, the pixels that are in the lesion.
    private func seenPixels(of stored: StoredMask) -> [Int] {
        let lesion = sample.lesion
        var seen = [Int](repeating: 0, count: stored.values.count)
        guard !seen.isEmpty else { return seen }
        for y in 0..<stored.height {
            let row = (2 * y + 1) * lesion.height / (2 * stored.height) * lesion.width
            for x in 0..<stored.width
            where lesion.pixels[row + (2 * x + 1) * lesion.width / (2 * stored.width)] == 1 {
                seen[Int(stored.plane[y * stored.width + x])] += 1
            }
        }
        return seen
    }

    /// Marks without a single pixel in the lesion.
    private func unseenValues(of stored: StoredMask, seen: [Int]) -> [StoredMask.Value] {
        let marks = strangers(in: stored.marks)
        guard marks.count <= Self.mostLabels, !marks.isEmpty else { return [] }
        let seenNames = Set(zip(stored.values, seen).filter { $1 > 0 }.map(\.0.name))
        let unseen = marks.filter { !seenNames.contains($0.name) }
        if let rule, case .labels = rule.maskRule { return unseen }
        let (part, whole) = (unseen.reduce(0) { $0 + $1.count }, stored.marks.reduce(0) { $0 + $1.count })
        return Double(part) > Self.softEdge * Double(whole) ? unseen : []
    }

    /// An adapter's error, with what the mask holds where a labeled lesion's came out empty.
    static func explained(
        _ error: any Error,
        _ record: SampleRecord,
        of adapter: any DatasetAdapter,
        decoder: any ImageDecoder
    ) -> SegmentationError {
        guard var error = error as? SegmentationError else {
            return SegmentationError(
                record.imageFile.path,
                "the sample \(record.id) of \(adapter.name) cannot be read: \(error)",
                cure: "restore the file, or correct the adapter"
            )
        }
        guard error.trouble == .emptyMask,
            let stored = record.maskFiles.lazy.compactMap({ Self.stored($0, decoder: decoder) })
                .first(where: { !$0.marks.isEmpty || $0.values.isEmpty })
        else { return error }
        let rule = adapter as? any MaskRuleStating
        error.problem += ": it contains \(content(stored)), none of which is lesion by \(ruleName(rule))"
        error.cure = cure(stored, rule)
        return error
    }

    private static func content(_ stored: StoredMask) -> String {
        stored.values.isEmpty
            ? "more than \(StoredMask.mostValues) different values" : "\(stored.valueList) (\(stored.kind))"
    }

    private static func ruleName(_ rule: (any MaskRuleStating)?) -> String {
        rule.map { "the rule `\($0.maskRule.name)`" } ?? "its data set"
    }

    private static func cure(_ stored: StoredMask, _ rule: (any MaskRuleStating)?) -> String {
        guard let rule else {
            return
                "restore the published masks, or read them by another rule (`MaskRule.nonzero` takes every value but 0)"
        }
        let numbers = stored.marks.compactMap(\.number)
        let labels = "`maskRule: labels` with `labels: [\(numbers.prefix(4).map(String.init).joined(separator: ", "))]`"
        guard rule.isMaskRuleSetting else {
            return "correct the masks, or the settings that say which labels are lesion"
        }
        switch rule.maskRule {
        case .bright, .nonzero:
            return "set `maskRule: nonzero`, which takes every value but 0" + (numbers.isEmpty ? "" : ", or \(labels)")
        case .labels:
            return numbers.isEmpty
                ? "set `maskRule: bright` or `nonzero`" : "set \(labels), or list what is not lesion in `otherLabels`"
        }
    }
}

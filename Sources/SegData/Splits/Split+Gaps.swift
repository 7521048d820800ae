package import SegCore

extension Split {
    /// Which parts contain no benign or no malignant lesion although the whole has both, and what that means: a sentence a
    /// part.
    ///
    /// - Parameters:
    ///   - records: those that the split divides.
    ///   - name: of the division, where there are several.
    package func classGaps(_ records: [SampleRecord], named name: String?) -> [String] {
        let lesions: [Pathology] = [.benign, .malignant]
        guard lesions.allSatisfy({ label in records.contains { $0.pathology == label } }) else { return [] }
        return parts.compactMap { part, indices in
            let missing = lesions.filter { label in !indices.contains { records[$0].pathology == label } }
            guard !missing.isEmpty else { return nil }
            let consequence =
                switch part {
                case "training": "a classifier cannot learn from it what is malignant"
                case "validation": "it has no AUROC, and no threshold of malignancy can be chosen on it"
                default: "it has no AUROC"
                }
            return "The \(part) part\(name.map { " of \($0)" } ?? "") contains no "
                + "\(missing.map(\.rawValue).joined(separator: " and no ")) lesion: \(consequence)."
        }
    }
}

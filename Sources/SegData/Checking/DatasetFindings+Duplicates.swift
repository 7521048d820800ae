import Foundation
import SegCore

extension DatasetFindings {
    static func duplicates(_ pairs: [DuplicatePair], records: [SampleRecord]) -> [CheckFinding] {
        let known = Dictionary(records.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return pairs.map { pair in
            let likeness =
                pair.isExact
                ? "the same pixels" : "the same picture (correlation \(String(format: "%.3f", pair.correlation)))"
            let both = [pair.first, pair.second]
            guard pair.first.dataset == pair.second.dataset else {
                return CheckFinding(
                    .duplicateAcrossDatasets,
                    records: both,
                    message: "\(pair.first) and \(pair.second) are \(likeness)"
                )
            }
            let (first, second) = (known[pair.first.id], known[pair.second.id])
            let kind: CheckFinding.Kind =
                if let one = first?.pathology, let other = second?.pathology, one != other {
                    .duplicateAcrossClasses
                } else if let first, let second, first.group == second.group {
                    .duplicateWithinPatient
                } else {
                    .duplicate
                }
            return CheckFinding(
                kind,
                records: both,
                message: "\(pair.first.id) and \(pair.second.id) are \(likeness)"
            )
        }
    }
}

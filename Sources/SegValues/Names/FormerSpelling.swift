package import Foundation

/// Names that had British spelling up to version 0.1, for the files of then: study files, model files, checkpoints, results.
///
/// The one place that knows them. Readers take a former name where its present one is expected; references, and whatever is
/// written, have the present one only.
package enum FormerSpelling {
    /// Names that count only where a reader looks for them: a plugin may use the former one for itself.
    private static let words = [
        "normalisation": "normalization", "centre": "center", "binarised": "binarized", "unlabelled": "unlabeled",
    ]

    /// Names that stand for one thing only, wherever a file has them.
    private static let unmistakable = [
        "elliptic-normalised-circumference": "elliptic-normalized-circumference",
        "hausdorff95InMillimetres": "hausdorff95InMillimeters",
        "surfaceDistanceInMillimetres": "surfaceDistanceInMillimeters",
        "greyMean": "grayMean", "greyDeviation": "grayDeviation",
    ]

    private static let present = words.merging(unmistakable) { $1 }
    private static let former = Dictionary(uniqueKeysWithValues: present.map { ($1, $0) })

    /// The present spelling of a former name; any other name as it is.
    package static func present(_ name: String) -> String { present[name] ?? name }

    /// The former spelling of a present name and the present one of a former; `nil` for names that were never spelled otherwise.
    package static func other(_ name: String) -> String? { present[name] ?? former[name] }

    /// The present spelling of a text that is an unmistakable former name; any other text as it is.
    package static func presentIfUnmistakable(_ text: String) -> String { unmistakable[text] ?? text }

    /// The content of a file with the present spelling of every unmistakable name.
    package static func present(in file: Data) -> Data {
        var file = file
        for (former, present) in unmistakable {
            let name = Data(former.utf8)
            var rest = file.startIndex..<file.endIndex
            while let found = file.range(of: name, in: rest) {
                file.replaceSubrange(found, with: Data(present.utf8))
                rest = found.lowerBound + present.utf8.count..<file.endIndex
            }
        }
        return file
    }
}

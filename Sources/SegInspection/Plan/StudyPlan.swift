import Foundation
import SegPages

/// What a study of a data set should set, and why: the recipe of `Examples/Studies/paper.yaml`, changed where the data give
/// a reason.
package struct StudyPlan: Hashable, Sendable {
    /// A setting with its reason, for the study file.
    package struct Choice<Value: Hashable & Sendable>: Hashable, Sendable {
        package var value: Value
        package var reason: String

        init(_ value: Value, _ reason: String) {
            self.value = value
            self.reason = reason
        }
    }

    package var fingerprint: DatasetFingerprint
    package var imageSize: Choice<Int>
    package var depth: Choice<Int>
    package var width: Choice<Int>
    package var normalization: Choice<String>
    package var batchSize: Choice<Int>
    package var epochs: Choice<Int>
    package var scaling: Choice<Double>
    package var translation: Choice<Double>
    package var gain: Choice<Double>
    package var sampling: Choice<String>
    package var selection: Choice<String>
    package var classifies: Choice<Bool>
    /// The share of the data set that validates.
    package var validationFraction = 0.2

    /// The paper's settings.
    private enum Usual {
        static let imageSize = 128
        static let depth = 5
        static let width = 16
        static let batchSize = 8
        static let epochs = 60
        static let scaling = 0.42
        static let translation = 0.1
        static let gain = 0.1
    }

    package init(_ data: DatasetFingerprint) {
        fingerprint = data
        let training = Int((Double(data.images) * 0.8).rounded())
        imageSize = Self.imageSize(data)
        depth = Self.depth(imageSize.value)
        width =
            training >= 3000
            ? Choice(32, "\(training) training images can teach more channels than the usual \(Usual.width)")
            : Choice(Usual.width, "as usual: \(training) training images; twice as wide takes four times as long")
        normalization = Choice(
            "instance",
            "the same for every batch and center; batch normalization suffers where two tasks share an encoder"
        )
        batchSize = Self.batchSize(training)
        epochs = Self.epochs(training)
        scaling = Self.scaling(data)
        translation = Self.translation(data)
        gain = Self.gain(data)
        sampling = Self.sampling(data)
        let validated = Int((Double(data.lesions) * 0.2).rounded())
        selection =
            validated >= 150
            ? Choice("dice", "\(validated) validation lesions are enough to choose an epoch by")
            : Choice("last", "\(validated) validation lesions would choose an epoch by luck")
        let least = min(data.benign, data.malignant)
        classifies =
            least >= 20
            ? Choice(true, "\(data.benign) benign and \(data.malignant) malignant lesions")
            : Choice(false, "\(data.benign) benign and \(data.malignant) malignant lesions are too few to classify")
    }

    private static func imageSize(_ data: DatasetFingerprint) -> Choice<Int> {
        let native = data.longSide.median
        guard let diameter = data.lesionDiameter?.low else {
            return Choice(Usual.imageSize, "as usual; no image shows a lesion")
        }
        func across(_ size: Int) -> String { NumberFormat.fixed(diameter * Double(size), 0) }
        if native < 112 {
            let size = max(32, Int(native / 16) * 16)
            return Choice(
                size,
                "the images themselves are \(NumberFormat.fixed(native, 0)) px long: no more to be seen"
            )
        }
        // Whatever is smaller than this is a few cells of the middle stages.
        let wanted = 12.0
        guard diameter * Double(Usual.imageSize) < wanted else {
            return Choice(
                Usual.imageSize,
                "as usual: nine of ten lesions are \(across(Usual.imageSize)) px or more across at that size"
            )
        }
        let sizes = [160, 192, 224, 256, 320, 384, 448, 512].filter { Double($0) <= max(160, native) }
        let size = sizes.first { diameter * Double($0) >= wanted } ?? sizes[sizes.count - 1]
        return Choice(
            size,
            "small lesions: a tenth are less than \(across(Usual.imageSize)) px across at the usual \(Usual.imageSize) px, "
                + "and \(across(size)) px at this"
        )
    }

    private static func depth(_ size: Int) -> Choice<Int> {
        var depth = 4
        while depth < 7, size.isMultiple(of: 1 << depth), size >> depth >= 8 { depth += 1 }
        let deepest = size >> (depth - 1)
        return Choice(
            depth,
            (depth == Usual.depth ? "as usual: " : "")
                + "the deepest features are \(deepest)×\(deepest), and see all of the image"
        )
    }

    private static func batchSize(_ training: Int) -> Choice<Int> {
        let size = training >= 64 ? Usual.batchSize : training >= 24 ? 4 : 2
        let steps = (training + size - 1) / size
        return Choice(size, (size == Usual.batchSize ? "as usual: " : "few images: ") + "\(steps) steps in an epoch")
    }

    private static func epochs(_ training: Int) -> Choice<Int> {
        switch training {
        case ..<80: Choice(100, "few images: an epoch is short")
        case 1000..<4000: Choice(40, "\(training) images: an epoch is long, and more of them bring little")
        case 4000...: Choice(25, "\(training) images: an epoch is long, and more of them bring little")
        default: Choice(Usual.epochs, "as usual for \(training) images")
        }
    }

    private static func scaling(_ data: DatasetFingerprint) -> Choice<Double> {
        let usual = Usual.scaling
        guard let spread = data.lesionDiameter, data.lesions >= 20 else { return Choice(usual, "as usual") }
        let ratio = spread.high / spread.low
        let text =
            "lesions differ in size by a factor of \(NumberFormat.fixed(ratio, 1)) (tenth to ninetieth percentile)"
        guard ratio < 2 else { return Choice(usual, "as usual: \(text)") }
        return Choice(0.6, "\(text), and those of other centers will differ by more")
    }

    private static func translation(_ data: DatasetFingerprint) -> Choice<Double> {
        let share = data.lesions == 0 ? 0 : Double(data.cutLesions) / Double(data.lesions)
        let text = "\(NumberFormat.fixed(100 * share, 0)) % of the lesions touch the edge"
        return share > 0.25
            ? Choice(0.05, "\(text): larger shifts would cut off more of them")
            : Choice(Usual.translation, "as usual: \(text)")
    }

    private static func gain(_ data: DatasetFingerprint) -> Choice<Double> {
        let spread = data.brightness.high - data.brightness.low
        let text = "the images' mean gray levels span \(NumberFormat.fixed(spread, 2)) of the range"
        return spread < 0.1
            ? Choice(0.2, "\(text), all of one gain: other centers have others")
            : Choice(Usual.gain, "as usual: \(text)")
    }

    private static func sampling(_ data: DatasetFingerprint) -> Choice<String> {
        let known = data.benign + data.malignant
        if data.normal * 2 > data.images {
            return Choice("lesion", "\(data.normal) of \(data.images) images show no lesion")
        }
        if min(data.benign, data.malignant) >= 20, min(data.benign, data.malignant) * 5 < known {
            return Choice(
                "pathology",
                "\(data.benign) benign, \(data.malignant) malignant: the rarer would be seen too seldom"
            )
        }
        return Choice("shuffled", "as usual: each image once in an epoch")
    }
}

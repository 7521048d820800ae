package import SegCore
import SegData
import SegTensor

/// What a data set is like, as far as a plan of a study depends on it.
package struct DatasetFingerprint: Hashable, Sendable {
    /// Values of images, sorted, as five of their quantiles.
    package struct Spread: Hashable, Sendable {
        package var least: Double
        package var low: Double
        package var median: Double
        package var high: Double
        package var greatest: Double

        /// - Parameter values: at least one.
        init(_ values: [Double]) {
            let sorted = values.sorted()
            func quantile(_ share: Double) -> Double {
                let place = share * Double(sorted.count - 1)
                let below = Int(place)
                let above = min(below + 1, sorted.count - 1)
                return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
            }
            (least, low, median) = (quantile(0), quantile(0.1), quantile(0.5))
            (high, greatest) = (quantile(0.9), quantile(1))
        }
    }

    /// The name of the data set.
    package var name: String
    package var images: Int
    /// Patients, or cases where patients are not known.
    package var groups: Int
    package var benign: Int
    package var malignant: Int
    package var normal: Int
    package var unknown: Int
    /// Scanners that the data set names.
    package var devices: [String]
    /// Labels beside the lesion.
    package var labels: [String]
    /// The longer side of the images, px.
    package var longSide: Spread
    package var shortSide: Spread
    /// The side of a pixel of those images whose spacing is known, mm.
    package var spacing: Spread?
    /// Images whose spacing is known.
    package var spaced: Int
    /// Images with a lesion.
    package var lesions: Int
    /// The diameter of a disk of the lesion's area, as a share of the image's longer side.
    package var lesionDiameter: Spread?
    /// The lesion's share of the image's area.
    package var lesionShare: Spread?
    /// Lesions that touch the image's edge.
    package var cutLesions: Int
    /// The mean gray level of an image, 0...1.
    package var brightness: Spread
    /// The standard deviation of an image's gray levels.
    package var contrast: Spread
    /// What a check calls errors, a line for each kind: a study of the data set would stop at them.
    package var errors: [String]

    /// Reads every image of a data set, on the worker pool. The result does not depend on the number of threads.
    ///
    /// - Throws: ``SegmentationError`` naming the first file that cannot be read; whatever `progress` throws.
    package init(
        of adapter: any DatasetAdapter,
        name: String,
        records: [SampleRecord],
        decoder: any ImageDecoder,
        progress: (@Sendable (_ done: Int, _ total: Int) throws -> Void)? = nil
    ) throws {
        let read = try parallelMap(records.count, progress: progress) { index in
            let sample = try PluginContext.with(adapter) { try adapter.sample(for: records[index], decoder: decoder) }
            return (
                image: ImageFingerprint(sample),
                inspection: RecordInspection(sample, of: adapter, name: name, decoder: decoder)
            )
        }
        errors = Self.errors(
            DatasetFindings.all(
                name: name,
                adapter: adapter,
                listed: records,
                records: records,
                inspections: read.map(\.inspection),
                pairs: []
            )
        )
        let all = read.map(\.image)
        func count(_ pathology: Pathology?) -> Int { records.count { $0.pathology == pathology } }
        self.name = name
        images = records.count
        groups = Set(records.map(\.group)).count
        (benign, malignant) = (count(.benign), count(.malignant))
        (normal, unknown) = (count(.normal), count(nil))
        devices = Set(records.compactMap(\.clinical.device)).sorted()
        labels = try PluginContext.with(adapter) { try (adapter as? any LabelStating)?.labels.further ?? [] }
        longSide = Spread(all.map { Double(max($0.width, $0.height)) })
        shortSide = Spread(all.map { Double(min($0.width, $0.height)) })
        let spacings = records.compactMap { $0.pixelSpacing.map { ($0.x + $0.y) / 2 } }
        spacing = spacings.isEmpty ? nil : Spread(spacings)
        spaced = spacings.count
        let lesions = all.filter { $0.lesionArea > 0 }
        self.lesions = lesions.count
        lesionDiameter = lesions.isEmpty ? nil : Spread(lesions.map(\.relativeDiameter))
        lesionShare =
            lesions.isEmpty ? nil : Spread(lesions.map { Double($0.lesionArea) / Double($0.width * $0.height) })
        cutLesions = lesions.count(where: \.isCut)
        brightness = Spread(all.map(\.mean))
        contrast = Spread(all.map(\.deviation))
    }

    /// Counts apart: those of a publication are of the whole data set, and the plan may be of a part.
    private static func errors(_ findings: [CheckFinding]) -> [String] {
        CheckFinding.Kind.allCases.compactMap { kind in
            let found = findings.filter { $0.kind == kind && $0.severity == .error && kind != .counts }
            guard let first = found.first else { return nil }
            return "\(kind.rawValue), \(found.count): " + (first.records.count == 1 ? "\(first.records[0].id): " : "")
                + first.message
        }
    }
}

/// What is kept of an image.
private struct ImageFingerprint: Sendable {
    var width: Int
    var height: Int
    var lesionArea: Int
    var isCut: Bool
    var mean: Double
    var deviation: Double

    init(_ sample: Sample) {
        (width, height) = (sample.image.width, sample.image.height)
        let mask = sample.lesion.pixels
        lesionArea = mask.reduce(0) { $0 + Int($1) }
        var isCut = false
        for row in 0..<height where mask[row * width] != 0 || mask[row * width + width - 1] != 0 { isCut = true }
        for column in 0..<width where mask[column] != 0 || mask[(height - 1) * width + column] != 0 { isCut = true }
        self.isCut = isCut
        var sum = 0.0
        var squares = 0.0
        for value in sample.image.pixels {
            sum += Double(value)
            squares += Double(value) * Double(value)
        }
        let count = Double(sample.image.pixels.count)
        mean = sum / count
        deviation = max(0, squares / count - mean * mean).squareRoot()
    }

    var relativeDiameter: Double {
        2 * (Double(lesionArea) / Double.pi).squareRoot() / Double(max(width, height))
    }
}

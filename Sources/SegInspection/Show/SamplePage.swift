public import SegAugmentation
public import SegCore
import SegData
import SegImageIO
import SegResults
import SegStudy
import SegTensor

/// Samples of a data set as a page to look at: each image with the contours of its lesion and further labels, what the data
/// set says about it, and what augmentation does to it.
///
/// One file, no script, nothing from elsewhere. Equal arguments give equal bytes.
public struct SamplePage: Sendable {
    /// What to show.
    public struct Options: Hashable, Sendable {
        /// How many samples, taken in turn from each class.
        public var count = 24
        /// Decides which samples, and the draws of augmentation.
        public var seed: UInt64 = 1
        /// Ids of the samples to show instead of random ones; empty for none.
        public var ids: [String] = []
        /// How often each sample is augmented.
        public var draws = 5
        /// Side of the canvas on which augmentation works, px.
        public var imageSize = 128
        /// The augmentation to show.
        public var augmentation = AugmentationPipeline.Settings()

        public init() {}
    }

    /// A sample with everything that the page says about it.
    struct Shown {
        var sample: Sample
        var prepared: PreparedSample
        var doubts: [String]
    }

    let name: String
    let options: Options
    /// The labels beside the lesion, in the order of their colors.
    let labels: [String]
    let total: PathologyCounts
    let shown: [Shown]
    let pipeline: AugmentationPipeline

    /// Chooses the samples and decodes them, on the worker pool.
    ///
    /// - Parameters:
    ///   - adapter: the data set.
    ///   - name: its name on the page; the adapter's own if `nil`.
    ///   - records: the records to choose from.
    ///   - options: what to show.
    ///   - own: augmentation steps of one's own, applied as in training.
    ///   - decoder: reads the image files.
    ///
    /// - Throws: ``SegmentationError`` for an id that no record has, a file that cannot be read, or augmentation
    ///   settings out of range.
    public init(
        _ adapter: any DatasetAdapter,
        name: String? = nil,
        records: [SampleRecord],
        options: Options,
        own: [any AugmentationStep] = [],
        decoder: any ImageDecoder
    ) throws {
        self.name = name ?? adapter.name
        self.options = options
        labels = try PluginContext.with(adapter) { try (adapter as? any LabelStating)?.labels.further ?? [] }
        total = PathologyCounts(records.map(\.pathology))
        let chosen =
            options.ids.isEmpty
            ? Self.choose(options.count, of: records, seed: options.seed)
            : try Self.find(options.ids, in: records, dataset: self.name)
        let labels = labels
        shown = try parallelMap(chosen.count) { index in
            var sample = try PluginContext.with(adapter) { try adapter.sample(for: chosen[index], decoder: decoder) }
            let doubts = try PluginContext.with(adapter) {
                try adapter.documented?.doubts(about: chosen[index], decoder: decoder) ?? []
            }
            sample.labels = sample.labels(inOrder: labels)
            return Shown(
                sample: sample,
                prepared: PreparedSample(sample, size: options.imageSize),
                doubts: doubts
            )
        }
        pipeline = try AugmentationPipeline(
            settings: options.augmentation,
            references: ReferenceBank(shown.map(\.prepared)),
            own: own
        )
    }

    /// Classes in the order of the page.
    static let classes: [Pathology?] = [.benign, .malignant, .normal, nil]

    /// Samples by chance, each class in turn as long as it lasts, in the order of the records.
    static func choose(_ count: Int, of records: [SampleRecord], seed: UInt64) -> [SampleRecord] {
        var queues = classes.map { pathology in
            var indices = records.indices.filter { records[$0].pathology == pathology }
            var stream = RandomStream(seed: seed, "samples", StreamKey(pathology?.rawValue ?? "unlabeled"))
            stream.shuffle(&indices)
            return indices
        }
        var chosen: [Int] = []
        while chosen.count < count, queues.contains(where: { !$0.isEmpty }) {
            for index in queues.indices where !queues[index].isEmpty && chosen.count < count {
                chosen.append(queues[index].removeLast())
            }
        }
        return chosen.sorted().map { records[$0] }
    }

    private static func find(_ ids: [String], in records: [SampleRecord], dataset: String) throws -> [SampleRecord] {
        let known = Dictionary(records.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return try ids.map { id in
            guard let record = known[id] else {
                throw SegmentationError(
                    "--ids",
                    "\(dataset) has no image `\(id)`",
                    cure: "write the ids as the data set has them, such as `\(records.first?.id ?? "case001")`"
                )
            }
            return record
        }
    }
}

public import SegCore
public import SegData
import SegProgress
import SegTensor

/// Looks through a data set for what makes it unfit for a study.
///
/// Everything wrong is collected, not only the first: all images are decoded, their masks measured, and each image is
/// compared with each other, also with those of further data sets.
public struct DatasetCheck: Sendable {
    /// A data set with the name that its report uses.
    public struct Subject: Sendable {
        public var name: String
        public var adapter: any DatasetAdapter
        /// Ids of images that take no part.
        public var exclude: [String]

        public init(_ adapter: any DatasetAdapter, name: String? = nil, exclude: [String] = []) {
            self.adapter = adapter
            self.name = name ?? adapter.name
            self.exclude = exclude
        }

        /// The records that take part.
        ///
        /// - Throws: ``SegCore/SegmentationError`` naming an excluded id that the data set does not have.
        func taken(_ records: [SampleRecord]) throws -> [SampleRecord] {
            let known = Set(records.map(\.id))
            if let stranger = exclude.first(where: { !known.contains($0) }) {
                throw SegmentationError(
                    "exclude",
                    "\(name) has no image `\(stranger)`",
                    cure: "correct the id, or remove it"
                )
            }
            return records.filter { !exclude.contains($0.id) }
        }
    }

    /// Reports the progress of the check: what is being done, how many images of how many are.
    public typealias Progress = @Sendable (_ title: String, _ done: Int, _ total: Int) throws -> Void

    /// Finds duplicates.
    public var finder: DuplicateFinder
    /// Kinds of errors that do not make the data set unfit, because the user knows of them.
    public var allowed: Set<CheckFinding.Kind>
    /// Whether pictures for contact sheets are made.
    public var makesPictures: Bool

    public init(
        finder: DuplicateFinder = DuplicateFinder(),
        allowed: Set<CheckFinding.Kind> = [],
        makesPictures: Bool = true
    ) {
        self.finder = finder
        self.allowed = allowed
        self.makesPictures = makesPictures
    }

    /// Checks a data set, on the worker pool. The result does not depend on the number of threads.
    ///
    /// - Parameters:
    ///   - subject: the data set.
    ///   - others: data sets with which it should share no image.
    ///   - decoder: reads the image files.
    ///   - progress: called from any thread, one call at a time; an error that it throws cancels.
    ///
    /// - Throws: ``SegCore/SegmentationError`` if one of the other data sets cannot be read, or if an image to exclude
    ///   does not exist. What is wrong with the subject is a finding and not thrown.
    public func run(
        _ subject: Subject,
        against others: [Subject] = [],
        decoder: any ImageDecoder,
        progress: Progress? = nil
    ) throws -> CheckOutcome {
        var failures: [CheckFinding] = []
        var listed: [SampleRecord] = []
        do {
            listed = try InterruptHandler.endingAtOnce {
                try PluginContext.with(subject.adapter) { try subject.adapter.records() }
            }
            if listed.isEmpty { failures.append(CheckFinding(.listing, message: "the data set has no images")) }
        } catch {
            failures.append(CheckFinding(.listing, message: "\(error)"))
        }
        let records = listed.isEmpty ? [] : try subject.taken(listed)
        // Labels that cannot be determined are a finding of every image.
        let labels = PluginContext.with(subject.adapter) {
            (try? (subject.adapter as? any LabelStating)?.labels)?.further ?? []
        }
        let title = "Reading \(subject.name)"
        let images: [InspectedImage] = try parallelMap(
            records.count,
            progress: { done, total in try progress?(title, done, total) },
            { inspect(records[$0], of: subject, labels: labels, decoder: decoder) }
        )

        var thumbnails = images.compactMap(\.thumbnail)
        var compared: [CheckReport.Compared] = []
        for (other, name) in zip(others, Self.distinctNames(others, beside: subject.name)) {
            let more = try Thumbnail.all(
                of: other.adapter,
                name: name,
                records: try other.taken(PluginContext.with(other.adapter) { try other.adapter.records() }),
                decoder: decoder,
                progress: { done, total in try progress?("Reading \(name)", done, total) }
            )
            compared.append(CheckReport.Compared(name: name, images: more.count))
            thumbnails += more
        }
        let pairs = finder.search(thumbnails).pairs(of: records).filter { pair in
            // What the other data sets share among themselves is theirs.
            pair.first.dataset == subject.name || pair.second.dataset == subject.name
        }
        let findings = DatasetFindings.all(
            name: subject.name,
            adapter: subject.adapter,
            listed: listed,
            records: records,
            inspections: images.map(\.inspection),
            pairs: pairs
        )
        let report = CheckReport(
            subject: subject,
            records: records,
            images: images,
            findings: failures + findings,
            pairs: pairs,
            compared: compared,
            check: self
        )
        return CheckOutcome(
            report: report,
            pictures: makesPictures ? images.map(\.picture) : [],
            labels: labels
        )
    }

    private func inspect(
        _ record: SampleRecord,
        of subject: Subject,
        labels: [String],
        decoder: any ImageDecoder
    ) -> InspectedImage {
        let reference = RecordReference(dataset: subject.name, id: record.id)
        var thumbnail: Thumbnail?
        var picture = SamplePicture(record: reference, pathology: record.pathology)
        let inspection = RecordInspection(record, of: subject.adapter, name: subject.name, decoder: decoder) {
            thumbnail = Thumbnail(image: $0, record: reference)
            if makesPictures { picture.draw($0, lesion: $1?.lesion, labels: $1?.labels(inOrder: labels) ?? []) }
        }
        return InspectedImage(inspection: inspection, thumbnail: thumbnail, picture: picture)
    }

    /// Names that distinguish records: a second BUSI is `BUSI (2)`.
    private static func distinctNames(_ others: [Subject], beside name: String) -> [String] {
        var taken: Set<String> = [name]
        return others.map { other in
            var candidate = other.name
            var number = 2
            while !taken.insert(candidate).inserted {
                candidate = "\(other.name) (\(number))"
                number += 1
            }
            return candidate
        }
    }
}

/// What a check gives.
public struct CheckOutcome: Sendable {
    /// The findings.
    public var report: CheckReport
    /// A picture of each image, in the order of the records; empty if none were asked for.
    public var pictures: [SamplePicture]
    /// The labels whose contours the pictures have in addition to the lesion's, in the order of their colors.
    public var labels: [String]
}

/// What a check keeps of an image.
struct InspectedImage: Sendable {
    var inspection: RecordInspection
    /// `nil` if the image cannot be read.
    var thumbnail: Thumbnail?
    var picture: SamplePicture
}

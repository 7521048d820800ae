import Foundation
package import SegCore
import SegTensor

/// What a check finds in the files of one record.
package struct RecordInspection: Hashable, Sendable {
    package var findings: [CheckFinding] = []
    /// `nil` if the image cannot be read.
    package var facts: SampleFacts?

    /// Least diameter of a lesion as a share of the image's longer side: 2 ½ px of 128. The smallest lesions of BUSI
    /// and BrEaST have 5 and 6 %.
    static let leastLesionDiameter = 0.02
    /// Greatest share of an image that a lesion may fill. The largest lesion of BUSI fills 56 %.
    static let greatestLesionShare = 0.75
    /// Least range of intensities, the outermost hundredths left out. BrEaST has 0.37 and more, BUSI 0.48.
    static let leastContrast: Float = 0.2
    /// Least side of an image, px.
    static let leastSide = 64

    init(findings: [CheckFinding], facts: SampleFacts?) {
        self.findings = findings
        self.facts = facts
    }

    /// Decodes a record and looks at it.
    ///
    /// - Parameter decoded: called with the image, and with its masks unless the adapter could not give them.
    package init(
        _ record: SampleRecord,
        of adapter: any DatasetAdapter,
        name: String,
        decoder: any ImageDecoder,
        decoded: (GrayImage, Sample?) -> Void = { _, _ in }
    ) {
        let result = Result {
            try PluginContext.with(adapter) {
                let sample = try adapter.sample(for: record, decoder: decoder)
                try ((adapter as? any LabelStating)?.labels ?? .lesionOnly).require(sample, of: name)
                return sample
            }
        }
        switch result {
        case .success(let sample):
            self.init(sample, of: adapter, name: name, decoder: decoder)
            decoded(sample.image, sample)
        case .failure(let error):
            let reference = RecordReference(dataset: name, id: record.id)
            // A missing mask was found when the records were listed.
            let isMissing =
                record.maskFiles.isEmpty && record.pathology?.hasLesion == true && record.imageFile.isFileURL
            self.init(
                findings: isMissing ? [] : [Self.finding(error, record, reference, of: adapter, decoder: decoder)],
                facts: nil
            )
            // An image whose mask alone is bad still takes part in what follows.
            guard record.imageFile.isFileURL, let image = try? decoder.grayImage(at: record.imageFile.path) else {
                return
            }
            look(at: image, lesion: nil, record, reference)
            decoded(image, nil)
        }
    }

    /// Looks at a decoded sample, and holds its masks' files against it.
    package init(_ sample: Sample, of adapter: any DatasetAdapter, name: String, decoder: any ImageDecoder) {
        let record = sample.record
        let reference = RecordReference(dataset: name, id: record.id)
        self.init(findings: [], facts: nil)
        look(at: sample.image, lesion: sample.lesion, record, reference)
        findings += Self.lesionFindings(sample.lesion, facts, record, reference)
        findings += MaskInspection(sample, of: adapter, decoder: decoder).findings(reference)
        do {
            let doubts = try PluginContext.with(adapter) {
                try adapter.documented?.doubts(about: record, decoder: decoder) ?? []
            }
            findings += doubts.map {
                CheckFinding(.doubt, records: [reference], file: record.imageFile.path, message: $0)
            }
        } catch {
            findings.append(Self.finding(error, record, reference, of: adapter, decoder: decoder))
        }
    }

    private mutating func look(
        at image: GrayImage,
        lesion: Mask?,
        _ record: SampleRecord,
        _ reference: RecordReference
    ) {
        let facts = SampleFacts(image, lesion: lesion)
        self.facts = facts
        func add(_ kind: CheckFinding.Kind, _ message: String) {
            findings.append(CheckFinding(kind, records: [reference], file: record.imageFile.path, message: message))
        }
        let contrast = facts.brightest - facts.darkest
        if image.pixels.allSatisfy({ $0 == image.pixels[0] }) {
            add(.blank, "every pixel has the intensity \(image.pixels[0])")
        } else if contrast < Self.leastContrast {
            add(.lowContrast, "98 % of the pixels lie within \((contrast * 100).rounded()) % of the gray scale")
        }
        if min(image.width, image.height) < Self.leastSide {
            add(.smallImage, "the image has \(image.width)×\(image.height) px")
        }
    }

    private static func lesionFindings(
        _ lesion: Mask,
        _ facts: SampleFacts?,
        _ record: SampleRecord,
        _ reference: RecordReference
    ) -> [CheckFinding] {
        guard let facts, facts.lesionShare > 0 else { return [] }
        var findings: [CheckFinding] = []
        func add(_ kind: CheckFinding.Kind, _ message: String) {
            let file = record.maskFiles.first ?? record.imageFile
            findings.append(CheckFinding(kind, records: [reference], file: file.path, message: message))
        }
        if record.pathology == .normal {
            add(.maskOnNormal, "the image is labeled normal and its mask has \(lesion.area) px")
        }
        let outline = LesionOutline(lesion)
        if outline.isLine {
            add(
                .outlineMask,
                "the mask is a line of \(outline.area) px around \(outline.enclosed) px that are not lesion"
            )
        } else if outline.isDust {
            add(.scatteredMask, "the mask falls into \(outline.pieces) pieces")
        }
        if facts.lesionDiameter < leastLesionDiameter {
            add(.tinyLesion, "the lesion has \(lesion.area) px of \(lesion.width)×\(lesion.height)")
        }
        if facts.lesionShare > greatestLesionShare {
            add(.largeLesion, "the lesion fills \(Int((facts.lesionShare * 100).rounded())) % of the image")
        }
        if facts.isLesionAtBorder { add(.lesionAtBorder, "the lesion touches the image's border") }
        return findings
    }

    /// The adapter's own error as a finding: files are not decoded again by other rules than its own.
    private static func finding(
        _ error: any Error,
        _ record: SampleRecord,
        _ reference: RecordReference,
        of adapter: any DatasetAdapter,
        decoder: any ImageDecoder
    ) -> CheckFinding {
        let explained = MaskInspection.explained(error, record, of: adapter, decoder: decoder)
        let kind: CheckFinding.Kind =
            switch explained.trouble {
            case .emptyMask: .emptyMask
            case .maskSize: .maskSize
            case .maskValues: .maskValues
            case nil: .unreadable
            }
        return CheckFinding(
            kind,
            records: [reference],
            file: explained.subject,
            message: explained.problem,
            cure: explained.cure
        )
    }
}

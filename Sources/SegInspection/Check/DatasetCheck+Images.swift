import Foundation
import SegCore
import SegData

/// What a check keeps of an image.
struct InspectedImage: Sendable {
    var findings: [CheckFinding] = []
    /// `nil` if the image cannot be read.
    var facts: SampleFacts?
    var thumbnail: Thumbnail?
    var picture: SamplePicture
}

/// What the pixels tell.
extension DatasetCheck {
    /// Least diameter of a lesion as a share of the image's longer side: 2 ½ px of 128. The smallest lesions of BUSI
    /// and BrEaST have 5 and 6 %.
    static let leastLesionDiameter = 0.02
    /// Greatest share of an image that a lesion may fill. The largest lesion of BUSI fills 56 %.
    static let greatestLesionShare = 0.75
    /// Least range of intensities, the outermost hundredths left out. BrEaST has 0.37 and more, BUSI 0.48.
    static let leastContrast: Float = 0.2
    /// Least side of an image, px.
    static let leastSide = 64

    func inspect(_ record: SampleRecord, of subject: Subject, decoder: any ImageDecoder) -> InspectedImage {
        let reference = RecordReference(dataset: subject.name, id: record.id)
        var inspected: InspectedImage
        do {
            let sample = try subject.adapter.sample(for: record, decoder: decoder)
            inspected = decoded(sample.image, sample.lesion, record, reference)
            inspected.findings += maskFindings(sample.lesion, inspected.facts, record, reference)
        } catch {
            return diagnosed(error, record, reference, decoder: decoder)
        }
        do {
            inspected.findings += try subject.adapter.doubts(about: record, decoder: decoder).map {
                CheckFinding(.doubt, records: [reference], file: record.imageFile.path, message: $0)
            }
        } catch {
            inspected.findings.append(
                CheckFinding(.unreadable, records: [reference], file: record.imageFile.path, message: "\(error)")
            )
        }
        return inspected
    }

    private func decoded(
        _ image: GrayImage,
        _ lesion: Mask?,
        _ record: SampleRecord,
        _ reference: RecordReference
    ) -> InspectedImage {
        let facts = SampleFacts(image, lesion: lesion)
        var inspected = InspectedImage(
            facts: facts,
            thumbnail: Thumbnail(image: image, record: reference),
            picture: SamplePicture(record: reference, pathology: record.pathology)
        )
        func add(_ kind: CheckFinding.Kind, _ message: String) {
            inspected.findings.append(
                CheckFinding(kind, records: [reference], file: record.imageFile.path, message: message)
            )
        }
        if makesPictures { inspected.picture.draw(image, lesion: lesion) }
        let contrast = facts.brightest - facts.darkest
        if image.pixels.allSatisfy({ $0 == image.pixels[0] }) {
            add(.blank, "every pixel has the intensity \(image.pixels[0])")
        } else if contrast < Self.leastContrast {
            add(.lowContrast, "98 % of the pixels lie within \((contrast * 100).rounded()) % of the grey scale")
        }
        if min(image.width, image.height) < Self.leastSide {
            add(.smallImage, "the image has \(image.width)×\(image.height) px")
        }
        return inspected
    }

    private func maskFindings(
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
            add(.maskOnNormal, "the image is labelled normal and its mask has \(lesion.area) px")
        }
        if facts.lesionDiameter < Self.leastLesionDiameter {
            add(.tinyLesion, "the lesion has \(lesion.area) px of \(lesion.width)×\(lesion.height)")
        }
        if facts.lesionShare > Self.greatestLesionShare {
            add(.largeLesion, "the lesion fills \(Int((facts.lesionShare * 100).rounded())) % of the image")
        }
        if facts.isLesionAtBorder { add(.lesionAtBorder, "the lesion touches the image's border") }
        return findings
    }

    /// Why an adapter could not give a sample: each of its files is tried.
    private func diagnosed(
        _ error: any Error,
        _ record: SampleRecord,
        _ reference: RecordReference,
        decoder: any ImageDecoder
    ) -> InspectedImage {
        let unread = SamplePicture(record: reference, pathology: record.pathology)
        guard record.imageFile.isFileURL else {
            let finding = CheckFinding(.unreadable, records: [reference], message: "\(error)")
            return InspectedImage(findings: [finding], picture: unread)
        }
        var findings: [CheckFinding] = []
        var image: GrayImage?
        do {
            image = try decoder.grayImage(at: record.imageFile.path)
        } catch {
            findings.append(unreadable(record.imageFile.path, error, reference))
        }
        var isEmpty = !record.maskFiles.isEmpty
        for file in record.maskFiles {
            do {
                // Not every data set's masks are white; whether one is empty is the adapter's to say.
                let mask = try decoder.mask(at: file.path, rule: .nonzero)
                isEmpty = try isEmpty && decoder.mask(at: file.path).isEmpty
                guard let image, (mask.width, mask.height) != (image.width, image.height) else { continue }
                findings.append(
                    CheckFinding(
                        .maskSize,
                        records: [reference],
                        file: file.path,
                        message: "the mask is \(mask.width)×\(mask.height) px, the image "
                            + "\(image.width)×\(image.height) px"
                    )
                )
            } catch {
                isEmpty = false
                findings.append(unreadable(file.path, error, reference))
            }
        }
        if findings.isEmpty {
            // A missing mask was found when the records were listed.
            let isMissing = record.maskFiles.isEmpty && record.pathology?.hasLesion == true
            let kind: CheckFinding.Kind = isEmpty && record.pathology?.hasLesion == true ? .emptyMask : .unreadable
            if !isMissing { findings.append(finding(kind, error, record, reference)) }
        }
        guard let image else { return InspectedImage(findings: findings, picture: unread) }
        var inspected = decoded(image, nil, record, reference)
        inspected.findings = findings + inspected.findings
        return inspected
    }

    private func unreadable(_ path: String, _ error: any Error, _ reference: RecordReference) -> CheckFinding {
        let problem = (error as? SegmentationError)?.problem ?? "\(error)"
        return CheckFinding(.unreadable, records: [reference], file: path, message: problem)
    }

    private func finding(
        _ kind: CheckFinding.Kind,
        _ error: any Error,
        _ record: SampleRecord,
        _ reference: RecordReference
    ) -> CheckFinding {
        let error = error as? SegmentationError
        return CheckFinding(
            kind,
            records: [reference],
            file: error?.subject ?? record.imageFile.path,
            message: error?.problem ?? "the sample cannot be read"
        )
    }

    /// What shows only when all images are known.
    func summaryFindings(_ images: [InspectedImage]) -> [CheckFinding] {
        let depths = Dictionary(grouping: images.compactMap(\.facts), by: \.bitDepth).mapValues(\.count)
        guard depths.count > 1 else { return [] }
        let list = depths.sorted { $0.key < $1.key }.map { "\($0.value) of \($0.key) bits" }.joined(separator: ", ")
        return [CheckFinding(.bitDepths, message: "there are images of several depths: \(list)")]
    }
}

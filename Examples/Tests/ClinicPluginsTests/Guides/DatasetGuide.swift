import Foundation
import SegCore
import SegDatasets
import SegFiles

/// The code on data sets in Documentation/WritingAPlugin.md: masks, labels, counts, splits and descriptors.
struct DocumentedClinic: DocumentedDataset, LabelStating {
    let name = "Clinic"
    let folder: URL
    let testPatients: Set<String>

    func records() throws -> [SampleRecord] { [] }

    public func sample(for record: SampleRecord, decoder: any ImageDecoder) throws -> Sample {
        let image = try decoder.grayImage(at: record.imageFile.path)
        var lesion = Mask(emptyWithWidth: image.width, height: image.height)
        for file in record.maskFiles {
            let mask = try decoder.mask(at: file.path, rule: .labels([1]))
            lesion.formUnion(mask.resized(toWidth: image.width, height: image.height))
        }
        return try Sample(record: record, image: image, lesion: lesion)
    }

    public var labels: LabelSet { get throws { try LabelSet(["lesion", "other"], isExclusive: false) } }

    public var publishedCounts: PublishedCounts? {
        PublishedCounts(images: [.benign: 120, .malignant: 80], patients: 150)
    }

    public func publishedSplits() throws -> [PublishedSplit] {
        let test = try records().filter { testPatients.contains($0.group) }.map(\.id)
        return [PublishedSplit(name: "test-patients", parts: [test])]
    }

    static func descriptors() -> ClinicalDescriptors {
        var clinical = ClinicalDescriptors()
        clinical.category = BIRADSCategory(published: "BI-RADS 4a")
        clinical.shape = .irregular
        clinical.margins = [.angular, .spiculated]
        clinical.age = 57
        clinical.patient = "P17"
        return clinical
    }

    func imageFiles() throws -> [URL] {
        let search = DatasetFolder(dataset: name, folder: folder, expected: "the folders images and masks")
        let root = try search.locate { listing in
            Set(listing.folders.map(\.lastPathComponent)).isSuperset(of: ["images", "masks"])
        }
        let files = try FolderListing(root.appendingPathComponent("images")).files
        return files
    }
}

import Foundation
import SegCore
import SegData
import SegImageIO
import SegInspection
import TestSupport

/// A data set of files that a test writes, with records that the test may spoil.
struct SmallDataset: DocumentedDataset {
    let name: String
    let folder: URL
    var list: [SampleRecord] = []
    var publishedCounts: PublishedCounts?
    var doubtful: Set<String> = []
    var failure: SegmentationError?

    init(_ name: String, in folder: URL) throws {
        self.name = name
        self.folder = folder.appending(path: name)
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
    }

    func records() throws -> [SampleRecord] {
        if let failure { throw failure }
        return list
    }

    func doubts(about record: SampleRecord, decoder: any ImageDecoder) throws -> [String] {
        doubtful.contains(record.id) ? ["the color contradicts the label"] : []
    }

    /// Adds an image, and its mask unless it is `nil`.
    mutating func add(
        _ id: String,
        _ pathology: Pathology?,
        image: GrayImage,
        mask: Mask?,
        patient: String? = nil,
        spacing: PixelSpacing? = nil
    ) throws {
        let file = folder.appending(path: "\(id).png")
        try PNG.write(PNGImage(image), to: file)
        var masks: [URL] = []
        if let mask {
            masks = [folder.appending(path: "\(id)_mask.png")]
            try PNG.write(PNGImage(mask, bitDepth: 1), to: masks[0])
        }
        var record = SampleRecord(
            id: id,
            group: patient,
            imageFile: file,
            maskFiles: masks,
            pathology: pathology,
            pixelSpacing: spacing
        )
        record.clinical.patient = patient
        list.append(record)
    }

    /// Adds good images, numbered, of a class in turn.
    mutating func addGood(_ seeds: Range<UInt64>) throws {
        for seed in seeds {
            let pathology: Pathology = [.benign, .malignant, .normal][Int(seed % 3)]
            let start = 40 + Int(seed % 7)
            let mask = pathology.hasLesion ? square(start..<(start + 30)) : nil
            try add("good \(seed)", pathology, image: scan(seed), mask: mask, patient: "p\(seed)")
        }
    }
}

/// Soft blobs and speckle under a depth profile, different for every seed.
func scan(_ seed: UInt64, width: Int = 160, height: Int = 120) -> GrayImage {
    var stream = RandomStream(seed: seed, "scan")
    let blobs = (0..<30).map { _ in
        Blob(
            x: stream.uniform(),
            y: stream.uniform(),
            size: 0.03 + 0.1 * stream.uniform(),
            height: 0.7 * (stream.uniform() - 0.5)
        )
    }
    let pixels = Blob.pixels(blobs, width: width, height: height)
    return GrayImage(width: width, height: height, pixels: pixels, bitDepth: 8)
}

/// A mask of 160×120 px whose lesion is a square.
func square(_ range: Range<Int>, width: Int = 160, height: Int = 120) -> Mask {
    var mask = Mask(emptyWithWidth: width, height: height)
    for y in range where y < height {
        for x in range where x < width { mask[x, y] = true }
    }
    return mask
}

func check(
    _ dataset: SmallDataset,
    against others: [SmallDataset] = [],
    allowing allowed: Set<CheckFinding.Kind> = [],
    exclude: [String] = []
) throws -> CheckOutcome {
    try DatasetCheck(allowed: allowed).run(
        .init(dataset, exclude: exclude),
        against: others.map { .init($0) },
        decoder: StandardImageDecoder()
    )
}

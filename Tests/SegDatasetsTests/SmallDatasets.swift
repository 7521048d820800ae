import Foundation
import SegCore
import SegImageIO

func makeFolder(_ folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
}

func remove(_ file: URL) throws { try FileManager.default.removeItem(at: file) }

/// A 4×3 gray image.
func writeImage(_ file: URL) throws {
    try PNG.write(PNGImage(GrayImage(width: 4, height: 3, pixels: (0..<12).map { Float($0) / 12 })), to: file)
}

/// A mask of 4×3 px with one lesion pixel, 1-bit gray.
func writeMask(_ file: URL, lesionAt pixel: Int?) throws {
    var mask = Mask(emptyWithWidth: 4, height: 3)
    if let pixel { mask.pixels[pixel] = 1 }
    try PNG.write(PNGImage(mask, bitDepth: 1), to: file)
}

/// A mask of 4×3 px as BrEaST has it: white with the given alpha, else transparent black.
func writeRGBAMask(_ file: URL, alphas: [Int: UInt16]) throws {
    let samples: [UInt16] = (0..<12).reduce(into: []) { samples, pixel in
        samples += alphas[pixel].map { [255, 255, 255, $0] } ?? [0, 0, 0, 0]
    }
    try PNG.write(PNGImage(width: 4, height: 3, channels: .rgbAlpha, bitDepth: 8, samples: samples), to: file)
}

let breastColumns: [WorkbookBuilder.Cell] = [
    "CaseID", "Image_filename", "Mask_tumor_filename", "Mask_other_filename", "Pixel_size", "Age", "BIRADS",
    "Margin", "Classification", "Shape", "Echogenicity", "Posterior_features", "Diagnosis",
]

let breastRows: [[WorkbookBuilder.Cell]] = [
    breastColumns,
    [
        .number("1"), "case001.png", "case001_tumor.png", nil, .number("7.8125E-3"), .number("57"), .number("2"),
        "not circumscribed - angular&indistinct", "benign", "oval", "complex cystic/solid", "no", "Fibroadenoma",
    ],
    [
        .number("10"), "case010.png", "case010_tumor.png", "case010_other1.png&case010_other2.png", .number("0.01"),
        "not available", "4c", "circumscribed", "malignant", "irregular", "hypoechoic", "shadowing", "not applicable",
    ],
    [
        .number("45"), "case045.png", nil, nil, .number("0.02"), .number("32"), .number("1"), "not applicable",
        "normal",
        "not applicable", "not applicable", "not applicable", "not applicable",
    ],
]

let breastWorkbook = "BrEaST-Lesions-USG-clinical-data-Dec-15-2023.xlsx"
let breastImages = "BrEaST-Lesions_USG-images_and_masks"

/// A small BrEaST in its published layout: a benign, a malignant and a normal case.
func writeBrEaST(to folder: URL, rows: [[WorkbookBuilder.Cell]] = breastRows) throws {
    let images = folder.appendingPathComponent(breastImages)
    try makeFolder(images)
    let sheets = [("Cases", rows), ("Data Dictionary", [["type", "description"]])]
    try WorkbookBuilder(sheets: sheets, isDeflated: true).data().write(
        to: folder.appendingPathComponent(breastWorkbook)
    )
    for name in ["case001", "case010", "case045"] { try writeImage(images.appendingPathComponent("\(name).png")) }
    try writeRGBAMask(images.appendingPathComponent("case001_tumor.png"), alphas: [5: 255])
    try writeRGBAMask(images.appendingPathComponent("case010_tumor.png"), alphas: [5: 255, 6: 255, 7: 75])
    for index in 1...2 {
        try writeRGBAMask(images.appendingPathComponent("case010_other\(index).png"), alphas: [index: 255])
    }
}

/// A small BUSI in its published layout: `benign (2)` with three masks, `benign (10)`, one malignant and one normal.
func writeBUSI(to folder: URL) throws {
    let root = folder.appendingPathComponent("Dataset_BUSI_with_GT")
    for (id, masks) in [("benign (10)", 1), ("benign (2)", 3), ("malignant (1)", 1), ("normal (1)", 0)] {
        let pathology = String(id.prefix { $0.isLetter })
        let stem = root.appendingPathComponent(pathology).appendingPathComponent(id).path
        try makeFolder(URL(fileURLWithPath: stem).deletingLastPathComponent())
        try writeImage(URL(fileURLWithPath: stem + ".png"))
        for index in 0..<masks {
            let suffix = index == 0 ? "_mask.png" : "_mask_\(index).png"
            try writeMask(URL(fileURLWithPath: stem + suffix), lesionAt: 3 * index)
        }
        guard pathology == "normal" else { continue }
        let black = PNGImage(width: 4, height: 3, channels: .rgb, bitDepth: 8, samples: Array(repeating: 0, count: 36))
        try PNG.write(black, to: URL(fileURLWithPath: stem + "_mask.png"))
    }
}

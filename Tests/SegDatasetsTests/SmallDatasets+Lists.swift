import Foundation
import SegCore
import SegImageIO
import TestSupport

/// A color mask of 4×3 px; pixels that are not named are black.
func writeColorMask(_ file: URL, _ colors: [Int: [UInt16]]) throws {
    let samples: [UInt16] = (0..<12).reduce(into: []) { $0 += colors[$1] ?? [0, 0, 0] }
    try PNG.write(PNGImage(width: 4, height: 3, channels: .rgb, bitDepth: 8, samples: samples), to: file)
}

func writeText(_ text: String, _ file: URL) throws { try Data(text.utf8).write(to: file) }

/// Changes a text file by replacing.
func replace(_ old: String, by new: String, in file: URL) throws {
    let text = try String(contentsOf: file, encoding: .utf8)
    precondition(text.contains(old), "nothing to replace")
    try writeText(text.replacingOccurrences(of: old, with: new), file)
}

let uclmTable = """
    \u{FEFF}Image;Resolution;Label;Doppler;Marks;Combined
    ALWI_000.png;4x3;Benign;No;Yes;No
    ALWI_001.png;4x3;Normal;No;No;No
    ANFO_000.png;4x3;Malignant;Y;Yes;No
    HESN_002.png;8x6;Benign;Yes;No;No

    """

/// A small BUS-UCLM: three patients, one of whom has a mask of twice the image's size.
func writeBUSUCLM(to folder: URL) throws {
    for part in ["images", "masks"] { try makeFolder(folder.appendingPathComponent(part)) }
    try writeText(uclmTable, folder.appendingPathComponent("INFO.csv"))
    let (green, red): ([UInt16], [UInt16]) = ([0, 255, 0], [255, 0, 0])
    for (id, colors) in [("ALWI_000", [5: green]), ("ALWI_001", [:]), ("ANFO_000", [6: red, 7: red])] {
        try writeImage(folder.appendingPathComponent("images/\(id).png"))
        try writeColorMask(folder.appendingPathComponent("masks/\(id).png"), colors)
    }
    try writeImage(folder.appendingPathComponent("images/HESN_002.png"))
    // Four pixels of the mask are the one of the image at column 1, row 2.
    let large: [UInt16] = (0..<48).reduce(into: []) { $0 += [34, 35, 42, 43].contains($1) ? green : [0, 0, 0] }
    try PNG.write(
        PNGImage(width: 8, height: 6, channels: .rgb, bitDepth: 8, samples: large),
        to: folder.appendingPathComponent("masks/HESN_002.png")
    )
}

let busbraTable = """
    ID,Case,Histology,Pathology,BIRADS,Device,Width,Height,Side,BBOX
    bus_0001-l,1,fibroadenoma,benign,2,GE Logiq 7 @10-14MHz,4,3,left,"[2,1,2,1]"
    bus_0001-r,1,fibroadenoma,benign,3,GE Logiq 7 @10-14MHz,4,9,right,"[2,1,2,1]"
    bus_0002-s,2,invasive ductal carcinoma,malignant,5,U-Systems @10-14MHz,4,3,single,"[1,1,2,1]"

    """

/// A cross-validation table over the small BUS-BRA.
func busbraFolds(_ count: Int) -> String {
    let header = "ID,Pathology,kFold," + (1...count).map { "valid_\($0)" }.joined(separator: ",")
    let rows = [("bus_0001-l", "benign", 1), ("bus_0001-r", "benign", 1), ("bus_0002-s", "malignant", 3)]
    let lines = rows.map { id, pathology, fold in
        let rounds = (1...count).map { $0 == fold ? "NaN" : $0 == 2 && pathology == "benign" ? "0" : "1" }
        return "\(id),\(pathology),\(fold),\(rounds.joined(separator: ","))"
    }
    return ([header] + lines).joined(separator: "\n") + "\n"
}

/// A small BUS-BRA: two views of one patient, one of another. A height and a box are wrong.
func writeBUSBRA(to outer: URL) throws {
    let folder = outer.appendingPathComponent("BUSBRA")
    for part in ["Images", "Masks"] { try makeFolder(folder.appendingPathComponent(part)) }
    try writeText(busbraTable, folder.appendingPathComponent("bus_data.csv"))
    for count in [5, 10] { try writeText(busbraFolds(count), folder.appendingPathComponent("\(count)-fold-cv.csv")) }
    for id in ["0001-l", "0001-r", "0002-s"] {
        try writeImage(folder.appendingPathComponent("Images/bus_\(id).png"))
        var mask = Mask(emptyWithWidth: 4, height: 3)
        for (x, y) in [(1, 0), (2, 1), (3, 1)] { mask[x, y] = true }
        try PNG.write(PNGImage(mask), to: folder.appendingPathComponent("Masks/mask_\(id).png"))
    }
}

let udiatRows: [[WorkbookBuilder.Cell]] = [
    ["Image", "Type", "Diagnosis"],
    [.number("1"), "Benign", "CYST"],
    [.number("2"), "Malignant", "IDC"],
    [.number("12"), "Benign", "FA"],
]

/// A small UDIAT; masks have faint pixels.
func writeUDIAT(to outer: URL, rows: [[WorkbookBuilder.Cell]] = udiatRows, names: [String] = ["original", "GT"]) throws
{
    let folder = outer.appendingPathComponent("BUS")
    for part in names { try makeFolder(folder.appendingPathComponent(part)) }
    try WorkbookBuilder(sheets: [("Sheet1", rows)]).data().write(to: folder.appendingPathComponent("DatasetB.xlsx"))
    for id in ["000001", "000002", "000012"] {
        try writeImage(folder.appendingPathComponent("\(names[0])/\(id).png"))
        let samples: [UInt16] = (0..<12).map { $0 == 5 ? 255 : $0 == 6 ? 128 : $0 == 7 ? 127 : 0 }
        try PNG.write(
            PNGImage(width: 4, height: 3, channels: .gray, bitDepth: 8, samples: samples),
            to: folder.appendingPathComponent("\(names[1])/\(id).png")
        )
    }
}

/// A small STU-Hospital: masks of the image's size, of twice it, and of another ratio; images without masks beside.
func writeSTU(to outer: URL) throws {
    let folder = outer.appendingPathComponent("Hospital")
    for part in [folder, outer.appendingPathComponent("demo")] { try makeFolder(part) }
    try writeImage(outer.appendingPathComponent("demo/Test_Image_2.png"))
    for (number, width, height) in [(1, 4, 3), (2, 8, 6), (10, 8, 8)] {
        try writeImage(folder.appendingPathComponent("Test_Image_\(number).png"))
        // The left half is lesion, with a faint edge.
        let samples: [UInt16] = (0..<(width * height)).map { $0 % width < width / 2 ? 200 : 100 }
        try PNG.write(
            PNGImage(width: width, height: height, channels: .gray, bitDepth: 8, samples: samples),
            to: folder.appendingPathComponent("mask_\(number).png")
        )
    }
}

/// A zip archive of all files in a folder, written beside it.
func zipped(_ folder: URL) throws -> URL {
    let root = folder.path + "/"
    let paths = (FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []).sorted()
    var entries: [(name: String, bytes: [UInt8])] = []
    for path in paths {
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: root + path, isDirectory: &isFolder)
        if !isFolder.boolValue {
            entries.append((path, Array(try Data(contentsOf: URL(fileURLWithPath: root + path)))))
        }
    }
    let archive = folder.appendingPathExtension("zip")
    try zip(entries, isDeflated: true).write(to: archive)
    return archive
}

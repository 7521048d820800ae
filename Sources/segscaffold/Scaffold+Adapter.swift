extension Scaffold {
    var adapterSource: String {
        """
        public import Foundation
        public import SegCore

        /// The images of \(name): `images/NAME.png`, `masks/NAME.png` where there is a lesion, and `labels.csv` with a
        /// line `NAME,PATIENT,PATHOLOGY` for each image, the pathology being normal, benign or malignant.
        ///
        /// Change `records()` to what the folder really looks like; nothing else depends on it.
        public struct \(name): DatasetAdapter {
            public let name = "\(name)"
            private let folder: URL

            public init(folder: URL) { self.folder = folder }

            public func records() throws -> [SampleRecord] {
                let table = folder.appendingPathComponent("labels.csv")
                guard let text = try? String(contentsOf: table, encoding: .utf8) else {
                    throw SegmentationError(table.path, "the list of images cannot be read", cure: "check the folder")
                }
                return try text.split(whereSeparator: \\.isNewline).map { line in
                    let fields = line.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
                    guard fields.count == 3, let pathology = Pathology(rawValue: fields[2]) else {
                        throw SegmentationError(
                            table.path,
                            "'\\(line)' is not an image, its patient and normal, benign or malignant",
                            cure: "correct the line"
                        )
                    }
                    return SampleRecord(
                        id: fields[0],
                        group: fields[1],
                        imageFile: folder.appendingPathComponent("images/\\(fields[0]).png"),
                        maskFiles: pathology.hasLesion ? [folder.appendingPathComponent("masks/\\(fields[0]).png")] : [],
                        pathology: pathology
                    )
                }
            }
        }

        """
    }

    var adapterTest: String {
        """
        import Foundation
        import SegCore
        import SegImageIO
        import SegTestKit
        import Testing
        import \(target)

        @Suite("\(name)")
        struct \(name)Tests {
            @Test("keeps the rules of dataset adapters, on a small folder of the published layout")
            func conformance() throws {
                let folder = FileManager.default.temporaryDirectory.appendingPathComponent("\(name)-\\(UUID().uuidString)")
                defer { try? FileManager.default.removeItem(at: folder) }
                for part in ["images", "masks"] {
                    try FileManager.default.createDirectory(
                        at: folder.appendingPathComponent(part),
                        withIntermediateDirectories: true
                    )
                }
                let table = "one,patient 1,benign\\ntwo,patient 1,malignant\\nthree,patient 2,normal\\n"
                try Data(table.utf8).write(to: folder.appendingPathComponent("labels.csv"))
                var lesion = Mask(emptyWithWidth: 8, height: 6)
                for (x, y) in [(3, 2), (4, 2), (3, 3), (4, 3)] { lesion[x, y] = true }
                let image = GrayImage(width: 8, height: 6, repeating: 0.5)
                for id in ["one", "two", "three"] {
                    try PNG.write(PNGImage(image), to: folder.appendingPathComponent("images/\\(id).png"))
                    guard id != "three" else { continue }
                    try PNG.write(PNGImage(lesion), to: folder.appendingPathComponent("masks/\\(id).png"))
                }

                let adapter = \(name)(folder: folder)
                #expect(checkDatasetAdapter(adapter) == [])
                #expect(try adapter.records().map(\\.pathology) == [.benign, .malignant, .normal])
            }

            @Test("says what is wrong with a folder that is not there")
            func missingFolder() {
                #expect(throws: SegmentationError.self) {
                    try \(name)(folder: URL(fileURLWithPath: "/no/such/folder")).records()
                }
            }
        }

        """
    }
}

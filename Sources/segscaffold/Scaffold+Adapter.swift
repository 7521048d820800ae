extension Scaffold {
    var adapter: Template {
        Template(
            source: adapterSource,
            test: adapterTest,
            registration: """
                try registry.add(dataset: "\(configurationName)", summary: "Our images") { \(name)(folder: $0) }
                """
        )
    }

    private var adapterSource: String {
        """
        public import Foundation
        public import SegCore
        import SegTables

        /// The images of \(name): `images/ID.png`, `masks/ID.png` where there is a lesion, and the table `samples.csv`, whose
        /// columns `id`, `group` (the patient) and `pathology` (normal, benign or malignant) tell what each image is.
        ///
        /// Change `records()` to what the folder really looks like; nothing else depends on it.
        public struct \(name): DatasetAdapter {
            public let name = "\(name)"
            private let folder: URL

            public init(folder: URL) { self.folder = folder }

            public func records() throws -> [SampleRecord] {
                let table = try CSVReader(file: folder.appendingPathComponent("samples.csv")).table()
                return try table.rows.map { row in
                    let id = try table.value("id", of: row)
                    guard let pathology = Pathology(rawValue: try table.value("pathology", of: row)) else {
                        throw table.unexpected("pathology", of: row, expected: "normal, benign or malignant")
                    }
                    return SampleRecord(
                        id: id,
                        group: try table.value("group", of: row),
                        imageFile: folder.appendingPathComponent("images/\\(id).png"),
                        maskFiles: pathology.hasLesion ? [folder.appendingPathComponent("masks/\\(id).png")] : [],
                        pathology: pathology
                    )
                }
            }
        }

        """
    }

    private var adapterTest: String {
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
                let table = "id,group,pathology\\none,p1,benign\\ntwo,p1,malignant\\nthree,p2,normal\\n"
                try Data(table.utf8).write(to: folder.appendingPathComponent("samples.csv"))
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

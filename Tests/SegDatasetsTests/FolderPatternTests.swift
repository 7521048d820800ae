import Foundation
import SegCore
import SegDatasets
import SegImageIO
import SegSettings
import SegTestKit
import TestSupport
import Testing

@Suite("A folder pattern")
struct FolderPatternTests {
    private let decoder = StandardImageDecoder()

    /// Writes images and masks of these paths; masks have the lesion pixel 5.
    private func write(_ folder: URL, images: [String], masks: [String] = []) throws {
        for path in images + masks {
            let file = folder.appendingPathComponent(path)
            try makeFolder(file.deletingLastPathComponent())
            if masks.contains(path) { try writeMask(file, lesionAt: 5) } else { try writeImage(file) }
        }
    }

    private func settings(_ edit: (inout FolderPattern.Settings) -> Void = { _ in }) -> FolderPattern.Settings {
        var settings = FolderPattern.Settings()
        edit(&settings)
        return settings
    }

    /// What an adapter on a folder with these files says; empty where it says nothing.
    private func problem(
        images: [String],
        masks: [String],
        _ edit: (inout FolderPattern.Settings) -> Void = { _ in }
    ) throws -> String {
        try withTemporaryFolder { folder in
            try write(folder, images: images, masks: masks)
            return message { _ = try FolderPattern(folder: folder, settings: settings(edit)).records() }
        }
    }

    @Test("without settings: images and masks by id, several masks of an image joined, from a folder or its archive")
    func standard() throws {
        try withTemporaryFolder { folder in
            let data = folder.appendingPathComponent("clinic")
            let masks = ["masks/a_mask1.png", "masks/a_mask2.png", "masks/b.png", "masks/a10.png"]
            try write(data, images: ["images/a.png", "images/b.png", "images/a10.png"], masks: masks)
            try writeMask(data.appendingPathComponent("masks/a_mask2.png"), lesionAt: 7)
            for url in [data, try zipped(data)] {
                let adapter = try FolderPattern(folder: url)
                let records = try adapter.records()
                #expect(adapter.name == "clinic")
                // In the order of the files' names, in which `a10.png` precedes `a.png`.
                #expect(records.map(\.id) == ["a10", "a", "b"] && records.map(\.group) == records.map(\.id))
                #expect(records.allSatisfy { $0.pathology == nil && $0.pixelSpacing == nil })
                let lesion = try adapter.sample(for: records[1], decoder: decoder).lesion
                #expect(lesion.pixels.indices.filter { lesion.pixels[$0] == 1 } == [5, 7])
                #expect(checkDatasetAdapter(adapter) == [])
            }
        }
    }

    @Test("placeholders in folders and names give patient and pathology; normal images list no mask")
    func placeholders() throws {
        try withTemporaryFolder { folder in
            let images = ["Benign/p1/1.png", "malignant/p2/1.png", "normal/p2/2.png", "normal/p3/1.png"]
            try write(folder, images: images, masks: images.dropLast().map { "truth/" + $0 })
            let adapter = try FolderPattern(
                folder: folder,
                settings: settings {
                    $0.image = "{pathology}/{patient}/{id}.png"
                    $0.masks = ["truth/{pathology}/{patient}/{id}.png"]
                    $0.id = "{patient}-{id}"
                    $0.pixelSpacing = 0.08
                }
            )
            let records = try adapter.records()
            #expect(records.map(\.id) == ["p1-1", "p2-1", "p2-2", "p3-1"])
            #expect(records.map(\.group) == ["p1", "p2", "p2", "p3"])
            #expect(records.map(\.pathology) == [.benign, .malignant, .normal, .normal])
            #expect(records.map(\.maskFiles.count) == [1, 1, 0, 0])
            #expect(records[0].pixelSpacing == PixelSpacing(x: 0.08, y: 0.08) && records[0].clinical.patient == "p1")
            // The mask of a normal image is not empty.
            let doubts = try records.map { try adapter.doubts(about: $0, decoder: decoder).count }
            #expect(doubts == [0, 0, 1, 0])
            #expect(checkDatasetAdapter(adapter) == [])
        }
    }

    @Test("masks beside their images, and images in folders of any depth")
    func beside() throws {
        try withTemporaryFolder { folder in
            try write(
                folder,
                images: ["x/y/p1_a_b.png", "p2_c.png"],
                masks: ["x/y/p1_a_b_seg.png", "x/y/p1_a_b_seg2.png", "p2_c_seg.png"]
            )
            let records = try FolderPattern(
                folder: folder,
                settings: settings {
                    $0.image = "**/{patient}_{id}.png"
                    $0.masks = ["**/{patient}_{id}_seg*.png"]
                    $0.pathology = "malignant"
                }
            ).records()
            #expect(records.map(\.id) == ["c", "a_b"] && records.map(\.group) == ["p2", "p1"])
            #expect(records.map(\.maskFiles.count) == [1, 2] && records.allSatisfy { $0.pathology == .malignant })
        }
    }

    @Test("images without masks are an error, or normal if the settings say so, but never where a name says otherwise")
    func missing() throws {
        let (images, masks) = (["images/a.png", "images/b.png"], ["masks/a.png"])
        #expect(try problem(images: images, masks: masks).contains("images/b.png: the image has no mask"))
        #expect(
            try problem(images: images, masks: masks) { $0.pathology = "benign" }.contains("benign but has no mask")
        )
        #expect(try problem(images: images, masks: masks) { $0.masksOptional = true } == "")
        let named = try problem(images: ["benign/a.png", "normal/b.png"], masks: []) {
            $0.image = "{pathology}/{id}.png"
            $0.masksOptional = true
        }
        #expect(named.contains("benign/a.png: the image is benign but has no mask"))
        try withTemporaryFolder { folder in
            try write(folder, images: images, masks: masks)
            let adapter = try FolderPattern(folder: folder, settings: settings { $0.masksOptional = true })
            #expect(try adapter.records().map(\.pathology) == [nil, .normal])
            #expect(checkDatasetAdapter(adapter) == [])
        }
    }

    @Test("masks without an image or with several, strangers and repeated ids are named")
    func errors() throws {
        let images = ["images/1.png", "images/10.png"]
        let masks = ["masks/1_mask.png", "masks/10_mask.png"]
        #expect(try problem(images: images, masks: masks) == "")
        #expect(
            try problem(images: images, masks: masks + ["masks/2_mask.png"])
                .contains("masks/2_mask.png: the mask belongs to no image")
        )
        let greedy = try problem(images: images, masks: masks) { $0.masks = ["masks/{id}*.png"] }
        #expect(greedy.contains("masks/10_mask.png: the mask fits both images/1.png and images/10.png"))
        let stranger = try problem(images: images + ["images/1.tif"], masks: masks)
        #expect(stranger.contains("images/1.tif: the picture fits neither"))
        #expect(try problem(images: images + ["images/1.tif"], masks: masks) { $0.ignore = ["images/*.tif"] } == "")
        #expect(try problem(images: images + ["overlays/1.png"], masks: masks) == "")
        for hidden in ["images/.03.png", "images/more/9.png", "masks/more/9.png", "images/9.webp", "images/9.nii.gz"] {
            // The first fits the pattern of images.
            let text = try problem(images: images + [hidden], masks: masks)
            #expect(
                text.contains(
                    hidden + (hidden.contains("/.") ? ": the image has no mask" : ": the picture fits neither")
                )
            )
            let ignored = try problem(images: images + [hidden], masks: masks) {
                $0.ignore = ["images/.*", "*/more/*", "images/*.webp", "images/*.gz"]
            }
            #expect(ignored == "", "\(ignored)")
        }
        let repeated = try problem(images: ["a/1.png", "b/1.png"], masks: ["a/1_mask.png", "b/1_mask.png"]) {
            $0.image = "{patient}/{id}.png"
            $0.masks = ["{patient}/{id}_mask.png"]
        }
        #expect(repeated.contains("b/1.png: the image has the id 1, as has a/1.png"))
        #expect(try problem(images: ["other/1.png"], masks: []).contains("no image fits the pattern"))
        #expect(
            try problem(images: ["cyst/1.png"], masks: ["masks/1.png"]) { $0.image = "{pathology}/{id}.png" }
                .contains("{pathology} stands for 'cyst'")
        )
        let missing = URL(fileURLWithPath: "/no/such/folder")
        #expect(message { _ = try FolderPattern(folder: missing).records() }.contains("the folder does not exist"))
    }

    @Test(
        "patterns and settings that cannot be meant are errors that name the setting",
        arguments: [
            ("image", "images/a.png", "settings.image: `images/a.png` lacks {id}"),
            ("image", "images/{name}.png", "settings.image: `images/{name}.png` has an unknown placeholder"),
            ("image", "images/{id.png", "settings.image: `images/{id.png` has an unknown placeholder"),
            ("image", "../{id}.png", "settings.image: `../{id}.png` is not a path below the folder"),
            ("image", "{id}/**", "settings.image: `{id}/**` names no file"),
            ("masks", "masks/*.png", "settings.masks: `masks/*.png` does not say which image"),
            ("masks", "{patient}/{id}.png", "settings.masks: `{patient}/{id}.png` does not say which image"),
            ("id", "{patient}", "settings.id: `{patient}` does not distinguish images"),
            ("id", "", "settings.id: `` does not distinguish images"),
            ("maskRule", "dark", "settings.maskRule: is `dark`"),
            ("maskRule", "labels", "settings.labels: is empty"),
            ("pathology", "cyst", "settings.pathology: is `cyst`"),
        ]
    )
    func badSettings(key: String, value: String, problem: String) {
        let text = message {
            _ = try FolderPattern.Settings(.table([key: .text(value)]), subject: "settings")
        }
        #expect(text.contains(problem), "\(text)")
    }

    @Test("one pattern or several, as in a configuration")
    func lists() throws {
        let one = try FolderPattern.Settings(.table(["masks": .text("{id}_m.png")]), subject: "settings")
        let list = ConfigurationValue.list([.text("{id}_m.png"), .text("{id}_n.png")])
        let several = try FolderPattern.Settings(.table(["masks": list]), subject: "settings")
        #expect(one.masks == ["{id}_m.png"] && several.masks == ["{id}_m.png", "{id}_n.png"])
        #expect(
            message { _ = try FolderPattern.Settings(.table(["pixelSpacing": .number(-1)]), subject: "settings") }
                .contains("settings.pixelSpacing: is -1")
        )
    }

    @Test("masks by rule, and stretched where the settings say so")
    func rules() throws {
        try withTemporaryFolder { folder in
            try write(folder, images: ["images/a.png"], masks: ["masks/a.png"])
            let samples: [UInt16] = (0..<12).map { [5: 1, 6: 2, 7: 255][$0] ?? 0 }
            let mask = folder.appendingPathComponent("masks/a.png")
            try PNG.write(PNGImage(width: 4, height: 3, channels: .gray, bitDepth: 8, samples: samples), to: mask)
            func lesion(_ edit: (inout FolderPattern.Settings) -> Void) throws -> [Int] {
                let adapter = try FolderPattern(folder: folder, settings: settings(edit))
                let sample = try adapter.sample(for: adapter.records()[0], decoder: decoder)
                return sample.lesion.pixels.indices.filter { sample.lesion.pixels[$0] == 1 }
            }
            #expect(try lesion { _ in } == [7])
            #expect(try lesion { $0.maskRule = "nonzero" } == [5, 6, 7])
            #expect(
                try lesion {
                    $0.maskRule = "labels"
                    $0.labels = [1, 2]
                } == [5, 6]
            )
            let versions = try [
                FolderPattern.Settings(), settings { $0.maskRule = "nonzero" }, settings { $0.resizeMasks = true },
            ]
            .map { try FolderPattern(folder: folder, settings: $0).decodingVersion }
            #expect(Set(versions).count == 3)
            try PNG.write(PNGImage(Mask(width: 2, height: 1, pixels: [0, 1])), to: mask)
            #expect(message { _ = try lesion { _ in } }.contains("the mask is 2×1 px but its image is 4×3 px"))
            #expect(try lesion { $0.resizeMasks = true } == [2, 3, 6, 7, 10, 11])
        }
    }
}

import Foundation
import SegCore
import SegDatasets
import SegImageIO
import TestSupport
import Testing

/// Outlines against the masks of scikit-image and pycocotools, which `Generators/coco_masks.py` wrote.
@Suite("COCO masks")
struct COCOMaskTests {
    private struct Fixture: Decodable {
        struct Shape: Decodable {
            var name: String
            var polygons: [[Double]]
            var evenOdd: [Int]
            var coco: [Int]
        }

        struct Runs: Decodable {
            var name: String
            var counts: [Int]
            var packed: String
            var area: Int
        }

        var width: Int
        var height: Int
        var polygons: [Shape]
        var runLengths: [Runs]
        var large: String
    }

    private func fixture() throws -> Fixture {
        let file = try #require(Bundle.module.url(forResource: "Fixtures/coco_masks", withExtension: "json"))
        return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
    }

    /// The mask that the adapter makes of a segmentation, in JSON.
    private func mask(_ segmentation: String, width: Int, height: Int) throws -> Mask {
        try withTemporaryFolder { folder in
            let image = GrayImage(width: width, height: height, repeating: 0)
            try PNG.write(PNGImage(image), to: folder.appendingPathComponent("a.png"))
            let text = """
                {"images": [{"id": 1, "file_name": "a.png"}], "categories": [{"id": 1, "name": "x"}],
                 "annotations": [{"image_id": 1, "category_id": 1, "segmentation": \(segmentation)}]}
                """
            try writeText(text, folder.appendingPathComponent("a.json"))
            let adapter = try COCO(folder: folder)
            return try adapter.sample(for: adapter.records()[0], decoder: StandardImageDecoder()).lesion
        }
    }

    /// Runs column by column, background first, as the fixture has them.
    private func mask(runs: [Int], width: Int, height: Int) -> Mask {
        let flat = runs.enumerated().flatMap { Array(repeating: UInt8($0.offset % 2), count: $0.element) }
        var mask = Mask(emptyWithWidth: width, height: height)
        for place in flat.indices where flat[place] == 1 { mask[place / height, place % height] = true }
        return mask
    }

    @Test("polygons are filled where scikit-image says that pixels' centers are inside")
    func polygons() throws {
        let fixture = try fixture()
        #expect(fixture.polygons.count == 8)
        for shape in fixture.polygons {
            let expected = mask(runs: shape.evenOdd, width: fixture.width, height: fixture.height)
            guard !expected.isEmpty else {
                // Outside of its image: a displaced outline, no lesion.
                #expect(throws: SegmentationError.self) {
                    try mask("\(shape.polygons)", width: fixture.width, height: fixture.height)
                }
                continue
            }
            let found = try mask("\(shape.polygons)", width: fixture.width, height: fixture.height)
            #expect(found == expected, "\(shape.name)")
        }
    }

    @Test("pycocotools differs only in pixels whose center is within a fifth of a pixel of the outline")
    func coco() throws {
        let fixture = try fixture()
        for shape in fixture.polygons {
            let expected = mask(runs: shape.coco, width: fixture.width, height: fixture.height)
            guard !expected.isEmpty else { continue }
            let found = try mask("\(shape.polygons)", width: fixture.width, height: fixture.height)
            for index in found.pixels.indices where found.pixels[index] != expected.pixels[index] {
                let (x, y) = (Double(index % found.width) + 0.5, Double(index / found.width) + 0.5)
                let distance = shape.polygons.map { Self.distance(fromX: x, y: y, to: $0) }.min() ?? .infinity
                #expect(distance < 0.2, "\(shape.name) at \(x), \(y)")
            }
        }
    }

    @Test("corners at whole numbers are corners of pixels; a part that is enclosed twice is a hole")
    func corners() throws {
        let square = try mask("[[1, 1, 4, 1, 4, 3, 1, 3]]", width: 6, height: 4)
        #expect(square.area == 6 && square[1, 1] && square[3, 2] && !square[4, 1] && !square[0, 1])
        // The same square twice in one outline encloses nothing an odd number of times.
        let twice = try mask(
            "[[1, 1, 4, 1, 4, 3, 1, 3, 1, 1, 4, 1, 4, 3, 1, 3], [0, 0, 1, 0, 1, 1, 0, 1]]",
            width: 6,
            height: 4
        )
        #expect(twice.area == 1 && twice[0, 0])
    }

    @Test("run lengths, packed or not, are those of pycocotools")
    func runLengths() throws {
        let fixture = try fixture()
        #expect(fixture.runLengths.count == 5)
        for runs in fixture.runLengths where runs.area > 0 {
            let expected = mask(runs: runs.counts, width: fixture.width, height: fixture.height)
            #expect(expected.area == runs.area)
            let size = "\"size\": [\(fixture.height), \(fixture.width)]"
            let packed = String(decoding: try JSONEncoder().encode(runs.packed), as: UTF8.self)
            for counts in ["\(runs.counts)", packed] {
                let found = try mask("{\(size), \"counts\": \(counts)}", width: fixture.width, height: fixture.height)
                #expect(found == expected, "\(runs.name)")
            }
        }
        let large = String(decoding: try JSONEncoder().encode(fixture.large), as: UTF8.self)
        let found = try mask("{\"size\": [700, 900], \"counts\": \(large)}", width: 900, height: 700)
        #expect(found.area == 50 * 400 && found[500, 650] && !found[499, 650] && !found[500, 649])
    }

    private static func distance(fromX x: Double, y: Double, to polygon: [Double]) -> Double {
        let count = polygon.count / 2
        let distances = (0..<count).map { (index: Int) -> Double in
            let next = (index + 1) % count
            let (x0, y0) = (polygon[2 * index], polygon[2 * index + 1])
            let (dx, dy) = (polygon[2 * next] - x0, polygon[2 * next + 1] - y0)
            let along: Double = (x - x0) * dx + (y - y0) * dy
            let t: Double = min(max(along / (dx * dx + dy * dy), 0), 1)
            let (ex, ey) = (x - x0 - t * dx, y - y0 - t * dy)
            return (ex * ex + ey * ey).squareRoot()
        }
        return distances.min() ?? .infinity
    }
}

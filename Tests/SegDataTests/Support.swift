import Foundation
import SegCore
import SegData

/// A disc with a soft edge, so that resampling it is well defined.
func disc(width: Int, height: Int, centerX: Double, centerY: Double, radius: Double) -> Mask {
    var mask = Mask(emptyWithWidth: width, height: height)
    for y in 0..<height {
        for x in 0..<width {
            mask[x, y] = hypot(Double(x) + 0.5 - centerX, Double(y) + 0.5 - centerY) <= radius
        }
    }
    return mask
}

/// Area, centroid (pixel edges at whole numbers) and central second moments of a plane.
struct Moments {
    var area = 0.0
    var x = 0.0
    var y = 0.0
    var xx = 0.0
    var yy = 0.0

    init(_ plane: [Float], width: Int) {
        for (index, value) in plane.enumerated() {
            area += Double(value)
            x += Double(value) * (Double(index % width) + 0.5)
            y += Double(value) * (Double(index / width) + 0.5)
        }
        x /= area
        y /= area
        for (index, value) in plane.enumerated() {
            xx += Double(value) * pow(Double(index % width) + 0.5 - x, 2) / area
            yy += Double(value) * pow(Double(index / width) + 0.5 - y, 2) / area
        }
    }
}

func dice(_ first: Mask, _ second: Mask) -> Double {
    let overlap = zip(first.pixels, second.pixels).reduce(0) { $0 + Int($1.0 & $1.1) }
    return 2 * Double(overlap) / Double(first.area + second.area)
}

func randomPlane(_ count: Int, _ key: StreamKey) -> [Float] {
    var stream = RandomStream(seed: 11, key)
    return (0..<count).map { _ in stream.uniform() }
}

func record(_ id: String, group: String? = nil, _ pathology: Pathology? = nil) -> SampleRecord {
    SampleRecord(id: id, group: group, imageFile: URL(filePath: "/nowhere/\(id).png"), pathology: pathology)
}

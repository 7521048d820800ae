import Foundation
import SegCore
import SegInterop
import Testing

@Suite struct NumpyArrayTests {
    struct Case: CustomTestStringConvertible {
        var shape: [Int]
        /// The file in base64.
        var file: String
        var testDescription: String { "shape \(shape)" }
    }

    /// From `Generators/numpy_arrays.py` with NumPy 2.4.6.
    static let cases = [
        Case(
            shape: [3, 4],
            file: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsIDQpLCB9ICAgICAg"
                + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAMB/AACAfwAAgP8AAACAAQAAAAAA"
                + "wL4AAIC+AAAAvgAAAAAAAAA+AACAPgAAwD4="
        ),
        Case(
            shape: [5],
            file: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDUsKSwgfSAgICAgICAg"
                + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAMB/AACAfwAAgP8AAACAAQAAAA=="
        ),
        Case(
            shape: [],
            file: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAg"
                + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAMB/"
        ),
        Case(
            shape: [2, 3, 4],
            file: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMsIDQpLCB9ICAg"
                + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAMB/AACAfwAAgP8AAACAAQAAAAAA"
                + "wL4AAIC+AAAAvgAAAAAAAAA+AACAPgAAwD4AAAA/AAAgPwAAQD8AAGA/AACAPwAAkD8AAKA/AACwPwAAwD8AANA/AADgPwAA8D8="
        ),
        Case(
            shape: [0, 7],
            file: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDAsIDcpLCB9ICAgICAg"
                + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo="
        ),
        Case(
            shape: [1_234_567, 0],
            file: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEyMzQ1NjcsIDApLCB9"
                + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo="
        ),
    ]

    /// Numbers that 32 bits hold exactly, and the ones that are none.
    private static func values(_ count: Int) -> [Float] {
        let special: [Float] = [.nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude]
        return (0..<count).map { $0 < special.count ? special[$0] : Float($0) / 8 - 1 }
    }

    @Test("the bytes are those of numpy.save", arguments: cases)
    func bytes(_ example: Case) throws {
        let array = try NumpyArray(shape: example.shape, values: Self.values(example.shape.reduce(1, *)))
        #expect(array.data == Data(base64Encoded: example.file))
    }

    @Test("a file that was written has those bytes, and a missing folder is named")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "npy-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let array = try NumpyArray(shape: [3, 4], values: Self.values(12))
        let file = folder.appending(path: "map.npy")
        try array.write(to: file)
        #expect(try Data(contentsOf: file) == Data(base64Encoded: Self.cases[0].file))
        let missing = folder.appending(path: "missing/map.npy")
        let error = #expect(throws: SegmentationError.self) { try array.write(to: missing) }
        #expect(error?.subject == missing.path)
    }

    @Test("values that do not fill a shape are refused", arguments: [[2, 2], [-1, -3], [Int.max, 4], [3, 1, 2]])
    func wrongShapes(_ shape: [Int]) {
        #expect(throws: SegmentationError.self) { try NumpyArray(shape: shape, values: [1, 2, 3]) }
    }
}

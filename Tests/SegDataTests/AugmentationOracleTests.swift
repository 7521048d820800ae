import Foundation
import SegAugmentation
import SegCore
import SegData
import Testing

/// Augmentations against NumPy, SciPy, scikit-image and OpenCV, as `Generators/augmentation.py` ran them.
@Suite struct AugmentationOracleTests {
    static func cases<Case: Decodable>(_ name: String, of type: Case.Type = Case.self) throws -> [Case] {
        let url = try #require(Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"))
        let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: url))
        try #require(!cases.isEmpty)
        return cases
    }

    static func largestDifference(_ values: [Float], _ expected: [Double]) -> Double {
        guard values.count == expected.count else { return .infinity }
        // A NaN is no agreement.
        return zip(values, expected).map { $0.isFinite ? abs(Double($0) - $1) : .infinity }.max() ?? 0
    }

    struct Fourier: Decodable {
        var width: Int
        var height: Int
        var plane: [Float]
        var real: [Double]
        var imaginary: [Double]
    }

    @Test func theTransformIsThatOfNumPyAndComesBack() throws {
        for item in try Self.cases("fourier", of: Fourier.self) {
            let transform = RealFourierTransform2D(width: item.width, height: item.height)
            let spectrum = transform.forward(item.plane)
            #expect(Self.largestDifference(spectrum.real, item.real) < 1e-4, "\(item.width) × \(item.height)")
            #expect(Self.largestDifference(spectrum.imaginary, item.imaginary) < 1e-4, "\(item.width) × \(item.height)")
            let back = transform.inverse(spectrum)
            #expect(Self.largestDifference(back, item.plane.map(Double.init)) < 2e-6)
        }
    }

    @Test(arguments: [(128, 128), (96, 160), (100, 75), (17, 128), (49, 31), (121, 2)])
    func theTransformComesBackForAnySize(width: Int, height: Int) {
        let plane = randomPlane(width * height, "round trip")
        let transform = RealFourierTransform2D(width: width, height: height)
        let back = transform.inverse(transform.forward(plane))
        #expect(Self.largestDifference(back, plane.map(Double.init)) < 3e-6)
        // Parseval: the energy is the same on both sides; inner columns stand for two.
        let spectrum = transform.forward(plane)
        var energy = 0.0
        for (index, re) in spectrum.real.enumerated() {
            let column = index % transform.frequencies
            let isAlone = column == 0 || 2 * column == width
            energy += (isAlone ? 1 : 2) * (pow(Double(re), 2) + pow(Double(spectrum.imaginary[index]), 2))
        }
        let expected = plane.reduce(0) { $0 + Double($1) * Double($1) } * Double(width * height)
        #expect(abs(energy / expected - 1) < 1e-5)
    }

    struct Pair: Decodable {
        var width: Int
        var height: Int
        var levels: [Int]
        var coverage: [Int]
        var reference: [Int]?
        var referenceCoverage: [Int]?
        var expected: [Double]
        var band: Float?
        var share: Float?
        var tiles: Int?
        var clipLimit: Float?
        var opencv: [Int]?
        var sigmaX: Float?
        var sigmaY: Float?

        var pair: ImagePair { make(levels, coverage) }

        func referencePair() throws -> ImagePair { try make(#require(reference), #require(referenceCoverage)) }

        private func make(_ levels: [Int], _ coverage: [Int]) -> ImagePair {
            ImagePair(
                width: width,
                height: height,
                image: levels.map { Float($0) / 255 },
                mask: levels.map { _ in 0 },
                coverage: coverage.map(Float.init)
            )
        }
    }

    @Test func amplitudeMixingIsThatOfNumPy() throws {
        for item in try Self.cases("amplitude-mixing", of: Pair.self) {
            var pair = item.pair
            try pair.mixAmplitude(
                of: item.referencePair(),
                share: #require(item.share),
                band: #require(item.band)
            )
            #expect(Self.largestDifference(pair.image, item.expected) < 1e-5)
        }
    }

    @Test func histogramMatchingIsThatOfScikitImage() throws {
        for item in try Self.cases("histogram-matching", of: Pair.self) {
            var pair = item.pair
            try pair.matchHistogram(of: item.referencePair(), share: 1)
            #expect(Self.largestDifference(pair.image, item.expected) < 1e-6)
        }
    }

    @Test func equalizationIsThatOfNumPyAndWithinOneLevelThatOfOpenCV() throws {
        for item in try Self.cases("clahe", of: Pair.self) {
            var pair = item.pair
            try pair.equalizeAdaptively(tiles: #require(item.tiles), clipLimit: #require(item.clipLimit))
            #expect(Self.largestDifference(pair.image, item.expected) < 1e-6)
            let opencv = try #require(item.opencv).map { Double($0) / 255 }
            #expect(Self.largestDifference(pair.image, opencv) < 1.001 / 255)
        }
    }

    @Test func blurIsThatOfSciPyOverCoveredPixels() throws {
        for item in try Self.cases("blur", of: Pair.self) {
            var pair = item.pair
            try pair.blur(sigmaX: #require(item.sigmaX), sigmaY: #require(item.sigmaY))
            #expect(Self.largestDifference(pair.image, item.expected) < 2e-6)
        }
    }

    struct Spline: Decodable {
        var width: Int
        var height: Int
        var spacing: Float
        var columns: Int
        var controls: [Float]
        var expected: [Double]
    }

    @Test func splinesAreThoseOfSciPy() throws {
        for item in try Self.cases("spline", of: Spline.self) {
            let field = CubicBSpline.field(
                item.controls,
                columns: item.columns,
                spacing: item.spacing,
                width: item.width,
                height: item.height
            )
            #expect(Self.largestDifference(field, item.expected) < 1e-5)
            let curve = CubicBSpline.curve(
                Array(item.controls[..<item.columns]),
                spacing: item.spacing,
                count: item.width
            )
            let row = CubicBSpline.field(
                (0..<4).flatMap { _ in item.controls[..<item.columns] },
                columns: item.columns,
                spacing: item.spacing,
                width: item.width,
                height: 1
            )
            #expect(Self.largestDifference(curve, row.map(Double.init)) < 1e-6)
        }
    }

    @Test func fastFunctionsAreThoseOfTheLibrary() {
        for index in 0..<4000 {
            let x = exp(Float(index) / 4000 * 60 - 40)
            let exact = Foundation.log2(Double(x))
            #expect(abs(Double(FastMath.log2(x)) - exact) <= 2.5e-7 * max(1, abs(exact)))
        }
        for index in -2000...2000 {
            let x = Float(index) / 17
            #expect(abs(Double(FastMath.exp2(x)) / Foundation.exp2(Double(x)) - 1) < 4e-7)
        }
        for exponent in [Float(0.3), 0.8, 1, 1.4, 5] {
            for level in 0...255 {
                let x = Float(level) / 255
                let exact = Foundation.pow(Double(x), Double(exponent))
                #expect(abs(Double(FastMath.power(x, exponent)) - exact) < 2e-6)
            }
            #expect(FastMath.power(0, exponent) == 0)
            #expect(FastMath.power(1, exponent) == 1)
        }
    }
}

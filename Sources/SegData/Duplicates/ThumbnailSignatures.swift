import Foundation
import SegTensor

/// Thumbnails in few numbers whose distances are never more than those of all pixels: what they tell apart is apart.
///
/// Two vectors of length 1 whose scalar product is c are √(2 − 2c) apart, and the coefficients of some waves of an orthonormal
/// transform are never further apart than the vectors. So whatever differs more in its low frequencies than a threshold allows
/// is left out without looking at the pixels, and no duplicate is lost.
///
/// - Formula: the orthonormal DCT-II of the thumbnail without its mean, and of its structure, each at length 1; the frequencies 0 to
///   7 of both axes. Those in which the thumbnails differ most come first.
struct ThumbnailSignatures: Sendable {
    /// How many thumbnails there are.
    let count: Int
    /// The greatest distance of a pair, and its square; with a margin for single precision.
    let radius: Float
    private let square: Float
    private let structureSquare: Float
    private let plain: [Float]
    private let structure: [Float]

    private static let frequencies = 8
    /// All but the mean, which is 0.
    private static let plainLength = frequencies * frequencies - 1
    /// Those of both axes: the means of rows and columns are the others.
    private static let structureLength = (frequencies - 1) * (frequencies - 1)
    private static let margin: Float = 1e-4

    /// Computed on the worker pool.
    init(_ thumbnails: [Thumbnail], of finder: DuplicateFinder) {
        count = thumbnails.count
        square = Float(2 - 2 * finder.threshold) + Self.margin
        structureSquare = Float(2 - 2 * finder.structureThreshold) + Self.margin
        radius = square.squareRoot()
        var plain = [Float](repeating: 0, count: thumbnails.count * Self.plainLength)
        var structure = [Float](repeating: 0, count: thumbnails.count * Self.structureLength)
        plain.withUnsafeMutableBufferPointer { plainRows in
            structure.withUnsafeMutableBufferPointer { structureRows in
                // Each task writes the rows that are its own.
                nonisolated(unsafe) let plain = plainRows
                nonisolated(unsafe) let structure = structureRows
                WorkerPool.current.run(thumbnails.count) { index, _ in
                    let pixels = thumbnails[index].pixels
                    let waves = Self.waves(DuplicateFinder.normalized(DuplicateFinder.centered(pixels)))
                    let shapes = Self.waves(DuplicateFinder.normalized(DuplicateFinder.structure(pixels)))
                    for place in 0..<Self.plainLength { plain[index * Self.plainLength + place] = waves[place + 1] }
                    for place in 0..<Self.structureLength {
                        let (row, column) = (place / (Self.frequencies - 1) + 1, place % (Self.frequencies - 1) + 1)
                        structure[index * Self.structureLength + place] = shapes[row * Self.frequencies + column]
                    }
                }
            }
        }
        self.plain = Self.sorted(plain, length: Self.plainLength)
        self.structure = Self.sorted(structure, length: Self.structureLength)
    }

    /// The cube, as wide as duplicates may be apart, of the four coefficients in which thumbnails differ most.
    func bucket(of index: Int) -> SIMD4<Int16> {
        var bucket = SIMD4<Int16>()
        for axis in 0..<4 {
            let value: Float = plain[index * Self.plainLength + axis] / radius
            bucket[axis] = Int16(value.rounded(.down))
        }
        return bucket
    }

    /// Whether two thumbnails may be duplicates. Where this is false, they are not.
    func mayMatch(_ first: Int, _ second: Int) -> Bool {
        Self.areNear(plain, first, second, length: Self.plainLength, square: square)
            && Self.areNear(structure, first, second, length: Self.structureLength, square: structureSquare)
    }

    private static func areNear(_ values: [Float], _ first: Int, _ second: Int, length: Int, square: Float) -> Bool {
        values.withUnsafeBufferPointer { values in
            let (one, other) = (first * length, second * length)
            var sum: Float = 0
            var place = 0
            while place < length {
                let end = min(place + 8, length)
                while place < end {
                    let difference = values[one + place] - values[other + place]
                    sum += difference * difference
                    place += 1
                }
                if sum > square { return false }
            }
            return true
        }
    }

    /// The coefficients of a square of `Thumbnail.side`, `frequencies * frequencies`, row by row.
    private static func waves(_ values: [Double]) -> [Float] {
        let side = Thumbnail.side
        var narrowed = [Double](repeating: 0, count: side * frequencies)
        for row in 0..<side {
            for frequency in 0..<frequencies {
                var sum = 0.0
                for column in 0..<side { sum += values[row * side + column] * cosines[frequency * side + column] }
                narrowed[row * frequencies + frequency] = sum
            }
        }
        var waves = [Float](repeating: 0, count: frequencies * frequencies)
        for vertical in 0..<frequencies {
            for horizontal in 0..<frequencies {
                var sum = 0.0
                for row in 0..<side {
                    sum += narrowed[row * frequencies + horizontal] * cosines[vertical * side + row]
                }
                waves[vertical * frequencies + horizontal] = Float(sum)
            }
        }
        return waves
    }

    /// `√(2 / side) cos(π (x + ½) f / side)`, for the frequency 0 `√(1 / side)`.
    private static let cosines: [Double] = (0..<frequencies).flatMap { (frequency: Int) -> [Double] in
        (0..<Thumbnail.side).map { (place: Int) -> Double in
            let side = Double(Thumbnail.side)
            let square: Double = frequency == 0 ? 1 / side : 2 / side
            let angle: Double = Double.pi * (Double(place) + 0.5) * Double(frequency) / side
            return square.squareRoot() * cos(angle)
        }
    }

    /// Every row with its columns in another order: those of the largest variance first.
    private static func sorted(_ values: [Float], length: Int) -> [Float] {
        let count = values.count / length
        guard count > 1 else { return values }
        var sums = [Double](repeating: 0, count: length)
        var squares = sums
        for row in 0..<count {
            for column in 0..<length {
                let value = Double(values[row * length + column])
                guard value.isFinite else { continue }
                sums[column] += value
                squares[column] += value * value
            }
        }
        let spread = (0..<length).map { (column: Int) -> Double in
            squares[column] - sums[column] * sums[column] / Double(count)
        }
        let order = (0..<length).sorted { (first: Int, second: Int) -> Bool in
            spread[first] == spread[second] ? first < second : spread[first] > spread[second]
        }
        var result = values
        for row in 0..<count {
            for (place, column) in order.enumerated() { result[row * length + place] = values[row * length + column] }
        }
        return result
    }
}

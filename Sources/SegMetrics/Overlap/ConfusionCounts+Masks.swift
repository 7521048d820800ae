extension ConfusionCounts {
    /// Counts the pixels of two masks of equal length.
    ///
    /// Most of an image is background in both masks, which a few words tell for a whole block. In the other blocks pixels
    /// are counted in bytes, of which the compiler puts as many into a vector register as it holds; a block ends before a
    /// byte overflows.
    init(pixelsOf prediction: [UInt8], _ reference: [UInt8]) {
        let blockSize = 128
        let count = prediction.count
        var predicted = 0
        var actual = 0
        var both = 0
        prediction.withUnsafeBytes { prediction in
            reference.withUnsafeBytes { reference in
                for start in stride(from: 0, to: count, by: blockSize) {
                    let end = min(start + blockSize, count)
                    if end - start == blockSize, isBackground(prediction, reference, at: start) { continue }
                    var inPrediction: UInt8 = 0
                    var inReference: UInt8 = 0
                    var inBoth: UInt8 = 0
                    for index in start..<end {
                        let first: UInt8 = prediction[index] == 0 ? 0 : 1
                        let second: UInt8 = reference[index] == 0 ? 0 : 1
                        inPrediction &+= first
                        inReference &+= second
                        inBoth &+= first & second
                    }
                    predicted += Int(inPrediction)
                    actual += Int(inReference)
                    both += Int(inBoth)
                }
            }
        }
        self.init(both: both, predicted: predicted, actual: actual, total: count)
    }
}

/// Whether 128 pixels from `start` on are 0 in both masks.
@inline(__always)
private func isBackground(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, at start: Int) -> Bool {
    typealias Words = SIMD8<UInt64>
    let near =
        first.loadUnaligned(fromByteOffset: start, as: Words.self)
        | second.loadUnaligned(fromByteOffset: start, as: Words.self)
    let far =
        first.loadUnaligned(fromByteOffset: start + 64, as: Words.self)
        | second.loadUnaligned(fromByteOffset: start + 64, as: Words.self)
    let eight = near | far
    let four = eight.lowHalf | eight.highHalf
    let two = four.lowHalf | four.highHalf
    return two[0] | two[1] == 0
}

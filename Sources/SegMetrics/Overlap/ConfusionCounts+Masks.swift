extension ConfusionCounts {
    /// Counts the pixels of two masks of equal length.
    ///
    /// Counting in bytes lets the compiler put as many pixels into a vector register as it holds; a block ends before a
    /// byte overflows. Background is what is counted, being the one value that is the same in every mask.
    init(pixelsOf prediction: [UInt8], _ reference: [UInt8]) {
        let blockSize = 240
        let count = prediction.count
        var predictedBackground = 0
        var actualBackground = 0
        var eitherBackground = 0
        prediction.withUnsafeBufferPointer { predicted in
            reference.withUnsafeBufferPointer { actual in
                for start in stride(from: 0, to: count, by: blockSize) {
                    var inPrediction: UInt8 = 0
                    var inReference: UInt8 = 0
                    var inEither: UInt8 = 0
                    for index in start..<min(start + blockSize, count) {
                        let first: UInt8 = predicted[index] == 0 ? 1 : 0
                        let second: UInt8 = actual[index] == 0 ? 1 : 0
                        inPrediction &+= first
                        inReference &+= second
                        inEither &+= first | second
                    }
                    predictedBackground += Int(inPrediction)
                    actualBackground += Int(inReference)
                    eitherBackground += Int(inEither)
                }
            }
        }
        self.init(
            both: count - eitherBackground,
            predicted: count - predictedBackground,
            actual: count - actualBackground,
            total: count
        )
    }
}

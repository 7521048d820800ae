public import SegCore
public import SegData

/// What a model says about the labels of one sample.
public struct LabelPredictions: Sendable {
    /// The labels.
    public var labels: LabelSet
    /// The probability of each label on the canvas, `size * size`, row-major, in the order of the names.
    public var probabilities: [[Float]]
    /// The true masks in the source's size, in the order of the names; `nil` for a label that the data set does not have.
    public var truths: [RunLengthMask?]

    public init(labels: LabelSet, probabilities: [[Float]], truths: [RunLengthMask?]) {
        self.labels = labels
        self.probabilities = probabilities
        self.truths = truths
    }
}

/// A map that a head reports of one sample.
public struct PredictedMap: Sendable {
    /// The name in files.
    public var name: String
    /// The name that readers see.
    public var title: String
    /// The values on the canvas.
    public var canvas: ValueMap

    public init(name: String, title: String, canvas: ValueMap) {
        self.name = name
        self.title = title
        self.canvas = canvas
    }
}

extension CasePrediction {
    /// The predicted masks of all labels in the source's size, in the order of the names; empty if the model predicts the
    /// lesion alone.
    ///
    /// A pixel is lesion where the lesion's probability reaches the threshold. Of exclusive labels, the most probable one of
    /// the lesion's labels has such a pixel, and the most probable of the others and the background any other pixel; of
    /// labels that may overlap, each has the pixels where its own probability reaches one half. Where the model predicts no
    /// lesion, or none of the labels is lesion, they are judged by their own probabilities alone.
    ///
    /// - Parameter threshold: the lesion's.
    public func labelMasks(threshold: Float) -> [LabelMask] {
        guard let predicted = labels else { return [] }
        let set = predicted.labels
        let whole = probability.isEmpty || set.lesion.isEmpty ? nil : mask(threshold: threshold)
        guard set.isExclusive else {
            return zip(set.names, predicted.probabilities).map { name, map in
                LabelMask(name, (name == LabelSet.lesionName ? whole : nil) ?? letterbox.restoreMask(map))
            }
        }
        let maps = predicted.probabilities.map(letterbox.restore)
        let empty = Mask(emptyWithWidth: letterbox.sourceWidth, height: letterbox.sourceHeight)
        var masks = set.names.map { _ in empty }
        let pixels = whole?.pixels
        let isLesion = set.names.map(set.lesion.contains)
        for pixel in empty.pixels.indices {
            let lesion = pixels.map { $0[pixel] != 0 }
            // What is missing to 1 is background, which is not a label.
            var (best, most) = (-1, lesion == true ? -1 : 1 - maps.reduce(0) { $0 + $1[pixel] })
            for index in maps.indices where isLesion[index] == (lesion ?? isLesion[index]) && maps[index][pixel] > most
            {
                (best, most) = (index, maps[index][pixel])
            }
            if best >= 0 { masks[best].pixels[pixel] = 1 }
        }
        return zip(set.names, masks).map { LabelMask($0, $1) }
    }

    /// The probability of each label in the source's size, in the order of the names; empty if the model predicts the lesion
    /// alone.
    public var nativeLabelProbabilities: [(name: String, map: GrayImage)] {
        guard let labels else { return [] }
        return zip(labels.labels.names, labels.probabilities).map { name, map in
            let pixels = letterbox.restore(map)
            return (name, GrayImage(width: letterbox.sourceWidth, height: letterbox.sourceHeight, pixels: pixels))
        }
    }

    /// A map in the source's size. It may be of a canvas of another size than the mask's.
    public func native(_ map: PredictedMap) -> ValueMap {
        let (width, height) = (letterbox.sourceWidth, letterbox.sourceHeight)
        let box = Letterbox(sourceWidth: width, sourceHeight: height, size: map.canvas.width)
        return ValueMap(width: width, height: height, pixels: box.restore(map.canvas.pixels), range: map.canvas.range)
    }
}

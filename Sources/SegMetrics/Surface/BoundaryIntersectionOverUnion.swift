/// The boundary intersection over union: the IoU of the masks' inner rims.
///
/// Sensitive to the outline where the plain IoU of a large lesion is not. The rim is what an erosion by d steps of a 3×3
/// square takes away, as in the authors' published code: its pixels are at most d pixels from background along a row, a
/// column or both. Outside the image is background.
///
/// - Units: d in pixels: `dilationRatio` of the image's diagonal, rounded (halves to even), at least 1.
/// - Formula: |G_d ∩ P_d| / |G_d ∪ P_d|, G_d and P_d being the rims of reference and prediction.
/// - Edge cases: if either mask is empty, `policy` answers; a lesion thinner than 2·d is its own rim, so that small
///   lesions get the plain IoU.
/// - Throws: ``MetricsError`` if a mask does not have `width` × `height` pixels.
/// - Complexity: O(pixels).
/// - Source: B. Cheng, R. Girshick, P. Dollár, A. C. Berg, A. Kirillov, Boundary IoU: Improving object-centric image
///   segmentation evaluation, CVPR (2021), with its default ratio of 0.02.
public func boundaryIntersectionOverUnion(
    prediction: [UInt8],
    reference: [UInt8],
    width: Int,
    height: Int,
    dilationRatio: Double = 0.02,
    _ policy: EmptyMaskPolicy
) throws -> MetricValue {
    precondition(dilationRatio >= 0 && dilationRatio.isFinite, "a dilation ratio is not negative")
    try requireMask(prediction, named: "prediction", width: width, height: height)
    try requireMask(reference, named: "reference", width: width, height: height)
    let predicted = BitGrid(prediction, width: width, height: height)
    let actual = BitGrid(reference, width: width, height: height)
    let emptyCase = EmptyMaskCase(isPredictionEmpty: predicted.isEmpty, isReferenceEmpty: actual.isEmpty)
    if let emptyCase {
        return MetricValue(value: policy.outcome(for: emptyCase).value, emptyCase: emptyCase)
    }
    guard let (first, second) = BitGrid.croppedJointly(predicted, actual) else { return MetricValue(value: .nan) }
    let diagonal = GridSpacing.pixels.squaredLength(columns: Double(width), rows: Double(height)).squareRoot()
    let radius = max(1, Int((dilationRatio * diagonal).rounded(.toNearestOrEven)))
    let firstCore = first.erodedBySquare(radius: radius)
    let secondCore = second.erodedBySquare(radius: radius)
    var intersection = 0
    var union = 0
    for index in first.words.indices {
        let firstRim = first.words[index] & ~firstCore.words[index]
        let secondRim = second.words[index] & ~secondCore.words[index]
        intersection += (firstRim & secondRim).nonzeroBitCount
        union += (firstRim | secondRim).nonzeroBitCount
    }
    return MetricValue(value: Double(intersection) / Double(union))
}

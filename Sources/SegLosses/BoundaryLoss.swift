public import SegCore
public import SegTensor

/// The probability at each pixel times its distance from the true contour, negative inside.
///
/// Falls without end the better the prediction is, so it is added to a region loss, best with a weight that grows.
///
/// - Formula: `mean of p φ`, φ the signed distance divided by the image's longer side; 0 in an image without a lesion, or of
///   nothing else.
/// - Gradient: with respect to the logits; distances are constants.
/// - Source: Kervadec et al. 2019, whose distances are in px.
public struct BoundaryLoss: MaskLoss {
    public static let name = "boundary"
    public static let summary = "Probability times the distance from the true contour; for use with a region loss"

    public init(_ settings: NoSettings = NoSettings()) throws {}

    public func callAsFunction(_ logits: Tensor, _ targets: Tensor, coverage: Tensor?) -> Tensor {
        requireMasks(logits, targets, coverage, isPlanar: true, operation: "BoundaryLoss")
        let shape = logits.shape
        let (height, width) = (shape[2], shape[3])
        let truth = targets.values()
        let distances = Tensor(shape: shape) { buffer in
            // Each task writes the one plane that is its own.
            nonisolated(unsafe) let target = buffer
            WorkerPool.current.run(shape[0] * shape[1]) { plane, _ in
                let start = plane * height * width
                let mask = truth[start..<start + height * width].map { $0 >= 0.5 }
                let scale = 1 / Float(max(height, width))
                for (index, distance) in signedDistances(mask, height: height, width: width).enumerated() {
                    target[start + index] = distance * scale
                }
            }
        }
        let products = logits.sigmoid() * distances
        return meanOfCovered(products, coverage)
    }
}

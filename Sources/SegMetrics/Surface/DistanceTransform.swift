/// The exact Euclidean distance of every pixel to the nearest lesion pixel, row by row.
///
/// SciPy's `distance_transform_edt(mask == 0, sampling=[y, x])`.
///
/// - Units: those of `spacing`.
/// - Formula: min over lesion pixels (u, v) of √(((x − u)·sx)² + ((y − v)·sy)²).
/// - Edge cases: 0 on the lesion; ∞ everywhere if the mask is empty, where SciPy's result means nothing.
/// - Throws: ``MetricsError`` if the mask does not have `width` × `height` pixels.
/// - Complexity: O(pixels).
/// - Source: P. F. Felzenszwalb, D. P. Huttenlocher, Distance transforms of sampled functions, Theory of Computing 8
///   (2012); A. Meijster et al., A general algorithm for computing distance transforms in linear time (2000).
public func euclideanDistanceTransform(
    of mask: [UInt8],
    width: Int,
    height: Int,
    spacing: GridSpacing
) throws -> [Double] {
    try requireMask(mask, named: "mask", width: width, height: height)
    let columns = ColumnDistances(to: BitGrid(mask, width: width, height: height))
    var envelope = RowEnvelope(width: width, spacing: spacing)
    return [Double](unsafeUninitializedCapacity: width * height) { distances, count in
        columns.values.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return }
            for row in 0..<height {
                envelope.build(base + row * columns.width, width: width)
                for column in 0..<width {
                    distances[row * width + column] = envelope.squaredDistance(at: column).squareRoot()
                }
            }
        }
        count = width * height
    }
}

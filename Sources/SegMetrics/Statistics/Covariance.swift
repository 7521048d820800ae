/// The covariance with the divisor n − 1; NaN for fewer than two values.
func sampleCovariance(_ first: [Double], _ second: [Double]) -> Double {
    guard first.count > 1 else { return .nan }
    let firstMean = first.reduce(0, +) / Double(first.count)
    let secondMean = second.reduce(0, +) / Double(second.count)
    let products = zip(first, second).reduce(0.0) { $0 + ($1.0 - firstMean) * ($1.1 - secondMean) }
    return products / Double(first.count - 1)
}

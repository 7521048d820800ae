/// One axis of a resize: each output takes two neighboring inputs, or a single one.
struct LinearResampling: Sendable {
    let input: Int
    let output: Int
    /// For each output: the first of the two inputs, the second (equal at the border), and the second's weight.
    let first: [Int]
    let second: [Int]
    let weight: [Float]
    /// For each input: the outputs that it goes into, and how much of it.
    let contributions: [[(output: Int, weight: Float)]]

    private init(input: Int, first: [Int], second: [Int], weight: [Float]) {
        self.input = input
        output = first.count
        (self.first, self.second, self.weight) = (first, second, weight)
        var contributions = Array(repeating: [(output: Int, weight: Float)](), count: input)
        for index in first.indices {
            contributions[first[index]].append((index, 1 - weight[index]))
            if second[index] != first[index] || weight[index] != 0 {
                contributions[second[index]].append((index, weight[index]))
            }
        }
        self.contributions = contributions
    }

    /// By interpolation.
    ///
    /// Pixels are areas, so centers lie at half-integers: output `i` samples the input at
    /// `(i + ½) · input / output − ½`, clamped to the first and last center.
    init(from input: Int, to output: Int) {
        let scale = Double(input) / Double(output)
        let places = (0..<output).map { max(0, (Double($0) + 0.5) * scale - 0.5) }
        let first = places.map { min(input - 1, Int($0)) }
        self.init(
            input: input,
            first: first,
            second: first.map { min(input - 1, $0 + 1) },
            weight: zip(places, first).map { Float($0 - Double($1)) }
        )
    }

    /// Each input so many times.
    init(repeating input: Int, _ factor: Int) {
        let places = (0..<input * factor).map { $0 / factor }
        self.init(input: input, first: places, second: places, weight: Array(repeating: 0, count: places.count))
    }
}

/// What is resampled: single values of a plane, or the sixteen channels of a block's pixel.
protocol Resampled {
    static var lanes: Int { get }
    static var zero: Self { get }
    static func + (left: Self, right: Self) -> Self
    static func - (left: Self, right: Self) -> Self
    static func * (left: Self, right: Float) -> Self
}

extension Float: Resampled { static var lanes: Int { 1 } }
extension SIMD16<Float>: Resampled { static var lanes: Int { 16 } }

extension LinearResampling {
    /// A line of `input` values to a line of `output` values.
    func resample(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
        for i in 0..<output { y[i] = x[first[i]] + (x[second[i]] - x[first[i]]) * weight[i] }
    }

    /// The adjoint: adds to a line of `input` values what a line of `output` gradients comes to.
    @inline(__always)
    func scatter<Value: Resampled>(_ dy: UnsafePointer<Value>, into dx: UnsafeMutablePointer<Value>) {
        for i in 0..<output {
            let part = dy[i] * weight[i]
            dx[second[i]] = dx[second[i]] + part
            dx[first[i]] = dx[first[i]] + (dy[i] - part)
        }
    }
}

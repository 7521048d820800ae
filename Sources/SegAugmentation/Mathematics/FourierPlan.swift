import Foundation

/// A complex discrete Fourier transform of any length, of many columns side by side.
///
/// - Formula: `X(k) = Σ x(j) e^{−2πi jk/n}`, not scaled.
/// - Complexity: `n Σ r` over the prime factors `r` of `n`, with radix 4 for pairs of twos; a large prime is slow but
///   right.
/// - Source: Stockham's autosort form of the mixed-radix algorithm (Van Loan, "Computational Frameworks for the Fast
///   Fourier Transform", 1992, §1.7 and §2.4).
struct FourierPlan: Sendable {
    let length: Int
    private let radices: [Int]
    /// `e^{−2πi k/n}`.
    private let cosines: [Float]
    private let sines: [Float]

    init(length: Int) {
        precondition(length > 0, "a transform has at least one value")
        self.length = length
        var radices: [Int] = []
        var rest = length
        for radix in [4, 2, 3] {
            while rest.isMultiple(of: radix) {
                radices.append(radix)
                rest /= radix
            }
        }
        var radix = 5
        while rest > 1 {
            // What is left after its small factors is prime.
            if radix * radix > rest { radix = rest }
            while rest.isMultiple(of: radix) {
                radices.append(radix)
                rest /= radix
            }
            radix += 2
        }
        self.radices = radices
        cosines = (0..<length).map { Float(cos(2 * Double.pi * Double($0) / Double(length))) }
        sines = (0..<length).map { Float(-sin(2 * Double.pi * Double($0) / Double(length))) }
    }

    /// Transforms the columns of `length * columns` complex values, row-major, in place.
    ///
    /// The inverse, times `length`, is had by exchanging `real` and `imaginary`.
    func transform(_ real: inout [Float], _ imaginary: inout [Float], columns: Int) {
        precondition(real.count == length * columns && imaginary.count == real.count, "planes of another size")
        var otherReal = [Float](repeating: 0, count: real.count)
        var otherImaginary = otherReal
        // `span` values that belong together lie side by side; the sequences between them get shorter.
        var (rest, span) = (length, columns)
        for radix in radices {
            real.withUnsafeBufferPointer { xr in
                imaginary.withUnsafeBufferPointer { xi in
                    otherReal.withUnsafeMutableBufferPointer { yr in
                        otherImaginary.withUnsafeMutableBufferPointer { yi in
                            let source = (xr.baseAddress!, xi.baseAddress!)
                            let target = (yr.baseAddress!, yi.baseAddress!)
                            switch radix {
                            case 2: pass2(source, target, rest: rest, span: span)
                            case 4: pass4(source, target, rest: rest, span: span)
                            default: pass(radix, source, target, rest: rest, span: span)
                            }
                        }
                    }
                }
            }
            swap(&real, &otherReal)
            swap(&imaginary, &otherImaginary)
            rest /= radix
            span *= radix
        }
    }

    private typealias Source = (real: UnsafePointer<Float>, imaginary: UnsafePointer<Float>)
    private typealias Target = (real: UnsafeMutablePointer<Float>, imaginary: UnsafeMutablePointer<Float>)

    private func twiddle(_ index: Int) -> (Float, Float) { (cosines[index % length], sines[index % length]) }

    private func pass2(_ x: Source, _ y: Target, rest: Int, span: Int) {
        let half = rest / 2
        for p in 0..<half {
            let (c, s) = twiddle(p * (length / rest))
            let (ar, ai) = (x.real + span * p, x.imaginary + span * p)
            let (br, bi) = (x.real + span * (p + half), x.imaginary + span * (p + half))
            let (ur, ui) = (y.real + span * 2 * p, y.imaginary + span * 2 * p)
            let (vr, vi) = (ur + span, ui + span)
            for q in 0..<span {
                let (dr, di) = (ar[q] - br[q], ai[q] - bi[q])
                ur[q] = ar[q] + br[q]
                ui[q] = ai[q] + bi[q]
                vr[q] = dr * c - di * s
                vi[q] = dr * s + di * c
            }
        }
    }

    private func pass4(_ x: Source, _ y: Target, rest: Int, span: Int) {
        let quarter = rest / 4
        let step = length / rest
        for p in 0..<quarter {
            let (c1, s1) = twiddle(p * step)
            let (c2, s2) = twiddle(2 * p * step)
            let (c3, s3) = twiddle(3 * p * step)
            let (ar, ai) = (x.real + span * p, x.imaginary + span * p)
            let (br, bi) = (ar + span * quarter, ai + span * quarter)
            let (cr, ci) = (br + span * quarter, bi + span * quarter)
            let (dr, di) = (cr + span * quarter, ci + span * quarter)
            let (yr, yi) = (y.real + span * 4 * p, y.imaginary + span * 4 * p)
            for q in 0..<span {
                let (evenR, evenI) = (ar[q] + cr[q], ai[q] + ci[q])
                let (oddR, oddI) = (br[q] + dr[q], bi[q] + di[q])
                let (crossR, crossI) = (ar[q] - cr[q], ai[q] - ci[q])
                // −i (b − d)
                let (turnR, turnI) = (bi[q] - di[q], dr[q] - br[q])
                yr[q] = evenR + oddR
                yi[q] = evenI + oddI
                let (firstR, firstI) = (crossR + turnR, crossI + turnI)
                yr[q + span] = firstR * c1 - firstI * s1
                yi[q + span] = firstR * s1 + firstI * c1
                let (secondR, secondI) = (evenR - oddR, evenI - oddI)
                yr[q + 2 * span] = secondR * c2 - secondI * s2
                yi[q + 2 * span] = secondR * s2 + secondI * c2
                let (thirdR, thirdI) = (crossR - turnR, crossI - turnI)
                yr[q + 3 * span] = thirdR * c3 - thirdI * s3
                yi[q + 3 * span] = thirdR * s3 + thirdI * c3
            }
        }
    }

    /// Any radix, by its definition.
    private func pass(_ radix: Int, _ x: Source, _ y: Target, rest: Int, span: Int) {
        let part = rest / radix
        let (step, root) = (length / rest, length / radix)
        for p in 0..<part {
            for j in 0..<radix {
                let (yr, yi) = (y.real + span * (radix * p + j), y.imaginary + span * (radix * p + j))
                for q in 0..<span { (yr[q], yi[q]) = (0, 0) }
                for k in 0..<radix {
                    let (c, s) = twiddle(j * k % radix * root + p * j * step)
                    let (xr, xi) = (x.real + span * (p + k * part), x.imaginary + span * (p + k * part))
                    for q in 0..<span {
                        yr[q] += xr[q] * c - xi[q] * s
                        yi[q] += xr[q] * s + xi[q] * c
                    }
                }
            }
        }
    }
}

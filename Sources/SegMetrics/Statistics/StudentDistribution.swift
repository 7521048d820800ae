private import Foundation

/// P(|T| ≥ |t|) of Student's distribution; `degreesOfFreedom` need not be whole.
///
/// - Formula: the regularized incomplete beta function I(ν/(ν + t²); ν/2, ½).
package func studentTwoSidedTail(_ t: Double, degreesOfFreedom: Double) -> Double {
    guard t.isFinite else { return t.isNaN ? .nan : 0 }
    let square = t * t
    return regularizedBeta(
        degreesOfFreedom / (degreesOfFreedom + square),
        complement: square / (degreesOfFreedom + square),
        degreesOfFreedom / 2,
        0.5
    )
}

/// The t > 0 with P(|T| ≥ t) = `probability`, by bisection.
package func studentTwoSidedQuantile(_ probability: Double, degreesOfFreedom: Double) -> Double {
    var (lower, upper) = (0.0, 1.0)
    while studentTwoSidedTail(upper, degreesOfFreedom: degreesOfFreedom) > probability, upper < 1e300 { upper *= 2 }
    for _ in 0..<200 {
        let middle = (lower + upper) / 2
        if middle == lower || middle == upper { break }
        if studentTwoSidedTail(middle, degreesOfFreedom: degreesOfFreedom) > probability {
            lower = middle
        } else {
            upper = middle
        }
    }
    return (lower + upper) / 2
}

/// I(x; a, b), given 1 − x as well so that neither end loses digits.
///
/// - Source: W. J. Lentz's evaluation of the continued fraction NIST DLMF 8.17.22.
private func regularizedBeta(_ x: Double, complement: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if complement <= 0 { return 1 }
    if x > (a + 1) / (a + b + 2) {
        return 1 - regularizedBeta(complement, complement: x, b, a)
    }
    var sign: Int32 = 0
    let logBeta = lgamma_r(a, &sign) + lgamma_r(b, &sign) - lgamma_r(a + b, &sign)
    let front = exp(a * log(x) + b * log(complement) - logBeta) / a
    let tiny = 1e-300
    var fraction = 1.0
    var c = 1.0
    var d = 1 - (a + b) * x / (a + 1)
    d = 1 / (abs(d) < tiny ? tiny : d)
    fraction = d
    for step in 1...10_000 {
        let m = Double(step)
        for term in [
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ] {
            d = 1 + term * d
            d = 1 / (abs(d) < tiny ? tiny : d)
            c = 1 + term / c
            if abs(c) < tiny { c = tiny }
            fraction *= d * c
        }
        if abs(d * c - 1) < 1e-16 { break }
    }
    return front * fraction
}

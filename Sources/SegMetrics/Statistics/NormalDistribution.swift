private import Foundation

/// P(Z ≥ z) of the standard normal distribution, accurate in both tails.
package func normalUpperTail(_ z: Double) -> Double {
    erfc(z / 2.0.squareRoot()) / 2
}

/// The z with P(Z ≤ z) = `probability`, by bisection of the tail: exact to the last bits, and rarely called.
package func normalQuantile(_ probability: Double) -> Double {
    precondition(probability > 0 && probability < 1, "a normal quantile's probability lies strictly between 0 and 1")
    if probability > 0.5 {
        // The tail function resolves small probabilities best.
        return -normalQuantile(1 - probability)
    }
    var lower = -40.0
    var upper = 0.0
    for _ in 0..<200 {
        let middle = (lower + upper) / 2
        if middle == lower || middle == upper { break }
        if normalUpperTail(-middle) < probability { lower = middle } else { upper = middle }
    }
    return (lower + upper) / 2
}

extension ROCPlacements {
    /// The variance of the area over patients.
    ///
    /// - Formula: with M positives in I₁₀ patients, N negatives in I₀₁ patients, I patients in all, and for patient k the
    ///   sums a_k = Σ (V₁₀ − A) over the patient's positives and b_k = Σ (V₀₁ − A) over the negatives: I₁₀/(I₁₀ − 1) ·
    ///   Σ a_k²/M² + I₀₁/(I₀₁ − 1) · Σ b_k²/N² + 2·I/(I − 1) · Σ a_k·b_k/(M·N). With one case a patient this is DeLong's.
    /// - Edge cases: NaN with fewer than two patients with a positive, or two with a negative case. Never negative.
    /// - Source: N. A. Obuchowski, Nonparametric analysis of clustered ROC curve data, Biometrics 53 (1997), eq. 3–7.
    public var variance: Double { form(influences, influences) }

    /// The covariance of two models' areas on the same cases: ``variance`` with the products of both models' sums.
    ///
    /// - Edge cases: as ``variance``.
    /// - Throws: ``MetricsError`` if the models differ in cases or patients.
    public func covariance(with other: ROCPlacements) throws -> Double {
        try requireSameCases(self, other)
        return form(influences, other.influences)
    }

    /// The variance of the difference of two models' areas, rather than s₁₁ + s₂₂ − 2·s₁₂, which cancels.
    func varianceOfDifference(from other: ROCPlacements) -> Double {
        let (mine, theirs) = (influences, other.influences)
        let difference = Influences(
            ofPositives: zip(mine.ofPositives, theirs.ofPositives).map { $0 - $1 },
            ofNegatives: zip(mine.ofNegatives, theirs.ofNegatives).map { $0 - $1 }
        )
        return form(difference, difference)
    }

    /// The sums over each patient's cases of placement − area.
    private struct Influences {
        var ofPositives: [Double]
        var ofNegatives: [Double]
    }

    private var influences: Influences {
        func sums(of label: Bool) -> [Double] {
            groups.members.map { cases in cases.reduce(0) { $0 + (labels[$1] == label ? values[$1] - area : 0) } }
        }
        return Influences(ofPositives: sums(of: true), ofNegatives: sums(of: false))
    }

    private func form(_ first: Influences, _ second: Influences) -> Double {
        func patients(with label: Bool) -> Double {
            Double(groups.members.count { cases in cases.contains { labels[$0] == label } })
        }
        func products(_ first: [Double], _ second: [Double]) -> Double {
            zip(first, second).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let (withPositives, withNegatives) = (patients(with: true), patients(with: false))
        guard withPositives > 1, withNegatives > 1 else { return .nan }
        let all = Double(groups.count)
        let positives = Double(labels.count { $0 })
        let negatives = Double(labels.count) - positives
        let mixed =
            products(first.ofPositives, second.ofNegatives) + products(first.ofNegatives, second.ofPositives)
        return withPositives / (withPositives - 1) * products(first.ofPositives, second.ofPositives)
            / (positives * positives)
            + withNegatives / (withNegatives - 1) * products(first.ofNegatives, second.ofNegatives)
            / (negatives * negatives)
            + all / (all - 1) * mixed / (positives * negatives)
    }
}

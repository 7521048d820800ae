import Foundation
import SegConfiguration
import SegCore
import SegData
import SegInference
import SegTraining
import Testing

@Suite("What a training part looked like")
struct FamiliarityTests {
    private typealias Quantiles = TrainingProfile.Quantiles

    /// As in Generators/familiarity.py.
    private func value(_ image: Double, _ channel: Double) -> Double {
        3.0 * sin(1.7 * image) * cos(0.5 * channel) + 1.5 * sin(2.9 * image + 1) * cos(1.1 * channel + 0.3) + 0.8
            * cos(4.3 * image) * sin(0.9 * channel) + 0.3 * sin(0.77 * image * (channel + 1) + channel) + 0.1 * channel
    }

    @Test("Distances are Mahalanobis's with the covariance of NumPy's eigenvectors")
    func distances() throws {
        let rows = (0..<48).map { image in (0..<12).map { Float(value(Double(image), Double($0))) } }
        let new = [3.0, 11, 60, 75].enumerated().map { index, image in
            (0..<12).map { Float(value(image + 0.5, Double($0)) * (1 + 0.4 * Double(index))) }
        }
        let found = try #require(TrainingProfile.Familiarity(of: rows, validation: new, directions: 5))
        let variances = [27.656064, 8.009169, 0.422668, 0.048847, 0.048648]
        #expect(zip(found.variances, variances).allSatisfy { abs($0 - $1) < 1e-4 * $1 })
        #expect(abs(found.residual - 0.041816) < 1e-5)
        let distances = [3.59149, 6.32079, 8.94765, 12.21678]
        for (row, expected) in zip(new, distances) { #expect(abs(found.distance(row) - expected) < 1e-3 * expected) }
        #expect(found.percentile(new[0]) == 0 && found.percentile(new[3]) == 1)
        #expect(abs(found.percentile(new[1]) - 1.0 / 3) < 1e-3)
        // A file keeps all of it.
        let again = try JSONDecoder().decode(TrainingProfile.Familiarity.self, from: JSONEncoder().encode(found))
        #expect(again == found && again.distance(new[2]) == found.distance(new[2]))
        // What does not vary has no distances, and features of another network none either.
        #expect(TrainingProfile.Familiarity(of: rows.map { _ in rows[0] }, validation: new, directions: 5) == nil)
        #expect(found.distance([1, 2]).isNaN && found.percentile([1, 2]).isNaN)
    }

    @Test("Percentiles are interpolated between quantiles; of equal values they are the middle")
    func percentiles() throws {
        let even = try #require(Quantiles(of: (0...100).map(Double.init)))
        #expect(even.values.count == 41 && even.values[1] == 2.5)
        for value in [0.0, 13, 50, 99, 100] { #expect(abs(even.percentile(of: value) - value / 100) < 1e-9) }
        #expect(even.percentile(of: -1) == 0 && even.percentile(of: 101) == 1 && even.percentile(of: .nan).isNaN)
        let equal = try #require(Quantiles(of: [5, 5, 5]))
        #expect(equal.percentile(of: 5) == 0.5 && equal.percentile(of: 6) == 1)
        #expect(Quantiles(of: [1]) == nil)
    }

    @Test("A profile has features of true masks, measures of images, and distances of the validation part")
    func profile() throws {
        let model = try makeModel()
        let training = try makeSamples(24)
        let validation = try makeSamples(8, seed: 2)
        func made(_ validation: [PreparedSample]) throws -> TrainingProfile {
            try TrainingProfile(
                of: model,
                training: training.map { StreamedSample($0) },
                validation: validation.map { StreamedSample($0) }
            )
        }
        let profile = try made(validation)
        #expect(profile.images == 24 && profile.lesions == 24)
        #expect(profile.features.keys.sorted() == ["brightness"])
        #expect(profile.measures.keys.sorted() == ["grayDeviation", "grayMean", "height", "width"])
        #expect(profile.measures["width"]?.values.allSatisfy { $0 == 24 } == true)
        let familiarity = try #require(profile.familiarity)
        #expect(familiarity.images == 8 && familiarity.variances.count == 3)
        // Used, each image of the validation part is where it was counted.
        var ensemble = try ModelEnsemble([model])
        let before = try ensemble.predict(validation, threshold: 0.5)
        ensemble.familiarity = [familiarity]
        let found = try ensemble.predict(validation, threshold: 0.5, batchSize: 3)
        #expect(found.map(\.probability) == before.map(\.probability))
        let percentiles = found.compactMap { $0.values.first { $0.name == "unfamiliarity" }?.number }
        #expect(percentiles.count == 8 && percentiles.min() == 0 && percentiles.max() == 1)
        for (rank, percentile) in percentiles.sorted().enumerated() {
            #expect(abs(percentile - Double(rank) / 7) < 0.03)
        }
        #expect(try made([]).familiarity == nil)
    }
}

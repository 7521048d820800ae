import Foundation
import SegCore
import SegData
import SegTraining

extension CasePrediction {
    /// One prediction of several of the same image, by models of an ensemble or of several views.
    ///
    /// - Formula: the lesion's and malignancy's probabilities are those of the mean logit, σ(mean log(p / (1 − p))), as
    ///   are those of labels that may overlap; of exclusive labels and their background it is the normalized geometric
    ///   mean. Numbers and maps of heads and what terms report are averaged; of classes the most frequent one is taken,
    ///   the first of equal ones.
    ///
    /// - Parameter predictions: at least one; what is not predicted by all is taken from the first.
    static func mean(_ predictions: [CasePrediction]) -> CasePrediction {
        guard var mean = predictions.first, predictions.count > 1 else { return predictions[0] }
        mean.probability = meanOfLogits(predictions.map(\.probability))
        let logits = predictions.compactMap(\.malignancyLogit)
        if logits.count == predictions.count {
            let logit = logits.reduce(0, +) / Float(logits.count)
            mean.malignancyLogit = logit
            mean.malignancy = 1 / (1 + exp(-logit))
        } else {
            mean.malignancy = average(predictions.map(\.malignancy))
        }
        mean.prior = average(predictions.map(\.prior)) ?? mean.prior
        // By name: the models of an ensemble may have other terms, and heads with other settings.
        mean.reports = mean.reports.map { name, value in
            (name, average(predictions.map { $0.reports.first { $0.name == name }?.value }) ?? value)
        }
        for index in mean.values.indices {
            let name = mean.values[index].name
            let all = predictions.compactMap { $0.values.first { $0.name == name } }
            guard all.count == predictions.count else { continue }
            let numbers = all.compactMap(\.number)
            if numbers.count == all.count { mean.values[index].number = numbers.reduce(0, +) / Double(all.count) }
            let classes = all.compactMap(\.label)
            let counts = classes.map { name in classes.count { $0 == name } }
            if let most = counts.max(), let first = counts.firstIndex(of: most) {
                mean.values[index].label = classes[first]
            }
        }
        for index in mean.maps.indices {
            let name = mean.maps[index].name
            let canvases = predictions.compactMap { $0.maps.first { $0.name == name }?.canvas }
            // A head that has nothing to say of a tile says it of the whole image, in another size.
            guard canvases.count == predictions.count, canvases.allSatisfy({ $0.width == canvases[0].width }) else {
                continue
            }
            mean.maps[index].canvas = ValueMap(
                width: canvases[0].width,
                height: canvases[0].height,
                pixels: average(canvases.map(\.pixels)),
                range: canvases[0].range
            )
        }
        if let labels = mean.labels {
            let all = predictions.compactMap { $0.labels?.probabilities }
            mean.labels?.probabilities = labels.labels.isExclusive ? geometric(all) : independent(all)
            if labels.labels.isExclusive, !labels.labels.lesion.isEmpty, !mean.probability.isEmpty,
                let combined = mean.labels?.probabilities
            {
                // The lesion of exclusive labels is the sum of its labels, for one model as for several.
                let own = labels.labels.names.indices.filter { labels.labels.lesion.contains(labels.labels.names[$0]) }
                for pixel in mean.probability.indices {
                    mean.probability[pixel] = own.reduce(0) { $0 + combined[$1][pixel] }
                }
            }
        }
        return mean
    }

    private static func average(_ values: [Float?]) -> Float? {
        let known = values.compactMap(\.self)
        return known.count == values.count ? known.reduce(0, +) / Float(known.count) : nil
    }

    private static func average(_ planes: [[Float]]) -> [Float] {
        planes[0].indices.map { pixel in planes.reduce(0) { $0 + $1[pixel] } / Float(planes.count) }
    }

    /// So far from 0 and 1 a probability of 32 bits can tell itself.
    private static let leastProbability: Float = 1e-7

    private static func clipped(_ probability: Float) -> Float {
        min(max(probability, leastProbability), 1 - leastProbability)
    }

    private static func meanOfLogits(_ planes: [[Float]]) -> [Float] {
        planes[0].indices.map { pixel in
            let sum = planes.reduce(Float(0)) { sum, plane in
                let probability = clipped(plane[pixel])
                return sum + log(probability / (1 - probability))
            }
            return 1 / (1 + exp(-sum / Float(planes.count)))
        }
    }

    /// By label, of labels that may overlap.
    private static func independent(_ all: [[[Float]]]) -> [[Float]] {
        all[0].indices.map { label in meanOfLogits(all.map { $0[label] }) }
    }

    /// By label, of exclusive ones: what is missing to 1 is background.
    private static func geometric(_ all: [[[Float]]]) -> [[Float]] {
        var result = all[0]
        for pixel in result[0].indices {
            let background = all.map { 1 - $0.reduce(0) { $0 + $1[pixel] } }
            func level(_ values: [Float]) -> Float {
                exp(values.reduce(0) { $0 + log(max($1, leastProbability)) } / Float(values.count))
            }
            let levels = result.indices.map { label in level(all.map { $0[label][pixel] }) }
            let sum = levels.reduce(level(background), +)
            for label in result.indices { result[label][pixel] = levels[label] / sum }
        }
        return result
    }
}

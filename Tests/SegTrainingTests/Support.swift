import Foundation
import SegBackbones
import SegCore
import SegData
import SegHeads
import SegTensor
import SegTraining

/// Bright ellipses on noise, of two kinds that differ in brightness: quick to learn.
func makeSamples(_ count: Int, size: Int = 16, seed: UInt64 = 1, normals: Bool = false) throws -> [PreparedSample] {
    try makeScans(count, size: size, seed: seed, normals: normals).map { PreparedSample($0, size: size) }
}

/// The same before they are prepared.
func makeScans(_ count: Int, size: Int = 16, seed: UInt64 = 1, normals: Bool = false) throws -> [Sample] {
    try (0..<count).map { index in
        var stream = RandomStream(seed: seed, "sample", StreamKey(index))
        let (width, height) = (size + 8, size + 2)
        let pathology: Pathology = normals && index % 5 == 4 ? .normal : index % 2 == 0 ? .benign : .malignant
        var image = GrayImage(width: width, height: height)
        var lesion = Mask(emptyWithWidth: width, height: height)
        let centerX = Float(width) * stream.uniform(in: 0.35...0.65)
        let centerY = Float(height) * stream.uniform(in: 0.35...0.65)
        let radius = Float(size) * stream.uniform(in: 0.2...0.3)
        for y in 0..<height {
            for x in 0..<width {
                let isInside = hypot(Float(x) - centerX, Float(y) - centerY) < radius
                lesion[x, y] = isInside && pathology != .normal
                let level: Float = lesion[x, y] ? (pathology == .malignant ? 0.9 : 0.65) : 0.3
                image[x, y] = level + stream.uniform(in: -0.05...0.05)
            }
        }
        let record = SampleRecord(
            id: "case\(seed)-\(index)",
            imageFile: URL(filePath: "/nowhere/case\(index).png"),
            pathology: pathology
        )
        return try Sample(record: record, image: image, lesion: lesion)
    }
}

/// A term with a parameter, a buffer that `prepare` fills, and a report.
final class BrightnessTerm: ConsistencyTerm {
    static let name = "brightness"
    static let summary = "For tests: malignancy should agree with the lesion's mean intensity"

    let slope = Parameter(Tensor([1], shape: [1]), decays: false)
    let mean = ModuleBuffer([0])
    private(set) var preparedIdentifiers: [[String]] = []

    init(_ settings: NoSettings = .init()) {}

    func visit(_ visitor: inout ModuleVisitor) {
        visitor.parameter("slope", slope)
        visitor.buffer("mean", mean)
    }

    func prepare(_ trainingBatches: [Batch]) throws {
        preparedIdentifiers.append(trainingBatches.flatMap(\.identifiers))
        let values = trainingBatches.flatMap { brightness($0.masks, $0).values() }
        mean.values = [values.reduce(0, +) / Float(values.count)]
    }

    func penalty(_ outputs: Outputs, _ batch: Batch, _ progress: TrainingProgress) -> Tensor? {
        guard let mask = outputs.lesionProbability, let malignancy = outputs.malignancyProbability else { return nil }
        let prior = ((brightness(mask, batch) - mean.values[0]) * slope.tensor).sigmoid()
        return (malignancy - prior).squared().mean() * progress.warmUp(over: 1)
    }

    func report(_ outputs: Outputs, _ batch: Batch) -> [(name: String, values: [Float])] {
        [("brightness", outputs.lesionProbability.map { brightness($0, batch).values() } ?? [])]
    }

    func learnedValues() -> [(name: String, value: Float)] { [("slope", slope.value.item)] }

    private func brightness(_ mask: Tensor, _ batch: Batch) -> Tensor {
        (mask * batch.intensities).sum(over: [1, 2, 3]) / (mask.sum(over: [1, 2, 3]) + 1)
    }
}

func makeModel(seed: UInt64 = 3, withTerm: Bool = true, depth: Int = 2) throws -> MultiTaskModel {
    var initializer = WeightInitializer(seed: seed)
    let backbone = try UNet(.init(depth: depth, width: 4), inputChannels: 1, initializer: &initializer)
    return try MultiTaskModel(
        backbone: backbone,
        heads: [
            WeightedHead(try SegmentationHead(.init(), backbone: backbone.outline, initializer: &initializer)),
            WeightedHead(
                try ClassificationHead(.init(), backbone: backbone.outline, initializer: &initializer),
                weight: 0.5
            ),
        ],
        terms: withTerm ? [WeightedTerm(BrightnessTerm(), weight: 0.2)] : []
    )
}

func quickSettings(epochs: Int = 3) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.epochs = epochs
    settings.batchSize = 4
    settings.imageSize = 16
    settings.learningRate = 0.01
    return settings
}

/// Parameters and buffers as bits, by path.
func bits(_ module: any Module) -> [String: [UInt32]] {
    var result: [String: [UInt32]] = [:]
    for (path, parameter) in module.parameters { result[path] = parameter.value.values().map(\.bitPattern) }
    for (path, buffer) in module.buffers { result[path] = buffer.values.map(\.bitPattern) }
    return result
}

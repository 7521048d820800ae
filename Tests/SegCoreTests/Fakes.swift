import SegCore
import SegTensor

/// A term with settings of every kind.
final class FakeTerm: ConsistencyTerm {
    struct Settings: PluginSettings, Equatable {
        struct Gate: Codable, Equatable, Sendable {
            var area = 0.01
            var softness: Float = 2
            var layers = 1
        }

        enum Shape: String, Codable, Sendable { case round, spiculated }

        var warmUpEpochs = 5
        var strength = 1.0
        var isGated = true
        var shape = Shape.round
        var features = ["circularity", "orientation"]
        var gate = Gate()

        func validate() throws {
            guard strength >= 0 else {
                throw SegmentationError("strength", "is \(strength)", cure: "use 0 or more")
            }
        }
    }

    static let name = "fake"
    static let summary = "A term for tests"

    let settings: Settings

    init(_ settings: Settings) throws { self.settings = settings }

    func penalty(_ outputs: Outputs, _ batch: Batch, _ progress: TrainingProgress) -> Tensor? { nil }
}

final class FakeBackbone: Backbone {
    struct Settings: PluginSettings {
        var width = 4
    }

    static let name = "fake"
    static let summary = "A backbone for tests"

    let outline: PyramidOutline
    let weight: Parameter

    init(_ settings: Settings, inputChannels: Int, initializer: inout WeightInitializer) throws {
        outline = PyramidOutline(denseChannels: settings.width, bottleneckChannels: settings.width, sizeMultiple: 1)
        weight = Parameter(initializer.heNormal([settings.width, inputChannels, 1, 1], fanIn: inputChannels))
    }

    func features(of images: Tensor, phase: Phase) -> FeaturePyramid {
        let dense = images.convolved(with: weight.tensor)
        return FeaturePyramid(dense: dense, bottleneck: dense)
    }

    func visit(_ visitor: inout ModuleVisitor) { visitor.parameter("weight", weight) }
}

final class FakeHead: TaskHead {
    static let name = "fake"
    static let summary = "A head for tests"

    let outline: PyramidOutline

    init(_ settings: NoSettings, backbone: PyramidOutline, initializer: inout WeightInitializer) throws {
        outline = backbone
    }

    func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {}

    func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? { nil }
}

struct FakeAdapter: DatasetAdapter {
    var name = "fake"

    func records() throws -> [SampleRecord] { [] }
}

/// The error that `body` throws, as the user would see it; empty if it throws none.
func complaint(_ body: () throws -> Void) -> String {
    do {
        try body()
        return ""
    } catch let error as SegmentationError {
        return error.description
    } catch {
        return "not a SegmentationError: \(error)"
    }
}

import Foundation
import SegAugmentation
import SegCore
import SegOptimization
import SegReport
import SegTensor

/// A data set that breaks in one way.
struct FaultyDataset: DocumentedDataset {
    enum Fault: String {
        case none, initial, records, sample, mask, doubts, splits, slow
    }

    let name = "clinic"
    private let fault: Fault

    init() {
        fault = Chosen.fault(of: "dataset") ?? .none
        if fault == .initial { _ = Chosen.breakIndex(1) }
    }

    func records() throws -> [SampleRecord] {
        if fault == .records { _ = Chosen.breakIndex(1) }
        if fault == .slow {
            print("listing")
            fflush(nil)
            sleep(60)
        }
        return try (0..<12).map { index in
            guard let image = URL(string: "clinic:///\(index)") else {
                throw SegmentationError("clinic", "it has no addresses", cure: "correct this program")
            }
            return SampleRecord(
                id: "case\(index)",
                imageFile: image,
                pathology: index.isMultiple(of: 2) ? .benign : .malignant
            )
        }
    }

    func sample(for record: SampleRecord, decoder: any ImageDecoder) throws -> Sample {
        let index = Int(record.id.dropFirst(4)) ?? 0
        if fault == .sample { _ = Chosen.breakIndex(index) }
        if fault == .mask { _ = Mask(width: 80, height: 80, pixels: []) }
        var stream = RandomStream(seed: 1, "clinic", StreamKey(index))
        var image = GrayImage(width: 80, height: 80)
        var lesion = Mask(emptyWithWidth: 80, height: 80)
        for y in 0..<80 {
            for x in 0..<80 {
                lesion[x, y] = hypot(Float(x - 40), Float(y - 35 - index)) < 16
                image[x, y] = (lesion[x, y] ? 0.2 : 0.5) + stream.uniform(in: 0...0.4)
            }
        }
        return try Sample(record: record, image: image, lesion: lesion)
    }

    func doubts(about record: SampleRecord, decoder: any ImageDecoder) throws -> [String] {
        if fault == .doubts { _ = Chosen.breakIndex(1) }
        return []
    }

    func publishedSplits() throws -> [PublishedSplit] {
        if fault == .splits { _ = Chosen.breakIndex(1) }
        return [PublishedSplit(name: "halves", parts: [["case0", "case1", "case2", "case3"]])]
    }
}

/// An augmentation that breaks in one way.
struct FaultyAugmentation: AugmentationPlugin {
    enum Fault: String {
        case none, initial, index, recursion
    }

    static let name = "haze"
    static let summary = "Breaks in the way that it is told to"

    private let fault: Fault

    init(_ settings: NoSettings) throws {
        fault = Chosen.fault(of: "augmentation") ?? .none
        if fault == .initial { _ = Chosen.breakIndex(1) }
    }

    func apply(to pair: inout ImagePair, using stream: inout RandomStream) {
        switch fault {
        case .index: pair.image[0] = Chosen.breakIndex(pair.width)
        case .recursion: pair.image[0] = Float(Chosen.recurse(pair.width))
        default: break
        }
    }
}

/// Plain descent that breaks in one way.
final class FaultyOptimizer: Optimizer {
    enum Fault: String {
        case none, initial, state, slot
    }

    static let name = "descent"
    static let summary = "Breaks in the way that it is told to"

    let parameters: [Parameter]
    private let fault: Fault

    init(_ settings: NoSettings, parameters: [Parameter], weightDecay: Double) {
        self.parameters = parameters
        fault = Chosen.fault(of: "optimizer") ?? .none
        if fault == .initial { _ = Chosen.breakIndex(parameters.count) }
    }

    func step(rate: Double, gradientScale: Double) {
        for parameter in parameters {
            guard let gradient = parameter.gradient else { continue }
            parameter.value = parameter.value - gradient * Float(rate * gradientScale)
        }
    }

    var state: OptimizerState {
        if fault == .state { _ = Chosen.breakIndex(parameters.count) }
        let start: Float = fault == .slot ? .infinity : 0
        return OptimizerState(slots: [
            .init("smallest", parameters.map { Array(repeating: start, count: $0.shape.count) })
        ])
    }
}

/// Equal weights, from what breaks in one way.
final class FaultyBalancing: TaskBalancing {
    enum Fault: String {
        case none, initial, state
    }

    static let name = "even"
    static let summary = "Breaks in the way that it is told to"

    private let fault: Fault

    init(_ settings: NoSettings, tasks: [String]) {
        fault = Chosen.fault(of: "balancing") ?? .none
        if fault == .initial { _ = Chosen.breakIndex(tasks.count) }
    }

    func factors(_ step: BalancingStep) -> [TaskFactor] { step.tasks.map { _ in TaskFactor(1) } }

    var state: [String: [Double]] {
        if fault == .state { _ = Chosen.breakIndex(1) }
        return [:]
    }
}

/// A section that breaks in one way.
struct FaultySection: ReportSection {
    enum Fault: String {
        case none, content, markup
    }

    let id = "faulty"
    let title = "Faulty"

    func content(_ context: ReportContext) -> ReportContent? {
        let fault = Chosen.fault(of: "section") ?? Fault.none
        if fault == .content { _ = Chosen.breakIndex(1) }
        guard fault == .markup else { return ReportContent([.paragraph("Nothing broke.")]) }
        // The length of this axis is not a number.
        let most = Double.greatestFiniteMagnitude
        return ReportContent([
            .charts([
                ReportContent.Figure(
                    title: "All",
                    caption: "all",
                    description: "All numbers there are",
                    horizontalTitle: "number",
                    drawing: .rows([], domain: -most...most)
                )
            ])
        ])
    }
}

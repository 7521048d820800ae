import Foundation
import SegCore
import SegScoring

/// A metric that breaks in one way.
struct FaultyMetric: CaseMetric {
    enum Fault: String, CaseIterable {
        case none, index, precondition
    }

    static let name = "roundness"
    static let summary = "Breaks in the way that it is told to"
    let title = "Roundness"
    let direction = MetricDirection.higherIsBetter
    let emptyMasks = EmptyMaskHandling.undefined
    private let fault: Fault

    init(_ settings: NoSettings) { fault = .none }

    init(_ fault: Fault) { self.fault = fault }

    func value(of item: MetricCase) -> Double? {
        switch fault {
        case .none: 1
        case .index: Double([1, 2][item.reference.width])
        case .precondition: Mask(width: item.reference.width, height: 1, pixels: []).isEmpty ? 0 : 1
        }
    }

    /// Judges one case, as a study does.
    func judge() throws {
        let mask = Mask(width: 4, height: 4, pixels: Array(repeating: 1, count: 16))
        let record = SampleRecord(id: "a", imageFile: URL(fileURLWithPath: "/nowhere.png"), pathology: .benign)
        let item = try MetricCase(
            prediction: mask,
            reference: mask,
            record: record,
            emptyMasks: .undefinedWhenReferenceEmpty
        )
        _ = try NamedMetric(self).value(of: item)
    }
}

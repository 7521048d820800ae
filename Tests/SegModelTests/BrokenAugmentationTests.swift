import SegAugmentation
import SegCore
import SegTestKit
import Synchronization
import Testing

/// What a careless augmentation keeps in its instance.
private final class Memory: Sendable {
    let calls = Mutex(0)
    let image = Mutex<[Float]>([])

    /// How often it was asked, this time included.
    func count() -> Int {
        calls.withLock { calls in
            calls += 1
            return calls
        }
    }

    /// What was kept last, and keeps this.
    func exchange(_ image: [Float]) -> [Float] {
        self.image.withLock { kept in
            defer { kept = image }
            return kept
        }
    }
}

/// An augmentation that breaks one rule at a time: a lift of all gray levels, and a shift of all planes by a column.
private struct FaultyAugmentation: AugmentationPlugin {
    enum Fault: String, Codable, Sendable {
        case none, counts, mixesLastImage, ownChance, followsLesion, followsBrightest, resizes, grayMask, drawsPadding,
            drawsForLesions, still
    }

    struct Settings: PluginSettings {
        var fault = Fault.none
    }

    static let name = "faulty"
    static let summary = "Breaks the rule that it is told to break"

    private let fault: Fault
    private let memory = Memory()

    init(_ settings: Settings) throws { fault = settings.fault }

    func apply(to pair: inout ImagePair, using stream: inout RandomStream) {
        guard fault != .still else { return }
        var lift = 0.1 * stream.uniform()
        var shift = stream.chance(0.5) ? 1 : 0
        switch fault {
        case .counts: lift = 0.1 / Float(memory.count())
        case .ownChance: lift = Float.random(in: 0...0.1)
        case .mixesLastImage:
            let last = memory.exchange(pair.image)
            for index in last.indices where pair.coverage[index] > 0 {
                pair.image[index] = 0.7 * pair.image[index] + 0.3 * last[index]
            }
        case .followsLesion: shift = pair.mask.firstIndex(of: 1).map { $0 % 3 } ?? 0
        case .followsBrightest:
            let brightest = pair.image.indices.max { pair.image[$0] < pair.image[$1] }
            shift = (brightest ?? 0) % 3
        case .drawsForLesions where pair.mask.contains(1): _ = stream.uniform()
        default: break
        }
        let width = pair.width
        pair.changePlanes { plane in
            guard shift > 0 else { return }
            plane = Array(repeating: 0, count: shift) + plane.dropLast(shift)
            for row in stride(from: 0, to: plane.count, by: width) {
                plane.replaceSubrange(row..<row + shift, with: repeatElement(0, count: shift))
            }
        }
        for index in pair.image.indices where pair.coverage[index] > 0 || fault == .drawsPadding {
            pair.image[index] = min(1, pair.image[index] + lift)
        }
        if fault == .grayMask { pair.mask = pair.mask.map { 0.5 * $0 } }
        if fault == .resizes {
            pair = ImagePair(width: 2, height: 1, image: [0, 1], mask: [0, 1], coverage: [1, 1])
        }
    }
}

/// An augmentation that looks after labels itself, or forgets to.
private struct FaultyWholePair: AugmentationPlugin, WholePairStep {
    enum Fault: String, Codable, Sendable { case none, leavesLabels, dropsLabels }

    struct Settings: PluginSettings {
        var fault = Fault.none
    }

    static let name = "faulty-whole"
    static let summary = "Mirrors, and may forget the labels"

    private let fault: Fault

    init(_ settings: Settings) throws { fault = settings.fault }

    func apply(to pair: inout ImagePair, using stream: inout RandomStream) {
        let labels = pair.labels
        HorizontalFlip(probability: 0.5).apply(to: &pair, using: &stream)
        switch fault {
        case .none: break
        case .leavesLabels: pair.labels = labels
        case .dropsLabels: pair.labels = []
        }
    }
}

@Suite("The suite for augmentations notices")
struct BrokenAugmentationTests {
    @Test(
        "one broken rule",
        arguments: [
            (.none, []),
            (.counts, ["chance-from-stream"]),
            (.mixesLastImage, ["chance-from-stream"]),
            (.ownChance, ["chance-from-stream"]),
            (.followsLesion, ["labels-follow", "padding-is-black"]),
            (.followsBrightest, ["colors-follow"]),
            (.resizes, ["keeps-size"]),
            (.grayMask, ["mask-is-binary"]),
            (.drawsPadding, ["padding-is-black"]),
            (.drawsForLesions, ["draws-alike"]),
            (.still, ["changes-something"]),
        ] as [(FaultyAugmentation.Fault, Set<String>)]
    )
    fileprivate func rule(_ fault: FaultyAugmentation.Fault, _ rules: Set<String>) {
        #expect(Set(checkAugmentation(FaultyAugmentation.self, settings: .init(fault: fault)).map(\.rule)) == rules)
    }

    @Test(
        "labels that are left where they were, or lost",
        arguments: [
            (.none, []), (.leavesLabels, ["labels-follow"]), (.dropsLabels, ["keeps-size"]),
        ] as [(FaultyWholePair.Fault, Set<String>)]
    )
    fileprivate func labels(_ fault: FaultyWholePair.Fault, _ rules: Set<String>) {
        let found = Set(checkAugmentation(FaultyWholePair.self, settings: .init(fault: fault)).map(\.rule))
        #expect(found.isSuperset(of: rules) && found.isEmpty == rules.isEmpty, "\(found)")
    }
}

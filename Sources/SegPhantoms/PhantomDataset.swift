import Foundation
public import SegCore

/// A synthetic center as a data set, generated in memory: no file is read or written.
///
/// ```swift
/// let dataset = PhantomDataset(center: .northern, count: 200, seed: 1)
/// ```
public struct PhantomDataset: LabelStating, Hashable {
    /// The center's name.
    public var name: String { generator.center.name }
    /// Images of the data set.
    public let count: Int
    /// Makes the images.
    public let generator: PhantomGenerator

    /// Traps if `count` is negative.
    ///
    /// - Parameter hasOtherStructure: whether images may show a second structure, as the label `other`.
    public init(center: SyntheticCenter, count: Int, seed: UInt64, hasOtherStructure: Bool = false) {
        precondition(count >= 0, "a data set cannot have a negative number of images")
        self.count = count
        generator = PhantomGenerator(center: center, seed: seed, hasOtherStructure: hasOtherStructure)
    }

    /// The lesion and, if asked for, `other`, which never overlap.
    public var labels: LabelSet {
        get throws {
            generator.hasOtherStructure ? try Self.labelsWithOther : .lesionOnly
        }
    }

    /// The label of the second structure.
    static let otherName = "other"

    static var labelsWithOther: LabelSet {
        get throws { try LabelSet([LabelSet.lesionName, otherName], isExclusive: true) }
    }

    public func records() throws -> [SampleRecord] {
        (0..<count).map(generator.record(at:))
    }

    /// Generates the image of one of this data set's records, which its `phantom://center/index` names.
    public func sample(for record: SampleRecord, decoder: any ImageDecoder) throws -> Sample {
        let file = record.imageFile
        guard file.scheme == "phantom", file.host() == name, let index = Int(file.lastPathComponent),
            (0..<count).contains(index)
        else {
            throw SegmentationError(
                file.absoluteString,
                "this is not one of the \(count) images of the synthetic center \(name)",
                cure: "ask for a record that `records()` lists"
            )
        }
        return try generator.sample(at: index)
    }
}

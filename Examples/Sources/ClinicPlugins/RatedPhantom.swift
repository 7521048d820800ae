import SegCore
import SegPhantoms

/// The synthetic center with a reader's BI-RADS category for each image.
public struct RatedPhantom: DatasetAdapter {
    public var name: String { phantom.name }
    private let phantom: PhantomDataset

    public init(center: SyntheticCenter, count: Int, seed: UInt64) {
        phantom = PhantomDataset(center: center, count: count, seed: seed)
    }

    public func records() throws -> [SampleRecord] {
        try phantom.records().map { record in
            var record = record
            switch record.pathology {
            case .malignant?: record.clinical.category = .highSuspicion
            case .benign?: record.clinical.category = .benign
            case .normal?: record.clinical.category = .negative
            case nil: break
            }
            return record
        }
    }

    public func sample(for record: SampleRecord, decoder: any ImageDecoder) throws -> Sample {
        var sample = try phantom.sample(for: record, decoder: decoder)
        sample.record = record
        return sample
    }
}

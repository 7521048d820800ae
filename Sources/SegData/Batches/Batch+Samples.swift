package import SegAugmentation
public import SegCore
import SegTensor

extension Batch {
    /// Samples as a model sees them at evaluation: scaled as its backbone asks, not augmented.
    ///
    /// Traps if there is no sample, or if their canvases differ in size.
    public init(_ samples: some Collection<PreparedSample>, scaling: ImageScaling = .standardized) {
        let labels = samples.first?.labels.map(\.name) ?? []
        self.init(samples.map(\.record), samples.map(\.pair), labels: labels, scaling: scaling)
    }

    /// The same as a view shows them.
    package init(_ samples: ArraySlice<PreparedSample>, _ view: ImageView?, scaling: ImageScaling) {
        guard let view else {
            self.init(samples, scaling: scaling)
            return
        }
        self.init(
            samples.map(\.record),
            samples.map { view.shown($0.pair) },
            labels: samples.first?.labels.map(\.name) ?? [],
            scaling: scaling
        )
    }

    /// Images with their masks, not standardized yet; this does it.
    ///
    /// - Parameters:
    ///   - labels: the names of the pairs' further labels.
    ///   - scaling: what the backbone asks for.
    init(_ records: [SampleRecord], _ pairs: [ImagePair], labels: [String], scaling: ImageScaling) {
        self.init(records, pairs, scaled: pairs.map { $0.scaled(scaling) }, labels: labels)
    }

    /// - Parameter scaled: the pairs as the backbone sees them.
    package init(_ records: [SampleRecord], _ pairs: [ImagePair], scaled: [ImagePair], labels: [String]) {
        guard let first = pairs.first else { preconditionFailure("a batch has at least one image") }
        let (width, height) = (first.width, first.height)
        precondition(
            pairs.allSatisfy { $0.width == width && $0.height == height },
            "the images of a batch have one size"
        )
        func joined(_ planes: [[Float]]) -> Tensor {
            Tensor(shape: [planes.count, 1, height, width]) { buffer in
                for (index, plane) in planes.enumerated() {
                    let target = buffer[(index * plane.count)..<((index + 1) * plane.count)]
                    _ = UnsafeMutableBufferPointer(rebasing: target).update(fromContentsOf: plane)
                }
            }
        }
        let colorCount = first.colors.count
        precondition(
            pairs.allSatisfy { $0.labels.count == labels.count && $0.colors.count == colorCount },
            "the images of a batch have the same labels and colors"
        )
        let images =
            colorCount == 0
            ? joined(scaled.map(\.image))
            : joined(scaled.flatMap(\.colors)).reshaped(to: [pairs.count, colorCount, height, width])
        self.init(
            images: images,
            masks: joined(pairs.map(\.mask)),
            pathologies: records.map(\.pathology),
            identifiers: records.map(\.id),
            intensities: joined(pairs.map(\.image)),
            coverage: joined(pairs.map(\.coverage)),
            records: records,
            labels: Dictionary(
                uniqueKeysWithValues: labels.enumerated().map { place, name in
                    (name, joined(pairs.map { $0.labels[place] }))
                }
            )
        )
    }
}

extension ImagePair {
    /// As a backbone sees it.
    package func scaled(_ scaling: ImageScaling) -> ImagePair {
        var pair = self
        switch scaling {
        case .standardized: pair.standardize()
        case .intensities: pair.clearPadding()
        }
        return pair
    }
}

public import SegTensor

/// What a head says about each image of a batch, beside its tensors: columns of `cases.csv`, entries of `results.json`, a
/// table of the report and members of what `segkit predict` writes.
public struct CaseReport: Hashable, Sendable {
    /// One value an image; `nil` where there is none.
    public enum Values: Hashable, Sendable {
        /// Numbers, with the true ones where they are known.
        case numbers([Double?], truth: [Double?])
        /// Classes by name, with the true ones where they are known.
        case classes([String?], truth: [String?])
        /// Maps in the size of the batch's images: pictures beside what `segkit predict` writes.
        case maps([ValueMap?])
    }

    /// The name in files: letters, digits, `-` and `_`. Two heads may use one name: then the second's is prefixed by the
    /// head's.
    public var name: String
    /// The name that readers see: `BI-RADS category`.
    public var title: String
    /// The values.
    public var values: Values

    /// Numbers, one an image: an age, a size.
    public init(_ name: String, title: String? = nil, numbers: [Double?], truth: [Double?] = []) {
        self.name = name
        self.title = title ?? name
        values = .numbers(numbers, truth: truth.isEmpty ? numbers.map { _ in nil } : truth)
    }

    /// Classes by name, one an image: `4a`, `irregular`.
    public init(_ name: String, title: String? = nil, classes: [String?], truth: [String?] = []) {
        self.name = name
        self.title = title ?? name
        values = .classes(classes, truth: truth.isEmpty ? classes.map { _ in nil } : truth)
    }

    /// Maps, one an image: uncertainty, a distance.
    ///
    /// - Parameters:
    ///   - maps: `[batch, 1, height, width]`, in the size of the batch's images.
    ///   - range: what is black and what is white in a picture of them.
    public init(_ name: String, title: String? = nil, maps: Tensor, range: ClosedRange<Float> = 0...1) {
        requireOperands(
            maps.shape.rank == 4 && maps.shape[1] == 1,
            "maps of shape \(maps.shape) cannot be reported",
            cure: "their shape is [batch, 1, height, width]",
            operation: "CaseReport"
        )
        self.name = name
        self.title = title ?? name
        let (width, height) = (maps.shape[3], maps.shape[2])
        values = .maps(
            (0..<maps.shape[0]).map { image in
                let pixels = maps.detached.sliced(0, image..<image + 1).values()
                return ValueMap(width: width, height: height, pixels: pixels, range: range)
            }
        )
    }

    /// How many images the predicted values are of.
    public var count: Int {
        switch values {
        case .maps(let maps): maps.count
        case .numbers(let values, _): values.count
        case .classes(let values, _): values.count
        }
    }

    /// How many images the true values are of.
    public var truthCount: Int {
        switch values {
        case .maps(let maps): maps.count
        case .numbers(_, let truth): truth.count
        case .classes(_, let truth): truth.count
        }
    }

    /// The map of one image; `nil` if this is not a report of maps, or the image has none.
    public func map(of image: Int) -> ValueMap? {
        if case .maps(let maps) = values { maps[image] } else { nil }
    }

    /// Whether this is a report of maps, which tables have no column for.
    public var isOfMaps: Bool { if case .maps = values { true } else { false } }

    /// What is said about one image in a number or a class.
    public subscript(image: Int) -> PredictedValue {
        switch values {
        case .maps: PredictedValue(name: name, title: title)
        case .numbers(let values, let truth):
            PredictedValue(name: name, title: title, number: values[image], trueNumber: truth[image])
        case .classes(let values, let truth):
            PredictedValue(name: name, title: title, label: values[image], trueLabel: truth[image])
        }
    }
}

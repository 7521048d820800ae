/// What a head says about each image of a batch, beside its tensors: columns of `cases.csv`, entries of `results.json`, a
/// table of the report and members of what `segkit predict` writes.
public struct CaseReport: Hashable, Sendable {
    /// One value an image; `nil` where there is none.
    public enum Values: Hashable, Sendable {
        /// Numbers, with the true ones where they are known.
        case numbers([Double?], truth: [Double?])
        /// Classes by name, with the true ones where they are known.
        case classes([String?], truth: [String?])
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

    /// How many images the predicted values are of.
    public var count: Int {
        switch values {
        case .numbers(let values, _): values.count
        case .classes(let values, _): values.count
        }
    }

    /// How many images the true values are of.
    public var truthCount: Int {
        switch values {
        case .numbers(_, let truth): truth.count
        case .classes(_, let truth): truth.count
        }
    }

    /// What is said about one image.
    public subscript(image: Int) -> PredictedValue {
        switch values {
        case .numbers(let values, let truth):
            PredictedValue(name: name, title: title, number: values[image], trueNumber: truth[image])
        case .classes(let values, let truth):
            PredictedValue(name: name, title: title, label: values[image], trueLabel: truth[image])
        }
    }
}

/// What a head says about one image: a number or a class.
public struct PredictedValue: Hashable, Sendable, Codable {
    /// The name in files.
    public var name: String
    /// The name that readers see.
    public var title: String
    /// The predicted number.
    public var number: Double?
    /// The true number; `nil` where it is not known.
    public var trueNumber: Double?
    /// The predicted class.
    public var label: String?
    /// The true class; `nil` where it is not known.
    public var trueLabel: String?

    public init(
        name: String,
        title: String,
        number: Double? = nil,
        trueNumber: Double? = nil,
        label: String? = nil,
        trueLabel: String? = nil
    ) {
        self.name = name
        self.title = title
        self.number = number
        self.trueNumber = trueNumber
        self.label = label
        self.trueLabel = trueLabel
    }

    /// Whether a true value is known.
    public var hasTruth: Bool { trueNumber != nil || trueLabel != nil }
}

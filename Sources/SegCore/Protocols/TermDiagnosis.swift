/// What a consistency term makes of one image: with the others of the validation part, all that ``TermDiagnosis`` reads.
public struct TermCase: Sendable {
    /// The predicted probability of malignancy; `nil` if the model predicts none.
    public var malignancy: Float?
    /// What the image shows; `nil` where unknown.
    public var pathology: Pathology?
    /// What ``ConsistencyTerm/report(_:_:)`` said of the image, by name.
    public var report: [String: Float]

    public init(malignancy: Float?, pathology: Pathology?, report: [String: Float]) {
        self.malignancy = malignancy
        self.pathology = pathology
        self.report = report
    }
}

/// How a consistency term fares.
public struct TermDiagnosis: Sendable {
    /// Single numbers by name, for curves over the epochs.
    public var figures: [(name: String, value: Float)]
    /// What is wrong, in a sentence that needs no context; `nil` if nothing is.
    public var warning: String?

    public init(figures: [(name: String, value: Float)] = [], warning: String? = nil) {
        self.figures = figures
        self.warning = warning
    }
}
